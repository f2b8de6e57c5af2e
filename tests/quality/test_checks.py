"""The checks as a policy switches them on, over records as they come."""

from __future__ import annotations

import pytest

from quality import rule_starters, starters
from quality.models import ContentRule, DatasetQuality, QualityPolicy, TaskQuality
from synthesis.models import Record
from tests import factories

pytestmark = pytest.mark.django_db

GOOD = {
    "question": "How does tea get its colour?",
    "answer": "The leaves give it to the water while it is hot.",
}


def run_under(policy: QualityPolicy, **of_template):
    task = factories.task(template=factories.template(**of_template))
    TaskQuality.objects.create(task=task, policy=policy)
    return factories.run(task)


def write(run, content):
    (row,) = Record.objects.write(
        [Record(dataset=run.dataset, run=run, content=content)], dataset=run.dataset, run=run
    )
    return row


def policy(**fields) -> QualityPolicy:
    row = QualityPolicy(name="Ours", **fields)
    row.full_clean()
    row.save()
    return row


def checks_of(row) -> list[tuple[str, str]]:
    return [(finding["check"], finding["code"]) for finding in row.findings]


def test_a_good_record_passes_the_strict_policy():
    starters_of = {policy.name: policy for policy in installed()}
    row = write(run_under(starters_of["Strict"]), GOOD)
    assert (row.status, row.findings) == ("accepted", [])
    assert row.score >= 60


def installed():
    rule_starters.add()
    starters.add()
    return QualityPolicy.objects.all()


@pytest.mark.parametrize(
    ("name", "status"), [("Loose", "accepted"), ("Standard", "rejected"), ("Strict", "rejected")]
)
def test_policies_differ_in_what_they_do_about_a_refusal(name, status):
    ours = installed().get(name=name)
    refusal = {**GOOD, "answer": "I'm sorry, but I can't help with that request."}
    row = write(run_under(ours), refusal)
    assert row.status == status
    assert "content" in [check for check, _code in checks_of(row)]


def test_a_rule_that_masks_changes_what_is_stored():
    rule_starters.add()
    rule = ContentRule.objects.get(code="personal-data")
    run = run_under(policy(rules=[{"rule": rule.pk, "action": "mask"}]))
    row = write(run, {**GOOD, "answer": "Write to anna@teahouse.cn about the leaves of tea."})
    assert row.status == "accepted"
    assert "anna@teahouse.cn" not in Record.objects.get(pk=row.pk).content["answer"]


def test_a_record_that_is_too_short_is_malformed():
    row = write(run_under(policy(min_characters=200)), GOOD)
    assert (row.status, checks_of(row)) == ("malformed", [("format", "too_short")])


def test_empty_fields_are_refused_unless_the_policy_lets_them_pass():
    empty = {**GOOD, "answer": "N/A"}
    assert write(run_under(policy()), empty).status == "malformed"
    QualityPolicy.objects.update(name="Before")
    run = run_under(policy(refuse_empty_fields=False))
    assert write(run, empty).status == "accepted"


@pytest.mark.parametrize(("is_checked", "status"), [(True, "malformed"), (False, "accepted")])
def test_the_language_is_checked_where_the_policy_says_so(is_checked, status):
    run = run_under(policy(check_language=is_checked), expected_language="zh")
    assert write(run, GOOD).status == status


@pytest.mark.parametrize(("is_checked", "status"), [(True, "malformed"), (False, "accepted")])
def test_code_is_checked_where_the_policy_says_so(is_checked, status):
    run = run_under(policy(check_code=is_checked), code_fields={"answer": "json"})
    assert write(run, GOOD).status == status


def test_a_low_score_rejects():
    row = write(run_under(policy(minimum_score=99.5)), GOOD)
    assert (row.status, checks_of(row)) == ("rejected", [("score", "below")])


def test_records_without_a_run_are_checked_by_the_policy_of_their_dataset():
    dataset = factories.dataset()
    DatasetQuality.objects.create(dataset=dataset, policy=policy(min_characters=200))
    row = Record(dataset=dataset, content=GOOD)
    row.save()
    assert checks_of(row) == [("format", "too_short")]


def test_the_deciding_finding_comes_last():
    rule_starters.add()
    rule = ContentRule.objects.get(code="web-addresses")
    ours = policy(rules=[{"rule": rule.pk, "action": "flag"}], minimum_score=99.9)
    row = write(run_under(ours), {**GOOD, "answer": "See https://example.org/tea for leaves."})
    assert [check for check, _code in checks_of(row)] == ["content", "score"]
