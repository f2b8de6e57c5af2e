from __future__ import annotations

from synthesis.admin import datasets, imports, jobs, ratios, records, runs, tasks, templates

__all__ = ["datasets", "imports", "jobs", "ratios", "records", "runs", "tasks", "templates"]
