from __future__ import annotations

from synthesis.admin import datasets, jobs, records, runs, tasks, templates

__all__ = ["datasets", "jobs", "records", "runs", "tasks", "templates"]
