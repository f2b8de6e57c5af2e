from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.sanitising import (
    MAX_DEPTH,
    MAX_INTEGER_DIGITS,
    TooDeepError,
    clean,
    clean_text,
    is_clean_text,
)

ANY_TEXT = st.text(alphabet=st.characters(codec=None))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


def nested(depth: int) -> Any:
    value: Any = "core"
    for _level in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("甲乙😀", "甲乙😀"),
        ("a\x00b", "ab"),
        ("\x00", ""),
        ("a\ud800b", "a\ufffdb"),
        ("\udfff\x00\ud83d", "\ufffd\ufffd"),
        ("\x01\x1f\t\n", "\x01\x1f\t\n"),
    ],
)
def test_cleans_text_of_what_postgresql_refuses(text: str, expected: str) -> None:
    assert clean_text(text) == expected


@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_is_stable(text: str) -> None:
    result = clean_text(text)
    result.encode()
    assert "\x00" not in result
    assert is_clean_text(result)
    assert clean_text(result) == result


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_turns_numbers_that_json_lacks_into_null(value: float) -> None:
    assert clean({"score": value}) == {"score": None}


@pytest.mark.parametrize("value", [0, -1, 2**63, 10**400, 0.1, -0.0, 1e308, True, None])
def test_keeps_every_other_number(value: Any) -> None:
    assert clean([value]) == [value]


def test_turns_absurd_integers_into_null() -> None:
    assert clean(10**MAX_INTEGER_DIGITS) is None
    assert clean(-(10**MAX_INTEGER_DIGITS) + 1) is not None


def test_cleans_names_as_well() -> None:
    assert clean({"a\x00": {"b\ud800": 1}, 3: 2}) == {"a": {"b\ufffd": 1}, "3": 2}


def test_writes_foreign_values_as_text() -> None:
    assert clean({"a": (1, 2), "b": 1j}) == {"a": [1, 2], "b": "1j"}


def test_takes_the_deepest_allowed_nesting() -> None:
    assert clean(nested(MAX_DEPTH)) == nested(MAX_DEPTH)


def test_refuses_deeper_nesting() -> None:
    with pytest.raises(TooDeepError):
        clean(nested(MAX_DEPTH + 1))


@given(ANY_JSON)
def test_clean_values_survive_strict_json(value: Any) -> None:
    result = clean(value)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    json.dumps(result, ensure_ascii=False).encode()
