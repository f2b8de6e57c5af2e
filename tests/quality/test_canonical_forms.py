"""Which records count as the same, whatever they look like."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.dedup import digest_of
from quality.normalise import canonical, normalise, normalised

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=30)
WORDS = st.lists(st.text(alphabet="abcXYZ茶米123", min_size=1, max_size=5), min_size=1, max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
CONTENTS = st.dictionaries(TEXTS, VALUES, max_size=4)
# On a busy machine drawing takes as long as it takes.
unhurried = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def digest(content: Any) -> str:
    return digest_of(normalised(content))


def reversed_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: reversed_names(value[name]) for name in reversed(value)}
    return [reversed_names(item) for item in value] if isinstance(value, list) else value


@unhurried
@given(CONTENTS)
def test_the_order_of_names_never_makes_another_record(content: dict[str, Any]) -> None:
    assert digest(reversed_names(content)) == digest(content)


@unhurried
@given(CONTENTS)
def test_a_record_read_back_from_json_is_the_same_record(content: dict[str, Any]) -> None:
    assert digest(json.loads(json.dumps(content))) == digest(content)


@unhurried
@given(WORDS, st.sampled_from([" ", "\n", "\t", "\u3000", "  \r\n ", "\xa0"]))
def test_blanks_between_words_are_all_alike(words: list[str], blank: str) -> None:
    assert normalise(blank + blank.join(words) + blank) == normalise(" ".join(words))


@unhurried
@given(WORDS)
def test_full_width_letters_are_those_of_half_width(words: list[str]) -> None:
    text = " ".join(words)
    # U+FF01 to U+FF5E are the 94 visible ASCII characters, 0xFEE0 further on.
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    assert normalise(wide) == normalise(text)


@unhurried
@given(st.text(alphabet="éèüñ가각がぱ", max_size=10))
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)


@unhurried
@given(st.dictionaries(st.text(alphabet="abc"), st.text(alphabet="aB 茶\n１"), max_size=4))
def test_the_canonical_form_is_its_own_canonical_form(content: dict[str, str]) -> None:
    assert canonical(json.loads(canonical(content))) == canonical(content)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "1"}, {"a": 1}),
        ({"a": True}, {"a": 1}),
        ({"a": None}, {"a": ""}),
        ({"a": None}, {}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": ["x"]}, {"a": "x"}),
        ({"a": "x", "b": "y"}, {"a": "y", "b": "x"}),
        ({"A": "x"}, {"a": "x"}),
        ({"a": "teapot"}, {"a": "tea pot"}),
        ({"a": "3.5"}, {"a": "35"}),
        ({"a": "-5"}, {"a": "5"}),
        ({"a": "x<5"}, {"a": "x>5"}),
        ({"a": '","b":"'}, {"a": "", "b": ""}),
    ],
)
def test_records_of_different_meaning_stay_apart(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)
