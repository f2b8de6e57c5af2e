"""What must hold of a schema read out of an example, whatever the example is."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis import json_examples, schemas
from synthesis.parsing import parse_reply

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-99, 99)
    | st.floats(-9, 9)
    | st.text("a茶 ", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc茶", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)
RECORDS = st.lists(
    st.dictionaries(st.text("abc茶", min_size=1, max_size=2), VALUES, min_size=1, max_size=3),
    min_size=1,
    max_size=3,
)


@settings(max_examples=20)
@given(RECORDS)
def test_a_schema_made_of_examples_can_be_used(records):
    schemas.check(json_examples.record_schema(records))


@settings(max_examples=20)
@given(RECORDS)
def test_the_order_of_the_examples_does_not_matter_to_what_is_required(records):
    there = json_examples.record_schema(records)
    back = json_examples.record_schema(records[::-1])
    assert set(there["required"]) == set(back["required"])
    assert set(there["properties"]) == set(back["properties"])


@settings(max_examples=20)
@given(RECORDS, st.sampled_from(["输出格式：\n", "Output format: ", "例如\n", ""]))
def test_examples_are_found_in_a_prompt_around_them(records, heading):
    prompt = (
        f"Write {{count}} questions. {heading}{json.dumps(records, ensure_ascii=False)}\nThanks."
    )
    found = json_examples.find(prompt)
    assert found == records or _is_wrapper(records)


def _is_wrapper(records: list[dict[str, Any]]) -> bool:
    return len(records) == 1 and len(records[0]) == 1


@settings(max_examples=20)
@given(RECORDS)
def test_a_reply_of_the_examples_satisfies_the_reply_schema_and_is_read_back(records):
    schema = json_examples.record_schema(records)
    reply = {"items": records}
    asked = schemas.reply_schema(schema, len(records))
    assert schemas.validator(asked).is_valid(reply)
    assert not schemas.validator(asked).is_valid({"items": [*records, records[0]]})
    found = parse_reply(json.dumps(reply), schema=schema).drafts
    assert [draft.content for draft in found] == records


@settings(max_examples=20)
@given(RECORDS)
def test_checking_a_schema_leaves_it_as_it_is(records):
    schema = json_examples.record_schema(records)
    before = copy.deepcopy(schema)
    schemas.check(schema)
    schemas.reply_schema(schema, 3)
    schemas.instruction(schema, 3, "zh")
    assert schema == before
