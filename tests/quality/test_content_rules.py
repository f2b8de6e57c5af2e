from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from quality import rule_starters
from quality.content import MASKABLE, Kind, apply
from quality.content.loading import active
from quality.models import ContentRule
from synthesis.models import Record

pytestmark = pytest.mark.django_db


def rule(**fields) -> ContentRule:
    row = ContentRule(**{"name": "Mine", "words": "fool", **fields})
    row.full_clean()
    row.save()
    return row


def problems(**fields) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        rule(**fields)
    return refused.value.message_dict


def test_keeps_each_word_once_and_counts_them():
    row = rule(words=" Fool \n\nfool\nbad   luck\n")
    assert (row.words, row.words_count) == ("Fool\nbad luck", 2)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"words": " \n "}, {"words": ["The word list is empty. Write one word a line."]}),
        (
            {"kind": "expression", "expression": "("},
            {"expression": ["The expression cannot be read: missing ) at position 1"]},
        ),
        ({"kind": "personal"}, {"data_types": ["Choose what to look for."]}),
        ({"kind": "personal", "data_types": ["x"]}, {"data_types": ["Choose what to look for."]}),
        (
            {"kind": "language", "languages": ["xx"]},
            {"languages": ["Choose languages of the list."]},
        ),
        (
            {"kind": "refusal", "default_action": "mask"},
            {"default_action": ["What this kind of rule finds cannot be masked."]},
        ),
    ],
)
def test_says_what_is_wrong_with_a_rule(fields, problem):
    assert problems(**fields) == problem


def test_drops_what_belongs_to_another_kind():
    row = rule(kind="url", words="fool", expression="x", languages=["en"])
    assert (row.words, row.expression, row.languages) == ("", "", [])


def test_rules_come_out_of_the_database_in_one_query(django_assert_num_queries):
    chosen = [{"rule": rule().pk, "action": "reject"}, {"rule": 0, "action": "flag"}]
    assert active([]) == ()
    [made_ready] = active(chosen)
    assert (made_ready.name, made_ready.action) == ("Mine", "reject")
    with django_assert_num_queries(1):
        assert active(chosen)[0].find is made_ready.find


def test_a_changed_rule_is_read_again():
    row = rule()
    chosen = [{"rule": row.pk, "action": "flag"}]
    before = active(chosen)[0].find
    row.words = "clown"
    row.save()
    assert active(chosen)[0].find is not before


def test_starters_are_valid_and_added_once():
    assert rule_starters.add() == len(rule_starters.RULES)
    assert rule_starters.add() == 0
    for row in ContentRule.objects.all():
        row.full_clean()
        assert row.is_starter
        assert row.words_count > 20 or row.kind != Kind.WORDS


def test_a_starter_leaves_a_name_that_is_taken():
    rule(name="Refusals", kind="url")
    rule_starters.add()
    assert ContentRule.objects.get(code="refusals").name == "Refusals (2)"


@pytest.mark.parametrize("name", list(rule_starters.POLICY_RULES))
def test_every_policy_names_starters_and_masks_what_can_be_masked(name):
    rule_starters.add()
    chosen = rule_starters.of_policy(name)
    assert len(chosen) == len(rule_starters.POLICY_RULES[name])
    assert len(active(chosen)) == len(chosen)
    kinds = dict(ContentRule.objects.values_list("pk", "kind"))
    assert all(kinds[row["rule"]] in MASKABLE for row in chosen if row["action"] == "mask")


def test_the_standard_policy_rejects_flags_and_masks():
    rule_starters.add()
    rules = active(rule_starters.of_policy("standard"))
    texts = ("I cannot assist with that.", "Call 13812345678", "sk-" + "a1b2c3d4e5" * 3, "Tea.")
    records = [Record(content={"answer": text}) for text in texts]
    apply(records, rules)
    assert [record.status for record in records] == ["rejected", "accepted", "accepted", "accepted"]
    assert [one["code"] for record in records for one in record.findings] == [
        "refusal",
        "phone",
        "api_key",
    ]
    assert records[2].content == {"answer": "[key]"}
