"""What judges said of a dataset's accepted records, with how sure the means are."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q

from quality.models import Judgement
from synthesis.models import Dataset, Record

Z = 1.96  # 95% of a normal distribution
PAGE_RECORDS = 500


class Mean:
    """A running mean with its confidence interval; Welford's way keeps it exact."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = self.squares = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self.squares += step * (value - self.mean)

    def as_json(self, least: float, most: float) -> dict[str, Any]:
        """Return mean and 95% interval; one value alone has no interval."""
        low = high = None
        if self.count > 1:
            margin = Z * math.sqrt(self.squares / (self.count - 1) / self.count)
            low, high = max(least, self.mean - margin), min(most, self.mean + margin)
        numbers = {"mean": self.mean, "low": low, "high": high}
        return {
            "count": self.count,
            **{name: None if n is None else round(n, 2) for name, n in numbers.items()},
        }


def section(dataset: Dataset) -> dict[str, Any] | None:
    """Sum up the judgements of the accepted records; None when there is none.

    Cost: two queries, and one for each page of judgements.
    """
    judgements = Judgement.objects.filter(
        record__dataset=dataset, record__status=Record.Status.ACCEPTED
    )
    scored = Q(state=Judgement.State.SCORED)
    counts = judgements.aggregate(
        records=Count("record", distinct=True, filter=scored),
        judgements=Count("pk", filter=scored),
        failed=Count("pk", filter=Q(state=Judgement.State.FAILED)),
        passed=Count("pk", filter=Q(passed=True)),
    )
    if not counts["judgements"] + counts["failed"]:
        return None
    rows = judgements.filter(scored).order_by("pk").values_list("score", "dimension_scores")
    return {**counts, **means(rows.iterator(chunk_size=PAGE_RECORDS))}


def means(rows: Iterable[tuple[float, list[dict[str, Any]]]]) -> dict[str, Any]:
    total, dimensions = Mean(), dict[str, Mean]()
    for score, given in rows:
        total.add(score)
        for dimension in given:
            dimensions.setdefault(str(dimension["name"]), Mean()).add(dimension["score"])
    return {
        "score": total.as_json(0, 100) if total.count else None,
        "dimensions": [{"name": name, **mean.as_json(1, 5)} for name, mean in dimensions.items()],
    }
