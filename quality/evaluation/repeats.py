"""Accepted records that repeat one another: what no check has compared, or a looser one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from quality.deduplication import search
from quality.deduplication.search import Comparison, Listener
from quality.models import Deduplication
from synthesis.models import Dataset

CLUSTERS = 10


def section(dataset: Dataset, latest: int, on_progress: Listener) -> dict[str, Any]:
    """Count what a deduplication would mark, among the records up to an id."""
    keep = Deduplication.Keep.OLDEST
    found = search.find(dataset, Comparison.of(dataset), keep, on_progress, latest=latest)
    sizes: Counter[int] = Counter()
    exact = 0
    for page in found:
        sizes.update(copy.kept for copy in page)
        exact += sum(copy.is_exact for copy in page)
    largest = sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))[:CLUSTERS]
    return {
        "records": sizes.total(),
        "exact": exact,
        "near": sizes.total() - exact,
        "clusters": len(sizes),
        "largest": [{"record": record, "copies": copies} for record, copies in largest],
    }
