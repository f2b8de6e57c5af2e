from __future__ import annotations

import pytest

from quality import rule_starters
from quality.models import ContentRule
from tests import api

pytestmark = pytest.mark.django_db

RULES = "/api/v1/content-rules/"


def created(**fields):
    answer = api.editor().post(
        RULES, {"name": "Mine", "words": ["Fool", "fool", "clown"], **fields}
    )
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_a_rule_is_made_and_read_with_its_words():
    row = created(kind="words", default_action="reject")
    assert (row["words"], row["words_count"]) == (["Fool", "clown"], 2)
    assert api.client("view").get(f"{RULES}{row['id']}/").json()["words"] == ["Fool", "clown"]


def test_the_list_leaves_the_words_out(django_assert_num_queries):
    rule_starters.add()
    client = api.client("view")
    client.get(RULES)
    rows = client.get(f"{RULES}?kind=words").json()["results"]
    assert {row["words_count"] > 20 for row in rows} == {True}
    assert not any("words" in row for row in rows)


def test_words_are_added_and_not_doubled():
    row = created()
    answer = api.editor().post(f"{RULES}{row['id']}/words/", {"words": ["CLOWN", "jester"]})
    assert answer.json()["words"] == ["Fool", "clown", "jester"]


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"words": []}, "words", "The word list is empty. Write one word a line."),
        (
            {"kind": "expression", "expression": "("},
            "expression",
            "The expression cannot be read: missing ) at position 1",
        ),
        (
            {"kind": "refusal", "default_action": "mask"},
            "default_action",
            "What this kind of rule finds cannot be masked.",
        ),
    ],
)
def test_a_rule_that_cannot_work_is_refused_in_words(fields, field, sentence):
    answer = api.editor().post(RULES, {"name": "Mine", **fields})
    assert (answer.status_code, answer.json()["fields"]) == (400, {field: [sentence]})


def test_a_text_is_tried_without_being_stored():
    row = created(kind="personal", data_types=["phone"], words=[])
    answer = api.client("view").post(f"{RULES}{row['id']}/examine/", {"text": "打13812345678"})
    assert answer.json() == [
        {
            "code": "phone",
            "value": "138****5678",
            "count": 1,
            "sentence": "The record has a phone number: 138****5678.",
        }
    ]


def test_only_who_may_change_adds_words():
    row = created()
    assert (
        api.client("view").post(f"{RULES}{row['id']}/words/", {"words": ["x"]}).status_code == 403
    )
    assert api.client().get(RULES).status_code == 403
    assert ContentRule.objects.get().words_count == 2
