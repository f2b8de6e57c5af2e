from __future__ import annotations

from synthesis.admin import (
    datasets,
    imports,
    jobs,
    mixtures,
    ratios,
    records,
    runs,
    sources,
    tasks,
    templates,
)

__all__ = [
    "datasets",
    "imports",
    "jobs",
    "mixtures",
    "ratios",
    "records",
    "runs",
    "sources",
    "tasks",
    "templates",
]
