"""What a check says and does, against the same worked out here from the rules in words."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from quality import scoring
from quality.models import PolicyCheck
from quality.policy_checks import swap, words
from quality.shelves import LIVE
from synthesis.models import Dataset, Record, Run
from tests import factories
from tests.quality.evaluation import datasets
from tests.quality.policy_checks import checked

pytestmark = pytest.mark.django_db

SEEDS = range(5)
ANSWERS = [letter * count for letter in "abc" for count in (4, 12, 40, 90)]
REASONS = {
    "malformed": {"check": "format", "code": "too_short", "value": 4, "limit": 5},
    "duplicate": {"check": "duplicate", "code": "exact"},
    "rejected": {"check": "score", "code": "below", "score": 1, "minimum": 2},
}
LENGTH_POINTS = {"a": 20, "b": 40, "c": 80}
STATUSES = ["accepted"] * 5 + ["surplus", "surplus", *REASONS, "malformed", "rejected"]


@dataclass(frozen=True)
class Wanted:
    """What a policy asks, drawn by a seed."""

    shortest: int
    longest: int
    minimum: float

    @classmethod
    def drawn(cls, dice: random.Random) -> Wanted:
        return cls(dice.choice([0, 5, 20]), dice.choice([30, 60, 500]), dice.choice([0, 30, 60]))

    def check(self, dataset: Dataset) -> PolicyCheck:
        return checked.check(
            dataset,
            min_characters=self.shortest,
            max_characters=self.longest,
            minimum_score=self.minimum,
            weights={"length": 1},
        )

    def refuses(self, record: Record) -> str:
        """Name the status of a record that is refused for itself; empty for one that passes."""
        if not self.shortest <= len(record.content["answer"]) <= self.longest:
            return "malformed"
        return ""

    def is_low(self, record: Record) -> bool:
        return record.score_parts["length"] < self.minimum


@dataclass(frozen=True)
class Case:
    dataset: Dataset
    wanted: Wanted

    @property
    def records(self) -> list[Record]:
        return list(self.dataset.records.order_by("pk"))


def made(seed: int, *, with_run: bool = False) -> Case:
    dice = random.Random(seed)  # noqa: S311  rows, not a secret
    run = factories.run() if with_run else None
    dataset = run.dataset if run else factories.dataset()
    if run:
        # The template would refuse an answer alone.
        type(run.template_version).objects.update(output_schema={})
    rows = [row(dataset, run, dice) for _number in range(12)]
    datasets.insert(rows)
    if run:
        counts = Counter(record.status for record in rows)
        room = dice.randint(0, 2)
        counters = {name: counts[name] for name in ("accepted", "surplus", *REASONS)}
        Run.objects.update(target_count=counts["accepted"] + room, **counters)
    return Case(dataset, Wanted.drawn(dice))


def row(dataset: Dataset, run: Run | None, dice: random.Random) -> Record:
    status = dice.choice(STATUSES)
    answer = dice.choice(ANSWERS)
    parts = dict.fromkeys(scoring.PARTS, 50) | {"length": LENGTH_POINTS[answer[0]]}
    return Record(
        dataset=dataset,
        run=run,
        content={"answer": answer},
        status=status,
        review="approved" if status == "accepted" and dice.random() < 0.2 else "unreviewed",
        findings=[REASONS[status]] if status in REASONS else [],
        score=50.0,
        score_parts=parts,
    )


def ranked(records: Iterable[Record]) -> list[Record]:
    """Accepted records come first, then surplus, then refused ones, each by age."""
    places = {"accepted": 0, "surplus": 1}
    return sorted(records, key=lambda record: (places.get(record.status, 2), record.pk))


def worked_out(case: Case, room: int | None = None) -> dict[int, str]:
    """Say by the rules what becomes of each record; room is what a run may still accept."""
    records = case.records
    after = {record.pk: record.status for record in records if record.review == "approved"}
    seen = {record.content["answer"] for record in records if record.pk in after}
    for record in ranked(record for record in records if record.pk not in after):
        status = case.wanted.refuses(record)
        if not status and record.content["answer"] in seen:
            keeps = record.status == "rejected" and case.wanted.is_low(record)
            status = "rejected" if keeps else "duplicate"
        if not status and case.wanted.is_low(record):
            # It keeps the reason that it had, which of two copies is as true as the other.
            status = "duplicate" if record.status == "duplicate" else "rejected"
        if not status:
            seen.add(record.content["answer"])
            status = "surplus" if record.status == "surplus" else "accepted"
            if room is not None and record.status not in ("accepted", "surplus"):
                status, room = ("accepted", room - 1) if room > 0 else ("surplus", room)
        elif room is not None and record.status == "accepted":
            room += 1
        after[record.pk] = status
    return after


def stored(dataset: Dataset) -> dict[int, str]:
    return dict(dataset.records.values_list("pk", "status"))


def counted(run: Run) -> dict[str, int]:
    """Count the records of a run by status, beside what the run says."""
    names = ("accepted", "surplus", *REASONS)
    found = Counter(run.records.values_list("status", flat=True))
    run.refresh_from_db()
    assert {name: getattr(run, name) for name in names} == {name: found[name] for name in names}
    return dict(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_preview_says_what_the_rules_say(seed: int) -> None:
    case = made(seed)
    expected, before = worked_out(case), stored(case.dataset)
    check = case.wanted.check(case.dataset)
    moved = dict(check.changes.values_list("record", "status_after"))
    assert {**before, **moved} == expected
    assert stored(case.dataset) == before


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_are_those_of_the_records_people_did_not_decide_on(seed: int) -> None:
    case = made(seed)
    expected = worked_out(case)
    open_ones = {record.pk for record in case.records if record.review == "unreviewed"}
    report = case.wanted.check(case.dataset).report
    assert report["statuses_after"] == Counter(expected[pk] for pk in open_ones)
    assert report["statuses_before"] == Counter(
        record.status for record in case.records if record.pk in open_ones
    )
    assert report["decided_by_people"] == len(expected) - len(open_ones)


@pytest.mark.parametrize("seed", SEEDS)
def test_applying_gives_each_record_the_status_that_was_announced(seed: int) -> None:
    case = made(seed)
    expected = worked_out(case)
    check = checked.applied(case.wanted.check(case.dataset))
    assert stored(case.dataset) == expected
    assert words.counts(check)["skipped"] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_undoing_leaves_no_trace(seed: int) -> None:
    case = made(seed)
    before = checked.everything(case.dataset)
    checked.undone(checked.applied(case.wanted.check(case.dataset)))
    now = checked.everything(case.dataset)
    assert [pruned(row) for row in now] == [pruned(row) for row in before]


def pruned(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out when a row was written, and prints that were missing before."""
    skipped = ("updated_at", "content_hash", "simhash")
    return {name: value for name, value in row.items() if name not in skipped}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_check_after_applying_moves_nothing_in_or_out(seed: int) -> None:
    case = made(seed)
    checked.applied(case.wanted.check(case.dataset))
    again = case.wanted.check(case.dataset).changes.values_list("status_before", "status_after")
    assert [move for move in again if move[0] != move[1]] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_moves_add_up_to_the_changes(seed: int) -> None:
    case = made(seed)
    check = case.wanted.check(case.dataset)
    moves = words.moves(check)
    assert sum(move.records for move in moves) == check.changes.count()
    for move in moves:
        samples = words.samples(check, move)
        assert len(samples) == min(move.records, words.SAMPLES)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_full_run_accepts_no_more_than_its_target(seed: int) -> None:
    case = made(seed, with_run=True)
    run = Run.objects.get()
    expected = worked_out(case, run.target_count - run.accepted)
    checked.applied(case.wanted.check(case.dataset))
    assert stored(case.dataset) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_counters_of_a_run_are_those_of_its_records_all_the_way(seed: int) -> None:
    case = made(seed, with_run=True)
    run = Run.objects.get()
    before = counted(run)
    check = checked.applied(case.wanted.check(case.dataset))
    counted(run)
    checked.undone(check)
    assert counted(run) == before


@pytest.mark.parametrize("seed", SEEDS)
def test_no_text_counts_twice_while_changes_are_applied_one_by_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two accepted records of one text were there before; the check must add none."""
    monkeypatch.setattr(swap, "PAGE_ROWS", 1)
    case = made(seed)
    check = case.wanted.check(case.dataset)
    copies = [repeated_texts(case.dataset)]
    plain = swap.swap

    def watched(*arguments: Any) -> None:
        plain(*arguments)
        copies.append(repeated_texts(case.dataset))

    monkeypatch.setattr(swap, "swap", watched)
    checked.applied(check)
    assert copies == sorted(copies, reverse=True)


def repeated_texts(dataset: Dataset) -> int:
    """Count the records that count and say what another one that counts says."""
    live = dataset.records.filter(status__in=LIVE)
    found = Counter(content["answer"] for content in live.values_list("content", flat=True))
    return found.total() - len(found)
