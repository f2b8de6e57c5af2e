"""A run's counters: what they are after each thing that can happen to its records."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from synthesis.models import Batch, Record, Run
from synthesis.models.quota import Counted, Quota
from tests import factories

pytestmark = pytest.mark.django_db
STATUSES = ["accepted", "pending", "duplicate", "malformed", "rejected", "surplus"]


@pytest.fixture
def run() -> Run:
    return factories.run(factories.task(target_count=3))


def made(*statuses: str) -> list[Record]:
    return [Record(status=status) for status in statuses]


def counted(run: Run) -> dict[str, int]:
    run.refresh_from_db()
    return {name: getattr(run, name) for name in Run.COUNTERS if getattr(run, name)}


def moved(run: Run, before: str, after: str) -> str:
    """Move one record of a run between two statuses; return the one that it got."""
    Run.objects.filter(pk=run.pk).update(**{before: 1})
    record = Record(status=after)
    run.recount(before, record)
    return str(record.status)


@pytest.mark.parametrize(
    ("there", "new", "became"),
    [
        (0, ["accepted"] * 3, ["accepted"] * 3),
        (0, ["accepted"] * 5, ["accepted"] * 3 + ["surplus"] * 2),
        (2, ["accepted"] * 2, ["accepted", "surplus"]),
        (3, ["accepted"], ["surplus"]),
        (3, ["pending"], ["surplus"]),
        # What waits takes no room: how the judge decides is not known yet.
        (2, ["pending"] * 4, ["pending"] * 4),
        (2, ["pending", "accepted"], ["pending", "accepted"]),
        (3, ["duplicate", "malformed", "rejected"], ["duplicate", "malformed", "rejected"]),
        (0, [], []),
    ],
    ids=[
        "just enough", "too many", "too many with others", "one more when full",
        "one to judge when full", "more to judge than missing", "both", "bad ones when full",
        "none",
    ],
)  # fmt: skip
def test_new_records_are_taken_up_to_the_target(run, there, new, became):
    Run.objects.filter(pk=run.pk).update(accepted=there)
    records = made(*new)
    run.take_quota(records)
    assert [record.status for record in records] == became
    assert counted(run) == dict(Counter(became) + Counter(accepted=there))


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", STATUSES)
def test_an_edited_record_leaves_one_counter_for_another(run, before, after):
    assert moved(run, before, after) == after
    assert counted(run) == {after: 1}


@pytest.mark.parametrize("before", [status for status in STATUSES if status != "accepted"])
def test_a_record_that_becomes_good_when_the_run_is_full_is_surplus(run, before):
    Run.objects.filter(pk=run.pk).update(accepted=3)
    assert moved(run, before, "accepted") == "surplus"
    assert counted(run) == {"accepted": 3, "surplus": 1}


def test_a_good_record_of_a_full_run_may_be_edited_and_stays_good(run):
    Run.objects.filter(pk=run.pk).update(accepted=3)
    record = Record(status="accepted")
    run.recount("accepted", record)
    assert (record.status, counted(run)) == ("accepted", {"accepted": 3})


def test_good_records_of_one_edit_make_room_for_others(run):
    Run.objects.filter(pk=run.pk).update(accepted=3, rejected=2)
    [worse, better, late] = made("rejected", "accepted", "accepted")
    run.recount_all([("rejected", better), ("rejected", late), ("accepted", worse)])
    assert [row.status for row in (worse, better, late)] == ["rejected", "accepted", "surplus"]
    assert counted(run) == {"accepted": 3, "rejected": 1, "surplus": 1}


@pytest.mark.parametrize("status", STATUSES)
def test_a_record_that_is_deleted_is_counted_no_more(run, status):
    Run.objects.filter(pk=run.pk).update(**{status: 2})
    run.uncount(Counter({status: 1}))
    assert counted(run) == {status: 1}


def test_counting_nothing_costs_no_update(run, django_assert_num_queries):
    with django_assert_num_queries(0):
        Run.shift(run.pk, Counter(accepted=1), Counter(accepted=1))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_counters_say_what_the_records_are(run, seed):
    rng = random.Random(seed)  # noqa: S311  reproducible, not secret
    records: list[Record] = []
    for _event in range(25):
        event = rng.choice(["come", "change", "go"])
        if event == "come":
            new = made(*rng.choices(STATUSES[:5], k=rng.randint(0, 3)))
            run.take_quota(new)
            records += new
        elif records and event == "change":
            record = rng.choice(records)
            before, record.status = record.status, rng.choice(STATUSES)
            run.recount(before, record)
        elif records:
            run.uncount(Counter([records.pop(rng.randrange(len(records))).status]))
        now = Counter(record.status for record in records)
        assert counted(run) == {name: count for name, count in now.items() if count}
        assert run.accepted <= run.target_count


class TestRecordsThatWaitForTheirJudge:
    @pytest.fixture
    def waiting(self, run):
        batch = Batch.objects.create(
            run=run, index=1, requested=4, seed=1, language_model=factories.language_model()
        )
        rows = factories.records(4, of_run=run)
        for position, row in enumerate(rows):
            fields = {"batch": batch, "position": position, "status": "pending"}
            Record.objects.filter(pk=row.pk).update(**fields)
            row.status, row.batch_id = "pending", batch.pk
        Run.objects.filter(pk=run.pk).update(accepted=0, pending=4, surplus=0)
        Batch.objects.filter(pk=batch.pk).update(accepted=0, pending=4, surplus=0)
        return rows

    def counters_of_batch(self):
        batch = Batch.objects.get()
        return {name: getattr(batch, name) for name in Batch.COUNTERS if getattr(batch, name)}

    def test_are_accepted_up_to_the_target(self, run, waiting):
        for row in waiting:
            row.status = "accepted"
        assert run.decide(waiting) == waiting
        assert [row.status for row in waiting] == ["accepted"] * 3 + ["surplus"]
        assert counted(run) == self.counters_of_batch() == {"accepted": 3, "surplus": 1}
        stored = Record.objects.order_by("pk").values_list("status", flat=True)
        assert list(stored) == ["accepted"] * 3 + ["surplus"]

    def test_are_counted_with_the_batch_that_made_them(self, run, waiting):
        waiting[0].status, waiting[1].status = "rejected", "accepted"
        run.decide(waiting[:2])
        expected = {"accepted": 1, "rejected": 1, "pending": 2}
        assert counted(run) == self.counters_of_batch() == expected

    def test_are_left_alone_when_somebody_else_decided(self, run, waiting):
        Record.objects.filter(pk=waiting[0].pk).update(status="surplus")
        Run.objects.filter(pk=run.pk).update(pending=3, surplus=1)
        waiting[0].status = waiting[1].status = "accepted"
        assert run.decide(waiting[:2]) == [waiting[1]]
        assert counted(run) == {"accepted": 1, "pending": 2, "surplus": 1}

    def test_are_left_alone_when_they_were_deleted(self, run, waiting):
        Record.objects.filter(pk=waiting[3].pk).delete()
        waiting[3].status = "accepted"
        assert run.decide(waiting[3:]) == []
        assert counted(run) == {"pending": 3}

    def test_keep_the_other_fields_that_the_judge_set(self, run, waiting):
        waiting[0].status, waiting[0].findings = "rejected", [{"code": "judge"}]
        run.decide(waiting[:1], ["findings"])
        assert Record.objects.get(pk=waiting[0].pk).findings == [{"code": "judge"}]

    def test_become_surplus_when_nobody_will_judge_them(self, run, waiting):
        run.give_up_pending()
        assert counted(run) == self.counters_of_batch() == {"surplus": 4}
        assert set(Record.objects.values_list("status", flat=True)) == {"surplus"}

    def test_giving_up_leaves_those_decided_as_they_are(self, run, waiting):
        waiting[0].status = "accepted"
        run.decide(waiting[:1])
        run.give_up_pending()
        run.give_up_pending()
        assert counted(run) == {"accepted": 1, "surplus": 3}


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("counts", "made_count", "failed", "rate"),
    [
        ({}, 0, 0, None),
        ({"pending": 5}, 5, 0, None),
        ({"accepted": 3, "surplus": 1}, 4, 0, 1.0),
        ({"accepted": 3, "surplus": 1, "duplicate": 2, "malformed": 1, "rejected": 1}, 8, 4, 0.5),
        ({"rejected": 2, "pending": 9}, 11, 2, 0.0),
    ],
    ids=["nothing", "all wait", "all good", "half good", "none good"],
)
def test_figures_follow_from_the_counters(counts, made_count, failed, rate):
    run = Run(**counts)
    assert (run.made, run.failed, run.success_rate) == (made_count, failed, rate)


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("accepted", "target", "percent", "is_full"),
    [(0, 3, 0, False), (1, 3, 33, False), (2, 3, 66, False), (3, 3, 100, True), (999, 1000, 99, 0)],
)
def test_a_run_is_at_a_hundred_percent_only_when_it_is_full(accepted, target, percent, is_full):
    run = Run(accepted=accepted, target_count=target)
    assert (run.progress_percent, run.is_full) == (percent, is_full)


@pytest.mark.any_database
def test_there_is_a_counter_for_every_status_of_a_record():
    assert set(Counted.COUNTERS) == set(Record.Status.values)
    assert issubclass(Run, Quota)
