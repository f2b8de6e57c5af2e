"""Clusters as a page shows them: the record that stays, and the first of its copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Window
from django.db.models.functions import RowNumber

from quality.models import Deduplication, Repeat
from synthesis.models import Record

COPIES_SHOWN = 5


@dataclass(frozen=True)
class Member:
    row: Repeat
    record: Record | None


@dataclass(frozen=True)
class Cluster:
    kept: int
    copies: int
    record: Record | None
    shown: list[Member]

    @property
    def hidden(self) -> int:
        return self.copies - len(self.shown)


def read(order: Deduplication, rows: Iterable[Mapping[str, int]]) -> list[Cluster]:
    """Read some rows of an order's clusters().

    Cost: two queries, whatever the size of the clusters.
    """
    sizes = {row["kept"]: row["copies"] for row in rows}
    place = Window(RowNumber(), partition_by="kept", order_by="pk")
    members = order.repeats.filter(kept__in=sizes).alias(place=place)
    members = members.filter(place__lte=COPIES_SHOWN).order_by("pk")
    by_kept: dict[int, list[Repeat]] = defaultdict(list)
    for member in members:
        by_kept[member.kept].append(member)
    known = records_of([*sizes, *(row.record for rows in by_kept.values() for row in rows)])
    return [
        Cluster(
            kept,
            copies,
            known.get(kept),
            [Member(row, known.get(row.record)) for row in by_kept[kept]],
        )
        for kept, copies in sizes.items()
    ]


def records_of(ids: Iterable[int]) -> dict[int, Record]:
    rows = Record.objects.only("content", "status", "review", "score", "judge_score")
    return rows.in_bulk(list(ids))
