"""The parts of a mixture's row and page that move while it is drawn."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet

from synthesis.admin.progress import bar
from synthesis.models import Mixture, MixtureRow, Record

ENDED = (Mixture.Status.COMPLETED, Mixture.Status.SHORT)


def figures(mixture: Mixture) -> dict[str, Any]:
    counts = {"accepted": mixture.accepted_count, "pending": 0, "failed": 0}
    run = SimpleNamespace(**counts, target_count=mixture.total, reason=mixture.reason)
    return {"run": run if mixture.has_run else None, "bar": bar(run)}


def overview(mixture: Mixture) -> dict[str, Any]:
    """Collect the rows; those of a mixture that has not drawn yet say what they will find."""
    rows = list(mixture.rows.all())
    is_drawn = mixture.is_active or any(row.drawn is not None for row in rows)
    return {
        "rows": [drawn(row, mixture) for row in rows] if is_drawn else foreseen(mixture),
        "largest": max((row.count for row in rows), default=0),
    }


def drawn(row: MixtureRow, mixture: Mixture) -> dict[str, Any]:
    problem = row.shortage if mixture.status in ENDED else ""
    return {**part(row, row.drawn or 0), "row": row, "found": row.found, "problem": problem}


def foreseen(mixture: Mixture) -> list[dict[str, Any]]:
    return [
        {
            **part(row, 0),
            "row": row,
            "found": forecast.found,
            "problem": row.foreseen_shortage(forecast),
        }
        for row, forecast in mixture.forecasts()
    ]


def part(row: MixtureRow, accepted: int) -> dict[str, Any]:
    """Say how long the bars of a row are."""
    return {"name": row.title, "target": row.count, "accepted": accepted}


def runs_of(_mixture: Mixture) -> list[int]:
    """Return none: no model is called for a mixture."""
    return []


def newest_records(mixture: Mixture) -> QuerySet[Record]:
    return records_of(mixture).accepted().order_by("-pk")


def records_of(mixture: Mixture) -> QuerySet[Record]:
    return mixture.records.all()
