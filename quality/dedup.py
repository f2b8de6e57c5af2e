"""Exact duplicates inside a dataset, by the hash of the normalised content."""

from __future__ import annotations

import hashlib
from typing import Any

from quality.normalise import canonical
from synthesis.models import Dataset, Record


def content_hash(content: Any) -> str:
    """Return the SHA-256 of the normalised content, as 64 hex digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def mark_duplicates(records: list[Record], dataset: Dataset) -> None:
    """Mark the records that repeat an accepted one, or one before them in the list.

    The caller holds the dataset's lock, so nothing can slip in between.
    Cost: one query.
    """
    fresh = [record for record in records if record.status == Record.Status.ACCEPTED]
    for record in fresh:
        record.content_hash = content_hash(record.content)
    known = accepted_by_hash(fresh, dataset)
    seen: dict[str, Record] = {}
    for record in fresh:
        twin_id = known.get(record.content_hash)
        twin = seen.setdefault(record.content_hash, record)
        if twin_id is None and twin is record:
            continue
        record.status = Record.Status.DUPLICATE
        record.findings = [*record.findings, {"check": "duplicate", "code": "exact"}]
        if twin_id is not None:
            record.duplicate_of_id = twin_id
        else:
            record.twin = twin


def accepted_by_hash(records: list[Record], dataset: Dataset) -> dict[str, int]:
    """Map hashes to the accepted records of the dataset that carry them."""
    known = Record.objects.accepted_or_pending().filter(
        dataset=dataset, content_hash__in={record.content_hash for record in records}
    )
    edited = [record.pk for record in records if record.pk]
    return dict(known.exclude(pk__in=edited).values_list("content_hash", "pk"))
