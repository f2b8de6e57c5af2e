"""The quick test says yes only where jsonschema does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from quality.flat_schemas import quick_test
from synthesis import schemas

FLAT = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 1, "description": "What is asked."},
        "answer": {"type": "string", "maxLength": 5},
    },
    "required": ["question"],
}
CLOSED = {**FLAT, "additionalProperties": False}
VALUES = some.one_of(some.text(max_size=7), some.none(), some.booleans(), some.integers())
CONTENTS = some.dictionaries(some.sampled_from(["question", "answer", "other"]), VALUES)
TEXTS = {"question": "Tea?", "answer": "Yes."}


@pytest.mark.parametrize("schema", [FLAT, CLOSED])
def test_never_lets_through_what_jsonschema_refuses(schema):
    fits, validator = quick_test(schema), schemas.validator(schema)

    @settings(max_examples=100, deadline=None)
    @given(content=some.one_of(CONTENTS, VALUES))
    def refuses(content):
        assert not fits(content) or validator.is_valid(content)

    refuses()


@pytest.mark.parametrize("content", [TEXTS, {"question": "x"}, {"question": "茶", "answer": ""}])
def test_knows_contents_that_fit(content):
    assert quick_test(FLAT)(content)


@pytest.mark.parametrize(
    "content",
    [{}, {"answer": "Yes."}, {"question": ""}, {"question": "x", "answer": "Too long."}, [], None],
)
def test_leaves_what_does_not_fit_to_jsonschema(content):
    assert not quick_test(FLAT)(content)


@pytest.mark.parametrize(
    "other",
    [
        {"type": "array"},
        {"minProperties": 3},
        {"properties": {"question": {"type": "string", "pattern": "^T"}}},
        {"properties": {"question": {"type": ["string", "null"]}}},
        {"properties": {"question": {"type": "string", "minLength": 0.5}}},
        {"properties": {"question": True}},
        {"properties": {"question": {"enum": ["Tea?"]}}},
        {"patternProperties": {"^q": {"maxLength": 1}}},
        {"$ref": "#/$defs/record", "$defs": {"record": {}}},
    ],
)
def test_leaves_other_schemas_to_jsonschema(other):
    assert not quick_test({**FLAT, **other})(TEXTS)
