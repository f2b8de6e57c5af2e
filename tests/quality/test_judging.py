from __future__ import annotations

from dataclasses import replace

import pytest

from quality import findings, judging
from quality.models import PolicyVersion, Rubric, RubricVersion
from quality.policies import Effective
from synthesis.models import Record, Run

RUN = Run(seed=1)


def settings(**fields):
    policy = PolicyVersion(judge_model_id=1)
    usual = judging.JudgeSettings.of(effective(policy, RubricVersion(rubric=Rubric())))
    return replace(usual, **fields)


def effective(policy, rubric_version=None):
    return Effective(
        policy=policy,
        duplicate_threshold=None,
        minimum_score=0,
        judge_threshold=60,
        rubric_version=rubric_version,
    )


def record(**fields):
    return Record(**{"batch_id": 7, "content_hash": "a" * 64, **fields})


def held(row, run=RUN, **fields):
    judging.hold([row], run, settings(**fields))
    return row.status


def settled(*scores, **fields):
    row = record(findings=[{"check": "score", "code": "low"}])
    judging.settle(row, scores, settings(**fields))
    return row


def test_a_good_new_record_of_a_run_waits_for_its_judge():
    assert held(record()) == "pending"


@pytest.mark.parametrize("status", ["duplicate", "malformed", "rejected", "surplus"])
def test_no_judge_is_paid_for_a_record_that_failed_before(status):
    assert held(record(status=status)) == status


@pytest.mark.parametrize("fields", [{"pk": 5}, {"batch_id": None}])
def test_an_edit_or_an_import_waits_for_nobody(fields):
    assert held(record(**fields)) == "accepted"


def test_a_record_without_a_run_waits_for_nobody():
    assert held(record(), run=None) == "accepted"


def test_without_a_judge_nobody_waits():
    row = record()
    judging.hold([row], RUN, None)
    assert row.status == "accepted"


def test_a_sample_holds_about_its_share_and_always_the_same_ones():
    hashes = [f"{number:064x}" for number in range(2000)]
    chosen = [judging.is_in_sample(1, text, 30) for text in hashes]
    assert 520 < sum(chosen) < 680
    assert chosen == [judging.is_in_sample(1, text, 30) for text in hashes]
    assert chosen != [judging.is_in_sample(2, text, 30) for text in hashes]


@pytest.mark.parametrize(("share", "waits"), [(0, False), (100, True)])
def test_none_or_all_are_in_the_sample(share, waits):
    assert {judging.is_in_sample(1, f"{number:064x}", share) for number in range(99)} == {waits}


@pytest.mark.parametrize(
    ("scores", "status", "score"),
    [
        ((60,), "accepted", 60),
        ((59.99,), "rejected", 59.99),
        ((50, 70), "accepted", 60),
        ((50, 69), "rejected", 59.5),
        ((33.33, 66.67, 100), "accepted", 66.67),
    ],
)
def test_the_mean_of_the_judges_decides(scores, status, score):
    row = settled(*scores)
    assert (row.status, row.judge_score) == (status, score)


def test_a_rejection_says_score_and_threshold_after_what_was_found_before():
    assert settled(40.5).findings == [
        {"check": "score", "code": "low"},
        {"check": "judge", "code": "below", "score": 40.5, "threshold": 60},
    ]


@pytest.mark.parametrize(
    ("policy", "scores", "codes"),
    [
        ({}, (75, 100), []),
        ({}, (74, 100), ["disagreement"]),
        ({"judge_disagreement": 40}, (60, 100), []),
        ({"judge_disagreement": 40}, (59.5, 100), ["disagreement"]),
        ({"judge_disagreement": 0}, (99, 99.01), ["disagreement"]),
        ({"judge_disagreement": 100}, (100, 0), ["below"]),
    ],
)
def test_judges_further_apart_than_the_policy_allows_are_a_finding(policy, scores, codes):
    found = effective(PolicyVersion(**policy), RubricVersion(rubric=Rubric()))
    row = record()
    judging.settle(row, scores, judging.JudgeSettings.of(found))
    assert [said["code"] for said in row.findings] == codes


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (
            {"code": "below", "score": 40.5, "threshold": 60},
            "The judge gives 40.5 of 100; 60.0 are needed.",
        ),
        (
            {"code": "disagreement", "lowest": 25, "highest": 100},
            "The judges disagree: 25.0 and 100.0 of 100.",
        ),
    ],
)
def test_findings_are_told_in_words(finding, sentence):
    assert findings.sentence({"check": "judge", **finding}) == sentence


@pytest.mark.parametrize(
    ("code", "detail", "sentence"),
    [
        (
            "no_score",
            "Style",
            "The judge gave a score that is not a whole number from 1 to 5. Style",
        ),
        ("refused", "", "The judge refused to answer."),
    ],
)
def test_a_judge_that_failed_is_told_in_words(code, detail, sentence):
    assert judging.problem(code, detail) == sentence


def test_a_policy_without_a_judge_has_no_settings():
    assert judging.JudgeSettings.of(effective(None)) is None


@pytest.mark.parametrize(("models", "names"), [((1,), ["first"]), ((1, 2), ["first", "second"])])
def test_each_judge_has_a_position(models, names):
    assert list(settings(models=models).positions) == names
