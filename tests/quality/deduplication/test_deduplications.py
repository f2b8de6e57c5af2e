"""The whole way of an order: search, apply, undo, and what others did in between."""

from __future__ import annotations

from collections import Counter

import pytest

from quality import review
from quality.deduplication import jobs as steps
from quality.models import Band, Deduplication, Repeat
from synthesis.engine import background, leases
from synthesis.errors import WrongStateError
from synthesis.models import Job, Record, Run, Worker
from tests import factories
from tests.quality.deduplication.datasets import (
    KETTLE,
    KETTLES,
    OOLONG,
    REWORDED,
    ROME,
    applied,
    found,
    performed,
    unsearched,
)

pytestmark = pytest.mark.django_db


def stored(*rows: Record) -> list[tuple[str, int | None]]:
    known = Record.objects.in_bulk([row.pk for row in rows])
    return [(known[row.pk].status, known[row.pk].duplicate_of_id) for row in rows]


def undone(order: Deduplication) -> Deduplication:
    order.undo()
    return performed(order)


def snapshot() -> dict[int, dict[str, object]]:
    names = [field.attname for field in Record._meta.concrete_fields]
    return {row["id"]: row for row in Record.objects.values(*names)}


def test_a_search_changes_nothing():
    rows = unsearched(OOLONG, ROME, REWORDED)
    before = snapshot()
    order = found(rows[0].dataset)
    assert (order.state, order.searched, order.progress_percent) == ("found", 3, 100)
    assert order.counts() == {
        "clusters": 1,
        "copies": 1,
        "found": 1,
        "removed": 0,
        "skipped": 0,
        "restored": 0,
        "left": 0,
    }
    assert snapshot() == before


def test_applying_marks_copies_and_links_them_to_what_stays():
    first, other, copy = unsearched(OOLONG, ROME, REWORDED)
    order = applied(first.dataset)
    assert (order.state, order.counts()["removed"]) == ("applied", 1)
    assert stored(first, other, copy) == [
        ("accepted", None),
        ("accepted", None),
        ("duplicate", first.pk),
    ]
    said = Record.objects.get(pk=copy.pk).findings
    assert said == [
        {"check": "duplicate", "code": "near", "similarity": 0.815, "deduplication": order.pk}
    ]


def test_undo_puts_back_exactly_what_was_there():
    first, *_others = unsearched(OOLONG, ROME, REWORDED, KETTLE, KETTLES)
    before = snapshot()
    order = undone(applied(first.dataset))
    assert (order.state, order.counts()["restored"]) == ("undone", 2)
    assert snapshot() == before


def test_what_was_put_back_is_found_by_later_records():
    first, copy = unsearched(OOLONG, REWORDED)
    order = applied(first.dataset)
    Band.objects.filter(record=copy.pk).delete()
    undone(order)
    assert Band.objects.filter(record=copy.pk).exists()


def test_the_link_of_a_variant_comes_back():
    first, copy, other = unsearched(OOLONG, REWORDED, ROME)
    Record.objects.filter(pk=copy.pk).update(duplicate_of=other)
    undone(applied(first.dataset))
    assert stored(copy) == [("accepted", other.pk)]


def test_counts_of_runs_follow():
    run = factories.run()
    first, copy, _third = factories.records(3, of_run=run)
    for row, text in ((first, OOLONG), (copy, REWORDED)):
        Record.objects.filter(pk=row.pk).update(content={"question": text, "answer": ROME})
    order = applied(run.dataset)
    run.refresh_from_db()
    assert (run.accepted, run.duplicate) == (2, 1)
    undone(order)
    run.refresh_from_db()
    assert (run.accepted, run.duplicate) == (3, 0)


def test_what_a_full_run_has_no_room_for_comes_back_as_surplus():
    run = factories.run()
    first, copy = factories.records(2, of_run=run)
    for row, text in ((first, OOLONG), (copy, REWORDED)):
        Record.objects.filter(pk=row.pk).update(content={"question": text, "answer": ROME})
    order = applied(run.dataset)
    Run.objects.filter(pk=run.pk).update(target_count=1)
    undone(order)
    assert [status for status, _twin in stored(first, copy)] == ["accepted", "surplus"]


class TestMeanwhile:
    """What others did between the steps stands."""

    @pytest.fixture
    def rows(self):
        return unsearched(OOLONG, REWORDED)

    @pytest.mark.parametrize(
        ("place", "changes"),
        [
            (1, {"review": "approved"}),
            (1, {"status": "rejected"}),
            (1, {"content": {"text": ROME}}),
            (0, {"status": "rejected"}),
            (0, {"content": {"text": ROME}}),
        ],
    )
    def test_a_pair_that_changed_since_the_search_is_left_alone(self, rows, place, changes):
        order = found(rows[0].dataset)
        Record.objects.filter(pk=rows[place].pk).update(**changes)
        before = snapshot()
        order.apply()
        assert performed(order).counts()["skipped"] == 1
        assert snapshot() == before

    @pytest.mark.parametrize("place", [0, 1])
    def test_a_record_that_was_deleted_is_left_alone(self, rows, place):
        order = found(rows[0].dataset)
        Record.objects.filter(pk=rows[place].pk).delete()
        order.apply()
        assert performed(order).counts()["skipped"] == 1

    def test_a_record_that_was_deleted_does_not_come_back(self, rows):
        order = applied(rows[0].dataset)
        rows[1].delete()
        assert undone(order).counts()["left"] == 1

    @pytest.mark.parametrize("action", ["approved", "rejected"])
    def test_what_a_person_decided_since_is_not_undone(self, rows, action):
        order = applied(rows[0].dataset)
        review.decide(rows[1].pk, review.Order(action=action, note="Seen."))
        before = snapshot()
        assert undone(order).counts()["left"] == 1
        assert snapshot() == before

    def test_what_was_edited_since_is_not_undone(self, rows):
        order = applied(rows[0].dataset)
        record = Record.objects.get(pk=rows[1].pk)
        record.content = {"text": ROME}
        record.save()
        assert undone(order).counts()["left"] == 1

    def test_a_record_whose_content_another_has_by_now_does_not_come_back(self, rows):
        order = applied(rows[0].dataset)
        Record.objects.filter(pk=rows[0].pk).update(content_hash="", content={"text": ROME})
        Band.objects.all().delete()
        [again] = unsearched(REWORDED, of=rows[0].dataset)
        assert again.status == "accepted"
        assert undone(order).counts()["left"] == 1

    def test_of_two_orders_the_second_does_not_take_what_the_first_kept(self, rows):
        Record.objects.filter(pk=rows[1].pk).update(score=100.0)
        best, oldest = found(rows[0].dataset), found(rows[0].dataset, keep="oldest")
        for order in (best, oldest):
            order.apply()
            performed(order)
        assert [order.counts()["removed"] for order in (best, oldest)] == [1, 0]
        assert Counter(status for status, _twin in stored(*rows)) == {"accepted": 1, "duplicate": 1}


class TestBrokenOff:
    @pytest.fixture
    def order(self, monkeypatch):
        monkeypatch.setattr(steps, "PAGE_REPEATS", 1)
        rows = unsearched(OOLONG, KETTLE, REWORDED, KETTLES)
        return found(rows[0].dataset)

    def die(self, order, monkeypatch, after=1):
        """Work at it until so many pages are through, then die without a word."""
        genuine, pages = steps.changes.remove, []

        def remove(page, comparison):
            pages.append(page)
            if len(pages) > after:
                raise SystemExit
            genuine(page, comparison)

        monkeypatch.setattr(steps.changes, "remove", remove)
        worker = leases.register(Worker.Role.JOB)
        with pytest.raises(SystemExit):
            steps.deduplicate(background.Assignment(background.claim(worker), worker))
        monkeypatch.setattr(steps.changes, "remove", genuine)
        leases.dismiss(worker.pk)

    def test_goes_on_where_a_dead_worker_stopped(self, order, monkeypatch):
        order.apply()
        self.die(order, monkeypatch)
        assert order.counts()["removed"] == 1
        assert performed(order).state == "applied"
        assert order.counts()["removed"] == 2

    def test_a_search_that_is_begun_again_finds_each_copy_once(self, order):
        Deduplication.objects.update(is_step_done=False)
        Job.objects.update(state="waiting")
        assert performed(order).counts()["copies"] == 2

    def test_what_was_cancelled_can_be_taken_up_or_undone(self, order, monkeypatch):
        order.apply()
        self.die(order, monkeypatch)
        order.cancel()
        order.refresh_from_db()
        assert (order.state, order.counts()["removed"]) == ("cancelled", 1)
        order.apply()
        assert performed(order).counts()["removed"] == 2

    def test_a_cancelled_job_changes_nothing_more(self, order, monkeypatch):
        order.apply()
        self.die(order, monkeypatch)
        order.cancel()
        background.perform_here(order.job)
        assert order.counts()["removed"] == 1
        order.undo()
        assert performed(order).state == "undone"


class TestStates:
    def test_a_new_one_is_searching(self):
        order = Deduplication.start(factories.dataset())
        assert (order.state, order.is_open, order.progress_percent) == ("searching", True, 0)
        assert str(order.state_label) == "searching"

    @pytest.mark.parametrize("command", ["apply", "undo"])
    def test_commands_need_something_to_do(self, command):
        order = found(factories.dataset())
        assert (order.state, order.counts()["copies"]) == ("found", 0)
        with pytest.raises(WrongStateError):
            getattr(order, command)()

    def test_nothing_is_applied_while_it_is_searched(self):
        rows = unsearched(OOLONG, REWORDED)
        order = found(rows[0].dataset)
        order.apply()
        with pytest.raises(WrongStateError):
            order.apply()

    def test_one_whose_dataset_is_gone_went_with_it(self):
        order = Deduplication.start(factories.dataset())
        job = order.job
        order.dataset.delete()
        assert not Deduplication.objects.exists()
        assert background.perform_here(job).reason == (
            "The deduplication was deleted before it had ended."
        )

    def test_one_whose_job_is_gone_says_so(self):
        order = Deduplication.start(factories.dataset())
        Job.objects.all().delete()
        order.refresh_from_db()
        assert (order.state, order.progress_percent) == ("failed", 0)
        assert order.reason == "Its background job is gone. Start another one."
        with pytest.raises(WrongStateError):
            order.cancel()

    def test_clusters_come_largest_first(self):
        kettle, oolong, *_copies = unsearched(KETTLE, OOLONG, REWORDED, f"Well, {OOLONG}", KETTLES)
        order = found(kettle.dataset)
        assert list(order.repeats.clusters()) == [
            {"kept": oolong.pk, "copies": 2},
            {"kept": kettle.pk, "copies": 1},
        ]
        assert str(Repeat.objects.order_by("pk")[0]).endswith(f" = {oolong.pk}")
