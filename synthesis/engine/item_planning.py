"""Which rows or chunks of a source the next calls show, and how many records they ask for.

The first pass goes through the items round by round, in an order that the run's seed shuffles:
neighbours in a document are often good for nothing together. The number of a batch alone tells
what it shows. After that, a run with a number of records for each item asks again for what
items lack; one that spreads its target goes on around the items.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from synthesis.models import Batch, Record, Run, SourceItem

LOOKED_UP_AT_ONCE = 5000


class Stop(NamedTuple):
    """A call of a pass: so many items, from a place in the shuffled order, so many records each."""

    first: int
    items: int
    each: int


class Ask(NamedTuple):
    """What one batch is to ask for; items are ids."""

    requested: int
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tour:
    """The calls of a first pass over a run's items, each worked out from its number.

    Whole rounds ask as much of every item as one call may; the last one asks for the rest,
    which for the first few items is one more.
    """

    items: int
    target: int
    batch_size: int
    items_per_call: int
    seed: int

    @classmethod
    def of(cls, run: Run) -> Tour:
        assert run.source is not None  # noqa: S101  narrows the type
        each = run.records_per_item
        items = run.target_count // each if each else run.source.item_count
        return cls(items, run.target_count, run.batch_size, run.items_per_call, run.seed)

    def __len__(self) -> int:
        rest = self.calls(self.extra) + (self.calls(self.items - self.extra) if self.rest else 0)
        return self.rounds * self.calls(self.items) + rest

    @property
    def together(self) -> int:
        """Items in one call, each of which gets one record at least."""
        return min(self.items_per_call, self.batch_size)

    @property
    def most(self) -> int:
        """Records that one call may ask for of each of its items."""
        return self.batch_size // self.together

    @property
    def rounds(self) -> int:
        return self.target // self.items // self.most

    @property
    def rest(self) -> int:
        return self.target // self.items % self.most

    @property
    def extra(self) -> int:
        return self.target % self.items

    def calls(self, items: int) -> int:
        return -(-items // self.together)

    def stop(self, number: int) -> Stop:
        """Work out one call of the pass, by its number from 0."""
        lap, place = divmod(number, self.calls(self.items))
        if lap < self.rounds:
            return self.cut(0, self.items, place, self.most)
        place = number - self.rounds * self.calls(self.items)
        if place < self.calls(self.extra):
            return self.cut(0, self.extra, place, self.rest + 1)
        return self.cut(self.extra, self.items, place - self.calls(self.extra), self.rest)

    def cut(self, start: int, end: int, place: int, each: int) -> Stop:
        first = start + place * self.together
        return Stop(first, min(self.together, end - first), each)

    def again(self, number: int, records: int) -> Stop:
        """Work out a call after the pass, by its number from 0, where so many records lack."""
        items = min(self.together, self.items, records)
        each = min(self.most, max(1, records // self.items))
        return Stop(number * self.together, items, each)

    @cached_property
    def stride(self) -> tuple[int, int]:
        rng = random.Random(f"{self.seed}:items")  # noqa: S311  reproducible, not secret
        step = 1
        while self.items > 2 and (step == 1 or math.gcd(step, self.items) > 1):
            step = rng.randrange(1, self.items)
        return rng.randrange(self.items), step

    def positions(self, stop: Stop) -> list[int]:
        """Name the items of a call by their positions in the source."""
        start, step = self.stride
        return [
            (start + place * step) % self.items
            for place in range(stop.first, stop.first + stop.items)
        ]


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a run still has to ask for, and what is on its way."""

    wanted: int  # records to ask for, of which some will be no good
    asked: int  # records that open batches ask for
    judged: int  # records whose judgement is to come
    room: int  # batches to plan, or a few more


def asks(run: Run, need: Need) -> list[Ask]:
    """Say what the next batches ask for; a run whose source is not what it was ends.

    The caller holds the run's row lock.
    """
    tour = Tour.of(run)
    index, items = latest_batch(run)
    try:
        if index < len(tour):
            stops = map(tour.stop, range(index, min(index + need.room, len(tour))))
            return list(shown(run, tour, list(stops)))
        if run.records_per_item is None:
            stops = laps(tour, index - len(tour), need)
            return list(shown(run, tour, list(stops)))
        return refills(run, tour, need, latest=items if index > len(tour) else [])
    except SourceItem.DoesNotExist:
        run.stop(Run.Status.FAILED, "source_changed")
        return []


def latest_batch(run: Run) -> tuple[int, list[int]]:
    """Return the number and the items of the batch planned last."""
    generated = run.batches.filter(kind=Batch.Kind.GENERATE).order_by("-index")
    return generated.values_list("index", "items").first() or (0, [])


def has_toured(run: Run) -> bool:
    """Tell whether every call of the first pass has been planned."""
    return latest_batch(run)[0] >= len(Tour.of(run))


def laps(tour: Tour, number: int, need: Need) -> Iterator[Stop]:
    """Go on around the items until as many records as are wanted will be asked for."""
    records = need.wanted
    for later in range(number, number + need.room):
        if records <= 0:
            return
        stop = tour.again(later, records)
        records -= stop.items * stop.each
        yield stop


def shown(run: Run, tour: Tour, stops: list[Stop]) -> Iterator[Ask]:
    """Look up what calls show. Errors: SourceItem.DoesNotExist."""
    places = [tour.positions(stop) for stop in stops]
    ids = ids_at(run, {position for place in places for position in place})
    for stop, place in zip(stops, places, strict=True):
        items = tuple(ids[position] for position in place)
        yield Ask(stop.each * len(items), items)


def ids_at(run: Run, positions: Iterable[int]) -> dict[int, int]:
    wanted = sorted(positions)
    found: dict[int, int] = {}
    for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
        page = wanted[start : start + LOOKED_UP_AT_ONCE]
        rows = SourceItem.objects.filter(source=run.source_id, position__in=page)
        found.update(rows.values_list("position", "pk"))
    if len(found) < len(wanted):
        raise SourceItem.DoesNotExist
    return found


def lacking(run: Run, *, is_judged: bool = False) -> QuerySet[SourceItem]:
    """Items with fewer records than each is to have; those that a judge will see count too."""
    records = Record.objects.filter(source_item=OuterRef("pk"), run=run.pk)
    held = records.accepted_or_pending() if is_judged else records.accepted()
    totals = held.order_by().values("source_item").annotate(total=Count("pk")).values("total")
    items = SourceItem.objects.filter(source=run.source_id).order_by("position")
    return items.annotate(held=Coalesce(Subquery(totals), 0)).filter(held__lt=run.records_per_item)


def refills(run: Run, tour: Tour, need: Need, latest: list[int]) -> list[Ask]:
    """Ask for what items lack beyond what open batches ask for them.

    Goes on after the items that were asked for latest, so that those that never bring any
    do not keep the others waiting. Errors: SourceItem.DoesNotExist.
    """
    judged = min(run.pending, need.judged)
    if run.target_count - run.accepted - judged - need.asked <= 0:
        return []
    coming = open_asks(run)
    each = run.records_per_item or 1
    places = max(1, need.room // -(-each // tour.most)) * tour.together
    rows = after(lacking(run, is_judged=judged > 0), latest, places + len(coming))
    found = [(pk, each - held - coming[pk]) for pk, held in rows if held + coming[pk] < each]
    if not (found or coming or judged):
        raise SourceItem.DoesNotExist
    return list(grouped(found[:places], tour))


def open_asks(run: Run) -> Counter[int]:
    """Count the records that open batches ask for, by item."""
    coming: Counter[int] = Counter()
    rows = run.batches.open().making()
    for requested, items in rows.values_list("requested", "items"):
        for pk in items:
            coming[pk] += requested // len(items)
    return coming


def after(items: QuerySet[SourceItem], latest: list[int], most: int) -> list[tuple[int, int]]:
    """List items with what they hold, from the place after the latest, and around."""
    place = SourceItem.objects.filter(pk__in=latest[-1:]).values_list("position", flat=True).first()
    rows = items.values_list("pk", "held")
    if place is None:
        return list(rows[:most])
    behind = list(rows.filter(position__gt=place)[:most])
    return behind + list(rows.filter(position__lte=place)[: most - len(behind)])


def grouped(found: list[tuple[int, int]], tour: Tour) -> Iterator[Ask]:
    """Put items that lack as many together; the last ask is about the last item found."""
    by_lack: dict[int, list[int]] = {}
    for pk, lack in found:
        by_lack.setdefault(lack, by_lack.pop(lack, [])).append(pk)
    for lack, items in by_lack.items():
        for start in range(0, len(items), tour.together):
            group = tuple(items[start : start + tour.together])
            for left in range(lack, 0, -tour.most):
                yield Ask(min(left, tour.most) * len(group), group)
