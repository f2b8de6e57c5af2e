"""What judges said, for exports that carry more than contents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from quality.models import Judgement


def judged(rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """Give the mean score, 1 to 5, of each dimension by record: the latest word of each judge.

    Cost: one query where any record was judged.
    """
    ids = [row.pk for row in rows if row.judge_score is not None]
    if not ids:
        return {}
    found = Judgement.objects.filter(record__in=ids, state=Judgement.State.SCORED)
    latest = {(row.record_id, row.position): row for row in found.order_by("pk")}
    given: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (record_id, _position), row in latest.items():
        for said in row.dimension_scores:
            given[record_id][said["name"]].append(said["score"])
    return {
        record_id: {"judge_dimensions": {name: fmean(scores) for name, scores in names.items()}}
        for record_id, names in given.items()
    }
