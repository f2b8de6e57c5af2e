from __future__ import annotations

import pytest

from quality import dedup
from quality.models import ContentRule, PolicyChange, PolicyCheck
from quality.models.policy_check import PolicyCheckError
from quality.policy_checks import swap, words
from synthesis.models import Record, Run
from tests import factories
from tests.quality.policy_checks import checked

pytestmark = pytest.mark.django_db

SHORT, LONG = "Yes.", "Green tea is picked in spring and dried at once."


def test_applying_does_what_the_preview_said() -> None:
    dataset = checked.texts(SHORT, LONG)
    check = checked.applied(checked.check(dataset, min_characters=20))
    assert checked.statuses(dataset) == ["malformed", "accepted"]
    assert dataset.records.order_by("pk")[0].findings[-1]["code"] == "too_short"
    assert words.counts(check) == {"proposed": 0, "applied": 1, "skipped": 0}
    assert (check.state, check.can_apply, check.can_undo) == ("applied", False, True)


def test_a_check_after_applying_finds_nothing_more() -> None:
    dataset = checked.texts(SHORT, LONG)
    fields = {"min_characters": 20, "weights": {"length": 1}}
    checked.applied(checked.check(dataset, **fields))
    assert not checked.check(dataset, **fields).changes.exists()


def test_undoing_puts_everything_back() -> None:
    rule = ContentRule.objects.create(name="Mine", kind="words", words="spring")
    dataset = checked.texts(SHORT, LONG)
    before = checked.everything(dataset)
    rules = [{"rule": rule.pk, "action": "mask"}]
    check = checked.applied(checked.check(dataset, min_characters=20, rules=rules))
    assert "spring" not in dataset.records.order_by("pk")[1].content["answer"]
    check = checked.undone(check)
    assert checked.everything(dataset) == before
    assert (check.state, check.can_apply, check.can_undo) == ("undone", True, False)


def test_what_was_undone_can_be_applied_again() -> None:
    dataset = checked.texts(SHORT)
    check = checked.undone(checked.applied(checked.check(dataset, min_characters=20)))
    checked.applied(check)
    assert checked.statuses(dataset) == ["malformed"]


def test_records_changed_since_are_left_alone() -> None:
    dataset = checked.texts(SHORT, "No.", "Ok.")
    check = checked.check(dataset, min_characters=20)
    edited, approved, _untouched = dataset.records.order_by("pk")
    edited.content = {"answer": "Maybe."}
    edited.save()
    Record.objects.filter(pk=approved.pk).update(review="approved")
    check = checked.applied(check)
    assert checked.statuses(dataset) == ["accepted", "accepted", "malformed"]
    assert words.counts(check) == {"proposed": 0, "applied": 1, "skipped": 2}


def test_undoing_leaves_alone_what_people_decided_since() -> None:
    dataset = checked.texts(SHORT, "No.")
    check = checked.applied(checked.check(dataset, min_characters=20))
    decided = dataset.records.order_by("pk")[0]
    Record.objects.filter(pk=decided.pk).update(review="rejected")
    check = checked.undone(check)
    assert checked.statuses(dataset) == ["malformed", "accepted"]
    assert words.counts(check) == {"proposed": 1, "applied": 0, "skipped": 1}


def test_the_counters_of_runs_and_batches_follow_both_ways() -> None:
    run = factories.run(target_count=5)
    factories.records(3, of_run=run)
    check = checked.applied(checked.check(run.dataset, min_characters=500))
    counters = Run.objects.values_list("accepted", "malformed")
    assert counters.get(pk=run.pk) == (0, 3)
    checked.undone(check)
    assert counters.get(pk=run.pk) == (3, 0)


def test_a_run_that_filled_up_meanwhile_keeps_what_is_put_back_as_surplus() -> None:
    run = factories.run(target_count=2)
    factories.records(2, of_run=run)
    check = checked.applied(checked.check(run.dataset, min_characters=40))
    Record.objects.write(
        [
            Record(dataset=run.dataset, run=run, content={"question": LONG, "answer": f"{n}" * 40})
            for n in "ab"
        ],
        dataset=run.dataset,
        run=run,
    )
    checked.undone(check)
    assert checked.statuses(run.dataset) == ["surplus", "surplus", "accepted", "accepted"]
    assert Run.objects.values_list("accepted", "surplus").get(pk=run.pk) == (2, 2)


def test_a_record_whose_twin_was_accepted_since_stays_refused() -> None:
    checked.policy(min_characters=20, is_default=True)
    dataset = checked.texts(SHORT)
    check = checked.check(dataset)
    checked.policy(is_default=True)
    Record.objects.write([Record(dataset=dataset, content={"answer": SHORT})], dataset=dataset)
    check = checked.applied(check)
    assert checked.statuses(dataset) == ["malformed", "accepted"]
    assert words.counts(check)["skipped"] == 1


def test_later_records_meet_what_was_accepted_again() -> None:
    checked.policy(min_characters=20, is_default=True)
    dataset = checked.texts(SHORT)
    checked.applied(checked.check(dataset))
    again = [Record(dataset=dataset, content={"answer": SHORT})]
    dedup.mark_duplicates(again, dataset)
    assert (again[0].status, again[0].duplicate_of) == ("duplicate", dataset.records.get())


def test_an_applying_that_broke_off_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "PAGE_ROWS", 1)
    dataset = checked.texts(SHORT, "No.")
    check = checked.check(dataset, min_characters=20)
    first = check.changes.first()
    swap.swap(check, [first], PolicyChange.State.APPLIED)
    checked.applied(check)
    assert checked.statuses(dataset) == ["malformed", "malformed"]


@pytest.mark.any_database
def test_only_a_preview_is_applied_and_only_what_is_applied_is_undone() -> None:
    check = PolicyCheck(dataset=factories.dataset(), version=checked.policy().latest_version)
    check.begin()
    with pytest.raises(PolicyCheckError, match="There is nothing to apply: the preview has not"):
        check.apply()
    with pytest.raises(PolicyCheckError, match="There is nothing to undo: no change of this"):
        check.undo()
