"""JSON that people write or upload: what no database stores is refused in words, not by a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from providers.admin.exchange import FileRefusedError, IndentedJSON, StructureWidget
from providers.admin.fields import StorableJSONField, StructureField
from providers.models import Provider
from providers.validation import check_storable

TOO_DEEP = "The JSON is nested deeper than 64 levels."
NOT_STORABLE = (
    "The JSON holds what no database stores: a NUL character, half a surrogate pair, or a"
    " number that is not finite or too large."
)
REFUSED = {
    "NUL": r'{"a": "\u0000"}',
    "NUL in a name": r'{"\u0000": 1}',
    "upper half of a pair": r'{"a": "\ud83d"}',
    "lower half of a pair": r'["\ude00"]',
    "not a number": '{"a": NaN}',
    "infinity": "[Infinity]",
    "minus infinity": "[-Infinity]",
    "a float that overflows": '{"a": 1e999}',
    "an integer of 1,200 digits": "[" + "9" * 1200 + "]",
}
TAKEN = {
    "an empty object": ("{}", {}),
    "a whole pair": (r'{"a": "\ud83d\ude00"}', {"a": "😀"}),
    "a backslash before u0000": (r'{"a": "\\u0000"}', {"a": r"\u0000"}),
    "the word NaN": ('{"a": "NaN"}', {"a": "NaN"}),
    "a long integer": ("[12345678901234567890]", [12345678901234567890]),
    "64 levels": ("[" * 64 + "]" * 64, json.loads("[" * 64 + "]" * 64)),
}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def refusal(text: str, field: type[forms.JSONField] = StructureField) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        field().clean(text)
    return list(caught.value.messages)


# The field


@pytest.mark.parametrize("field", [StructureField, StorableJSONField])
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_no_database_stores_is_refused(text: str, field: type[forms.JSONField]) -> None:
    assert refusal(text, field) == [NOT_STORABLE]


@pytest.mark.parametrize("depth", [65, 500, 100_000])
def test_what_is_too_deep_is_refused(depth: int) -> None:
    assert refusal("[" * depth + "]" * depth) == [TOO_DEEP]


@pytest.mark.parametrize(
    "text",
    ["{", "{'a': 1}", "{} {}", "nope", "9" * 5000],
    ids=["cut", "quotes", "two", "a word", "5,000 digits"],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    assert refusal(text) == ["Enter a valid JSON."]


@pytest.mark.parametrize(("text", "value"), TAKEN.values(), ids=TAKEN)
def test_what_can_be_stored_is_taken(text: str, value: Any) -> None:
    assert StructureField(required=False).clean(text) == value


@pytest.mark.parametrize(("text", "start"), [(REFUSED["NUL"], "JSON 中"), ("[" * 65, "JSON 嵌套")])
def test_the_refusal_speaks_chinese(text: str, start: str) -> None:
    closed = text if text.startswith("{") else text + "]" * 65
    with translation.override("zh-hans"):
        [sentence] = refusal(closed)
    assert sentence.startswith(start)


@given(ANY_JSON)
def test_every_value_is_stored_as_it_is_or_refused(value: Any) -> None:
    try:
        check_storable(value)
    except ValidationError:
        return
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in json.dumps(value).replace("\\\\", "")
    assert json.loads(text.encode()) == value


class OneField(forms.Form):
    extra = StructureField()


@pytest.mark.parametrize(
    "text",
    [*REFUSED.values(), "[" * 100_000, "{"],
    ids=[*REFUSED, "too deep", "no JSON"],
)
def test_a_refused_text_is_shown_again_as_it_was_written(text: str) -> None:
    form = OneField({"extra": text})
    assert not form.is_valid()
    assert form["extra"].value() == text
    assert str(form["extra"]).encode()


# Files


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_file_with_what_no_database_stores_is_refused(text: str) -> None:
    with pytest.raises(FileRefusedError) as caught:
        IndentedJSON().create_dataset(f'[{{"name": "m", "default_parameters": {text}}}]')
    assert str(caught.value) == NOT_STORABLE


def test_a_file_that_is_nested_too_deep_is_refused() -> None:
    deep = "[" * 70 + "]" * 70
    with pytest.raises(FileRefusedError) as caught:
        IndentedJSON().create_dataset(f'[{{"name": {deep}}}]')
    assert str(caught.value) == TOO_DEEP


@pytest.mark.parametrize("text", [REFUSED["NUL"], REFUSED["not a number"]])
def test_a_cell_of_a_table_with_what_no_database_stores_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        StructureWidget(dict).clean(text)
    assert caught.value.messages == [NOT_STORABLE]


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (dict, "", {}),
        (list, None, []),
        (dict, '{"a": 1}', {"a": 1}),
        (list, ["seed"], ["seed"]),
        (list, "[]", []),
    ],
)
def test_a_cell_is_read_as_text_or_as_it_is(kind: Any, cell: Any, value: Any) -> None:
    assert StructureWidget(kind).clean(cell) == value


# Through the page


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["extra_headers", "extra_body"])
@pytest.mark.parametrize("name", ["NUL", "not a number", "upper half of a pair"])
def test_a_provider_is_not_stored_with_it(admin_client: Client, field: str, name: str) -> None:
    given_fields = {
        "vendor": "vllm",
        "name": "Team",
        "timeout_seconds": 60,
        "extra_headers": "{}",
        "extra_body": "{}",
        field: REFUSED[name],
    }
    response = admin_client.post(reverse("admin:providers_provider_add"), given_fields)
    assert response.context["adminform"].form.errors == {field: [NOT_STORABLE]}
    assert not Provider.objects.filter(name="Team").exists()
