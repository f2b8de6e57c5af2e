from __future__ import annotations

import pytest

from quality import scoring
from quality.models import ContentRule, PolicyChange, PolicyCheck
from quality.policy_checks import words
from synthesis.engine.background import Assignment
from synthesis.models import Record, Run
from tests import factories
from tests.quality.evaluation import datasets
from tests.quality.policy_checks import checked

pytestmark = pytest.mark.django_db

EXACT = {"check": "duplicate", "code": "exact"}
SHORT, LONG = "Yes.", "Green tea is picked in spring and dried at once."


def changed(check: PolicyCheck) -> list[tuple[str, str, str]]:
    return list(check.changes.values_list("status_before", "status_after", "reason"))


def test_the_same_policy_changes_nothing_and_says_so() -> None:
    dataset = checked.texts(SHORT, LONG, LONG)
    check = checked.check(dataset)
    assert changed(check) == []
    assert check.report["statuses_before"] == {"accepted": 2, "duplicate": 1}
    assert check.report["statuses_after"] == {"accepted": 2, "duplicate": 1}
    assert check.state == "previewed"


def test_a_preview_tells_what_would_be_refused_and_writes_no_record() -> None:
    dataset = checked.texts(SHORT, LONG)
    before = checked.everything(dataset)
    check = checked.check(dataset, min_characters=20)
    assert changed(check) == [("accepted", "malformed", "format:too_short")]
    assert check.report["findings"] == {"format:too_short": 1}
    assert checked.everything(dataset) == before


def test_a_refused_record_that_passes_would_be_accepted() -> None:
    dataset = factories.dataset()
    checked.policy(min_characters=20, is_default=True)
    record = Record.objects.write(
        [Record(dataset=dataset, content={"answer": SHORT})], dataset=dataset
    )[0]
    assert record.status == "malformed"
    check = checked.check(dataset)
    [move] = words.moves(check)
    assert (move.title, move.records) == ("malformed → accepted", 1)
    assert move.sentence.startswith("No longer: ")


def test_another_weight_changes_the_score_by_the_stored_parts() -> None:
    dataset = checked.texts(LONG)
    parts = {"completeness": 80, "length": 60, "repetition": 100}
    parts |= {"diversity": 100, "readability": 100, "format": 100}
    dataset.records.update(score=90.0, score_parts=parts)
    check = checked.check(dataset, weights={"length": 1}, minimum_score=70)
    row = PolicyChange.objects.get()
    assert (row.values["score"], row.values["score_parts"]) == (60.0, parts)
    assert changed(check) == [("accepted", "rejected", "score:below")]


def test_near_duplicates_among_accepted_records_are_found() -> None:
    """They came while near duplicates were allowed; the older one stays."""
    checked.policy(is_default=True)
    dataset = checked.texts(
        "Green tea is picked early in spring, and its leaves are dried at once in hot pans.",
        "Rome was not built in a day, and neither was any other town of that size.",
        "Green tea is picked early in spring and its leaves get dried at once in hot pans!",
    )
    assert checked.statuses(dataset) == ["accepted"] * 3
    check = checked.check(dataset, near_duplicates=True)
    [row] = check.changes.all()
    first, _other, third = dataset.records.order_by("pk")
    assert (row.record, row.reason) == (third, "duplicate:near")
    assert row.values["duplicate_of_id"] == first.pk


def test_what_counts_stays_and_older_refused_records_are_compared_with_it() -> None:
    checked.policy(min_characters=20, is_default=True)
    dataset = checked.texts(SHORT)
    dataset.records.update(content={"answer": LONG})
    Record.objects.write([Record(dataset=dataset, content={"answer": LONG})], dataset=dataset)
    assert checked.statuses(dataset) == ["malformed", "accepted"]
    check = checked.check(dataset)
    assert changed(check) == [("malformed", "duplicate", "duplicate:exact")]


def test_what_people_decided_is_not_touched_but_others_are_compared_with_it() -> None:
    dataset = checked.texts(SHORT, LONG, SHORT)
    first, second, third = dataset.records.order_by("pk")
    Record.objects.filter(pk__in=[first.pk]).update(review="rejected", status="rejected")
    Record.objects.filter(pk=second.pk).update(review="approved")
    Record.objects.filter(pk=third.pk).update(content={"answer": LONG}, status="malformed")
    check = checked.check(dataset, min_characters=40)
    assert check.report["decided_by_people"] == 2
    [row] = check.changes.all()
    assert (row.record, row.values["duplicate_of_id"]) == (third, second.pk)


def test_replies_without_a_record_are_counted_and_left() -> None:
    dataset = checked.texts(LONG)
    dataset.records.update(content=None, status="malformed", raw="no")
    assert checked.check(dataset).report["unreadable"] == 1


def test_stored_judge_scores_are_measured_by_the_new_pass_mark() -> None:
    dataset = checked.texts(SHORT, LONG, "Another one.")
    low, high, _unjudged = dataset.records.order_by("pk")
    Record.objects.filter(pk=low.pk).update(judge_score=50)
    Record.objects.filter(pk=high.pk).update(judge_score=70)
    judge = {"rubric": factories.rubric(), "judge_model": factories.language_model()}
    check = checked.check(dataset, **judge, judge_threshold=60)
    [row] = check.changes.all()
    assert row.finding == {"check": "judge", "code": "below", "score": 50.0, "threshold": 60.0}
    assert check.report["unjudged"] == 1


def test_a_full_run_would_keep_what_comes_back_as_surplus() -> None:
    checked.policy(min_characters=20, is_default=True)
    run = factories.run(target_count=1)
    for answer in (LONG, SHORT):
        record = Record(
            dataset=run.dataset, run=run, content={"question": "?" * 20, "answer": answer}
        )
        Record.objects.write([record], dataset=run.dataset, run=run)
    Record.objects.filter(pk=record.pk).update(status="malformed")
    Run.objects.update(accepted=1, malformed=1, surplus=0)
    assert changed(checked.check(run.dataset)) == [("malformed", "surplus", "")]


def test_masked_texts_are_proposed_with_what_they_hold() -> None:
    rule = ContentRule.objects.create(name="Mine", kind="words", words="spring")
    dataset = checked.texts(LONG)
    checked.check(dataset, rules=[{"rule": rule.pk, "action": "mask"}])
    row = PolicyChange.objects.get()
    assert "spring" not in row.values["content"]["answer"]
    assert dataset.records.get().content == {"answer": LONG}


def test_a_record_masked_before_keeps_its_finding() -> None:
    rule = ContentRule.objects.create(name="Mine", kind="words", words="spring")
    rules = [{"rule": rule.pk, "action": "mask"}]
    checked.policy(rules=rules, is_default=True)
    dataset = checked.texts(LONG)
    assert dataset.records.get().findings[0]["action"] == "mask"
    assert changed(checked.check(dataset, rules=rules)) == []


def test_a_preview_begun_again_replaces_what_the_dead_worker_left() -> None:
    dataset = checked.texts(SHORT)
    check = PolicyCheck(dataset=dataset, version=checked.policy(min_characters=9).latest_version)
    check.begin()
    row = {"record": dataset.records.get(), "status_before": "accepted"}
    check.changes.create(**row, status_after="rejected", print="0")
    assert changed(checked.worked_off(check)) == [("accepted", "malformed", "format:too_short")]


def test_a_worker_that_lost_its_job_writes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = checked.texts(SHORT)
    check = PolicyCheck(dataset=dataset, version=checked.policy(min_characters=9).latest_version)
    check.begin()
    monkeypatch.setattr(Assignment, "mine", lambda self: type(self.job).objects.none())
    from synthesis.engine import background

    background.perform_here(check.job)
    check.refresh_from_db()
    assert (check.report, check.changes.count()) == (None, 0)


def test_two_copies_of_a_weak_text_keep_their_reasons_when_it_is_checked_again() -> None:
    weak = {"score_parts": dict.fromkeys(scoring.PARTS, 20), "score": 20.0}
    dataset = factories.dataset()
    rows = [
        Record(dataset=dataset, content={"answer": LONG}, status=status, findings=said, **weak)
        for status, said in (("duplicate", [EXACT]), ("accepted", []))
    ]
    datasets.insert(rows)

    checked.applied(checked.check(dataset, minimum_score=30))

    assert checked.statuses(dataset) == ["duplicate", "rejected"]
    assert not checked.check(dataset, minimum_score=30).changes.exists()


def test_what_repeats_a_weak_record_of_its_page_is_measured_by_itself() -> None:
    dataset = factories.dataset()
    rows = [
        Record(
            dataset=dataset,
            content={"answer": LONG},
            score=score,
            score_parts=dict.fromkeys(scoring.PARTS, score),
        )
        for score in (20.0, 80.0)
    ]
    datasets.insert(rows)

    checked.applied(checked.check(dataset, minimum_score=30))

    assert checked.statuses(dataset) == ["rejected", "accepted"]
