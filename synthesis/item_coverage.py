"""How far a run has come with the items of its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from synthesis.engine import item_planning

if TYPE_CHECKING:
    from synthesis.models import Run, SourceItem

SHOWN = 20
COUNTED_WHILE_ACTIVE = 5000  # items that are counted for each look at a page


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Items that have the records wanted of each; where no number is wanted, any record.

    Those that lack records are named once the run has stopped: until then they are just to come.
    """

    items: int
    done: int
    lacking: list[SourceItem]
    more: int


def of(run: Run) -> Coverage | None:
    """Count what a run's items have; None without a source, or while that would cost too much.

    Cost: two queries, of some 5 µs an item.
    """
    if run.source is None:
        return None
    if run.is_active and run.source.item_count > COUNTED_WHILE_ACTIVE:
        return None
    items = run.source.item_count
    if run.records_per_item is None:
        used = run.records.accepted().aggregate(items=Count("source_item", distinct=True))["items"]
        return Coverage(items=items, done=used, lacking=[], more=0)
    rows = item_planning.lacking(run).select_related("file")
    total = rows.count()
    if run.is_active:
        return Coverage(items=items, done=items - total, lacking=[], more=0)
    lacking = list(rows[:SHOWN])
    return Coverage(items=items, done=items - total, lacking=lacking, more=total - len(lacking))
