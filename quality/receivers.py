"""Answer synthesis: whatever is about to be saved is judged first."""

from __future__ import annotations

from typing import Any

from quality import dedup, validators
from synthesis.models import Dataset, Record, Run


def judge(
    sender: type[Record], records: list[Record], dataset: Dataset, run: Run | None, **_kwargs: Any
) -> None:
    """Set status, findings and content hash of records that are about to be stored."""
    schema = run.template_version.output_schema if run else {}
    validators.check(records, schema)
    dedup.mark_duplicates(records, dataset)
