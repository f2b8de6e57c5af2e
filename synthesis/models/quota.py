"""How many records a run has by what became of them, and how many it still wants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from synthesis.models.bulk import update_each

if TYPE_CHECKING:
    from synthesis.models.record import Record


class Counted(models.Model):
    """Counters of records by their status, named like the statuses."""

    COUNTERS: ClassVar = ("accepted", "pending", "duplicate", "malformed", "rejected", "surplus")

    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    pending = models.PositiveIntegerField(_("waiting for the judge"), default=0)
    duplicate = models.PositiveIntegerField(_("duplicate"), default=0)
    malformed = models.PositiveIntegerField(_("malformed"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    surplus = models.PositiveIntegerField(_("surplus"), default=0)

    class Meta:
        abstract = True

    @classmethod
    def shift(cls, pk: int, more: Counter[str], less: Counter[str]) -> None:
        """Add to the counters of one row, and take away, in one update."""
        changes = {name: more[name] - less[name] for name in cls.COUNTERS}
        updates = {name: F(name) + change for name, change in changes.items() if change}
        if updates:
            cls._default_manager.filter(pk=pk).update(**updates)

    @property
    def made(self) -> int:
        """Records that came back, whatever became of them."""
        return sum(getattr(self, name) for name in self.COUNTERS)

    @property
    def failed(self) -> int:
        """Records that came back and are no good, for whatever reason."""
        return self.duplicate + self.malformed + self.rejected

    @property
    def success_rate(self) -> float | None:
        """Share of good records, surplus ones too, in those decided; None before the first."""
        good = self.accepted + self.surplus
        return good / (good + self.failed) if good + self.failed else None


ITEMS_AT_ONCE = 5000


@dataclass
class Room:
    """How many more records a run wants: in all, and of each source item if each has its number.

    A record that was made from none of the items then has no room at all. Where a target is
    spread over the items instead, each call has room for what it asked of each of its items.
    """

    left: int
    of_item: Counter[int | None] | None = None
    of_call: Counter[tuple[int | None, int | None]] = field(default_factory=Counter)

    def is_left_for(self, record: Record) -> bool:
        has_item = self.of_item is None or self.of_item[record.source_item_id] > 0
        return self.left > 0 and has_item and self.of_call.get(call_of(record), 1) > 0

    def hold(self, record: Record) -> bool:
        """Let a record wait for its judge; False when there is no room for it."""
        if not self.is_left_for(record):
            return False
        self._move_in_call(record, -1)
        return True

    def take(self, record: Record) -> bool:
        """Take the place of one record; False when there is none."""
        if not self.is_left_for(record):
            return False
        self._move(record, -1)
        return True

    def give_back(self, record: Record) -> None:
        self._move(record, 1)

    def _move(self, record: Record, by: int) -> None:
        self.left += by
        if self.of_item is not None:
            self.of_item[record.source_item_id] += by
        self._move_in_call(record, by)

    def _move_in_call(self, record: Record, by: int) -> None:
        if (call := call_of(record)) in self.of_call:
            self.of_call[call] += by


def call_of(record: Record) -> tuple[int | None, int | None]:
    return record.batch_id, record.source_item_id


class Quota(Counted):
    """A run's counters under its row's lock: accepted never exceeds the target.

    Whoever changes the status of a run's records holds that lock.
    """

    source_id: int | None
    target_count = models.PositiveIntegerField(_("records wanted"))
    records_per_item = models.PositiveIntegerField(_("records per item"), null=True, blank=True)

    class Meta:
        abstract = True

    def take_quota(self, records: Iterable[Record]) -> None:
        """Count new records by status; good ones beyond the target become surplus."""
        new = list(records)
        room = self._lock_room(new)
        if self.source_id is not None and self.records_per_item is None:
            room.of_call = self.rooms_of_calls({record.batch_id for record in new})
        counts: Counter[str] = Counter()
        for record in new:
            if record.status == "pending" and not room.hold(record):
                record.status = "surplus"
            if record.status == "accepted" and not room.take(record):
                record.status = "surplus"
            counts[record.status] += 1
        self.shift(self.pk, counts, Counter())

    def recount(self, before: str, record: Record) -> None:
        """Move one edited record from the status it had to the one it has now."""
        self.recount_all([(before, record)])

    def recount_all(self, changes: Iterable[tuple[str, Record]]) -> None:
        """Move records, each with the status it had; what the target has no room for is surplus."""
        moved = sorted(changes, key=lambda change: change[0] != "accepted")
        room = self._lock_room([record for _before, record in moved])
        for before, record in moved:
            if before == "accepted":
                room.give_back(record)
        for _before, record in moved:
            if record.status == "accepted" and not room.take(record):
                record.status = "surplus"
        old = Counter(before for before, _record in moved)
        self.shift(self.pk, Counter(record.status for _before, record in moved), old)
        of_batch: dict[int | None, Counter[str]] = defaultdict(Counter)
        for before, record in moved:
            if before == "pending":
                of_batch[record.batch_id][record.status] += 1
        count_decided(of_batch)

    def uncount(self, counts: Counter[str]) -> None:
        """Forget records that are deleted."""
        self.shift(self.pk, Counter(), counts)

    def decide(self, records: Sequence[Record], fields: Sequence[str] = ()) -> list[Record]:
        """Store the status, and fields, of records that waited for their judge.

        Accepted ones beyond the target become surplus. Records that wait no longer (they
        were deleted, or the run ended) are left alone. Returns those that were stored.
        The caller's transaction holds the dataset's lock.
        """
        self._lock()
        asked = self._waiting().filter(pk__in=[record.pk for record in records])
        waiting = set(asked.values_list("pk", flat=True))
        decided = [record for record in records if record.pk in waiting]
        self.recount_all([("pending", record) for record in decided])
        update_each(decided, ["status", *fields])
        return decided

    def give_up_pending(self) -> None:
        """Keep records that nobody will judge any more as surplus: unjudged is not accepted.

        The caller's transaction holds the dataset's lock.
        """
        self._lock()
        rows = self._waiting().order_by().values_list("batch").annotate(total=models.Count("pk"))
        of_batch = {batch_id: Counter(surplus=total) for batch_id, total in rows}
        if of_batch:
            given_up = self._waiting().update(status="surplus")
            count_decided(of_batch)
            self.shift(self.pk, Counter(surplus=given_up), Counter(pending=given_up))

    def _waiting(self) -> models.QuerySet[Record]:
        from synthesis.models.record import Record

        return Record.objects.filter(run=self.pk, status="pending")

    def _lock(self) -> Quota:
        """Lock this row until the transaction ends; returns how full it is now."""
        rows = type(self)._default_manager.select_for_update()
        return rows.only("accepted", "target_count").get(pk=self.pk)

    def _lock_room(self, records: Sequence[Record]) -> Room:
        """Lock this row until the transaction ends; returns what it still wants."""
        locked = self._lock()
        left = locked.target_count - locked.accepted
        if self.records_per_item is None:
            return Room(left)
        items = {record.source_item_id for record in records}
        return Room(left, self.rooms_of(item for item in items if item is not None))

    def rooms_of(self, items: Iterable[int]) -> Counter[int | None]:
        """Return how many records each of these source items still wants."""
        from synthesis.models.record import Record

        rooms: Counter[int | None] = Counter(dict.fromkeys(items, self.records_per_item or 0))
        accepted = Record.objects.accepted().filter(run=self.pk).order_by()
        ids = list(rooms)
        for start in range(0, len(ids), ITEMS_AT_ONCE):
            page = ids[start : start + ITEMS_AT_ONCE]
            of_page = accepted.filter(source_item__in=page).values_list("source_item")
            rooms.subtract(dict(of_page.annotate(models.Count("pk"))))
        return rooms

    def rooms_of_calls(self, ids: Collection[int | None]) -> Counter[tuple[int | None, int | None]]:
        """Return how many good records calls may still bring of each of their items."""
        from synthesis.models.batch import Batch
        from synthesis.models.record import Record

        asked = Batch.objects.filter(pk__in=ids).values_list("pk", "requested", "items")
        rooms: Counter[tuple[int | None, int | None]] = Counter(
            {(pk, item): total // len(items) for pk, total, items in asked for item in items}
        )
        kept = Record.objects.accepted_or_pending().filter(batch__in=ids).order_by()
        rows = kept.values_list("batch", "source_item").annotate(total=models.Count("pk"))
        rooms.subtract({(batch, item): total for batch, item, total in rows})
        return rooms

    @property
    def is_full(self) -> bool:
        return self.accepted >= self.target_count

    @property
    def progress_percent(self) -> int:
        return self.accepted * 100 // self.target_count


def count_decided(of_batch: Mapping[int | None, Counter[str]]) -> None:
    """Count what became of records that waited, by the batch that made them.

    The caller holds the run's row lock: nobody else counts for these batches.
    """
    from synthesis.models.batch import Batch

    batches = Batch.objects.only(*Batch.COUNTERS).in_bulk([pk for pk in of_batch if pk])
    for batch in batches.values():
        became = of_batch[batch.pk]
        for name, count in became.items():
            setattr(batch, name, getattr(batch, name) + count)
        batch.pending -= became.total()
    update_each(list(batches.values()), Batch.COUNTERS)
