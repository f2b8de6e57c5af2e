"""How many records a run has by what became of them, and how many it still wants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
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


class Quota(Counted):
    """A run's counters under its row's lock: accepted never exceeds the target.

    Whoever changes the status of a run's records holds that lock.
    """

    target_count = models.PositiveIntegerField(_("records wanted"))

    class Meta:
        abstract = True

    def take_quota(self, records: Iterable[Record]) -> None:
        """Count new records by status; good ones beyond the target become surplus."""
        room = self._lock_room()
        counts: Counter[str] = Counter()
        for record in records:
            if record.status == "accepted" and counts["accepted"] >= room:
                record.status = "surplus"
            if record.status == "pending" and room <= 0:
                record.status = "surplus"
            counts[record.status] += 1
        self.shift(self.pk, counts, Counter())

    def recount(self, before: str, record: Record) -> None:
        """Move one edited record from the status it had to the one it has now."""
        self.recount_all([(before, record)])

    def recount_all(self, changes: Iterable[tuple[str, Record]]) -> None:
        """Move records, each with the status it had; what the target has no room for is surplus."""
        moved = sorted(changes, key=lambda change: change[0] != "accepted")
        room = self._lock_room() + sum(before == "accepted" for before, _record in moved)
        for _before, record in moved:
            if record.status == "accepted":
                room -= 1
                if room < 0:
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
        self._lock_room()
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
        self._lock_room()
        rows = self._waiting().order_by().values_list("batch").annotate(total=models.Count("pk"))
        of_batch = {batch_id: Counter(surplus=total) for batch_id, total in rows}
        if of_batch:
            given_up = self._waiting().update(status="surplus")
            count_decided(of_batch)
            self.shift(self.pk, Counter(surplus=given_up), Counter(pending=given_up))

    def _waiting(self) -> models.QuerySet[Record]:
        from synthesis.models.record import Record

        return Record.objects.filter(run=self.pk, status="pending")

    def _lock_room(self) -> int:
        """Lock this row until the transaction ends; returns how many records it still wants."""
        rows = type(self)._default_manager.select_for_update()
        locked = rows.only("accepted", "target_count").get(pk=self.pk)
        return int(locked.target_count - locked.accepted)

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
