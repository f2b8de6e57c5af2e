from __future__ import annotations

from synthesis.admin import datasets, records, runs, tasks, templates

__all__ = ["datasets", "records", "runs", "tasks", "templates"]
