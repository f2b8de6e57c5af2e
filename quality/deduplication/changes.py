"""Marking repeats as duplicates, and putting them back.

The caller's transaction holds the dataset's lock.
"""

from __future__ import annotations

from collections.abc import Sequence

from quality.dedup import accepted_by_hash
from quality.deduplication.search import Comparison
from quality.likeness import Verdict
from quality.models import Deduplication, Repeat
from quality.shelves import match
from synthesis.models import Record
from synthesis.models.bulk import update_each

EXACT, NEAR = "exact", "near"


def remove(repeats: Sequence[Repeat], comparison: Comparison) -> None:
    """Mark records as duplicates that still repeat an accepted one and that nobody approved."""
    known = locked([pk for row in repeats for pk in (row.record, row.kept)])
    marked = []
    for row in repeats:
        record, kept = known.get(row.record), known.get(row.kept)
        if record is None or kept is None or not still_repeats(record, kept, comparison):
            row.state = Repeat.State.SKIPPED
            continue
        row.state, row.linked_before = Repeat.State.REMOVED, record.duplicate_of_id
        record.status, record.duplicate_of_id = Record.Status.DUPLICATE, kept.pk
        record.findings = [*record.findings, finding(row)]
        marked.append(record)
    Record.objects.restate(marked, {row.pk: Record.Status.ACCEPTED for row in marked})
    update_each(list(repeats), ["state", "linked_before"])


def locked(ids: Sequence[int]) -> dict[int, Record]:
    rows = Record.objects.filter(pk__in=ids).select_related("dataset").defer("raw").order_by("pk")
    return {record.pk: record for record in rows.select_for_update(of=("self",))}


def still_repeats(record: Record, kept: Record, comparison: Comparison) -> bool:
    """Read both once more: somebody may have edited or decided on one of them since."""
    are_accepted = {record.status, kept.status} == {Record.Status.ACCEPTED}
    if not are_accepted or record.review == Record.Review.APPROVED:
        return False
    theirs = [(kept.pk, comparison.reading(kept))]
    found = match(comparison.reading(record), theirs, comparison.rules)
    return found is not None and found.likeness.verdict == Verdict.DUPLICATE


def finding(row: Repeat) -> dict[str, object]:
    said: dict[str, object] = {"check": "duplicate", "code": row.code}
    if row.code == NEAR:
        said["similarity"] = round(row.similarity, 3)
    return {**said, "deduplication": row.deduplication_id}


def restore(repeats: Sequence[Repeat], order: Deduplication) -> None:
    """Accept records again that are as they were left, and that no accepted one equals by now."""
    known = locked([row.record for row in repeats])
    untouched = {pk: record for pk, record in known.items() if is_untouched(record, order)}
    hashed = [record for record in untouched.values() if record.content_hash]
    taken = accepted_by_hash(hashed, order.dataset)
    put_back = []
    for row in repeats:
        record = untouched.get(row.record)
        if record is None or (record.content_hash and record.content_hash in taken):
            row.state = Repeat.State.LEFT
            continue
        taken[record.content_hash] = record.pk
        row.state = Repeat.State.RESTORED
        record.status, record.duplicate_of_id = Record.Status.ACCEPTED, row.linked_before
        record.findings = record.findings[:-1]
        put_back.append(record)
    Record.objects.restate(put_back, {row.pk: Record.Status.DUPLICATE for row in put_back})
    update_each(list(repeats), ["state"])


def is_untouched(record: Record, order: Deduplication) -> bool:
    """Say whether this order's word is the last that was said about a record."""
    latest = record.findings[-1] if record.findings else {}
    is_ours = latest.get("deduplication") == order.pk
    return is_ours and record.status == Record.Status.DUPLICATE
