"""What the database proposes for the twins of new texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from quality.models import Band
from quality.readings import Reading
from quality.shelves import FULLEST_BUCKET, LIVE, Stored, best, sharing, warn_of_full_bucket
from synthesis.models import Record

if TYPE_CHECKING:
    from quality.dedup import Draft


def propose(
    drafts: Sequence[Draft],
    scope: Sequence[int],
    edited: Collection[int],
    text_of: Callable[[Any], str],
) -> set[int]:
    """Give drafts their candidates out of the datasets; return the keys whose buckets are full.

    Cost: one query for the keys, one for the candidates' texts where there are any.
    """
    searched = [draft for draft in drafts if draft.exact is None]
    rows = Band.objects.look_up(scope, list({key for draft in searched for key in draft.keys}))
    buckets: dict[int, list[int]] = defaultdict(list)
    for key, record, _dataset in rows:
        if record not in edited:
            buckets[key].append(record)
    chosen = [best(sharing(buckets, draft.keys)) for draft in searched]
    wanted = {record for records in chosen for record in records}
    readings = live_readings(wanted, scope, text_of)
    for draft, records in zip(searched, chosen, strict=True):
        draft.candidates = [
            (Stored(record), readings[record]) for record in records if record in readings
        ]
    forget(rows, wanted - readings.keys())
    return full_buckets(rows, scope[0])


def live_readings(
    ids: Collection[int], scope: Sequence[int], text_of: Callable[[Any], str]
) -> dict[int, Reading]:
    """Read the candidates that are still there and still count, by id."""
    if not ids:
        return {}
    live = Record.objects.filter(pk__in=ids, dataset__in=scope, status__in=LIVE)
    rows = live.values_list("pk", "content", "simhash")
    return {pk: Reading(text_of(content), simhash) for pk, content, simhash in rows}


def forget(rows: Sequence[tuple[int, int, int]], gone: Collection[int]) -> None:
    """Clean the index of records that were deleted or no longer count."""
    by_dataset: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, record, dataset in rows:
        if record in gone:
            by_dataset[dataset].append((key, record))
    for dataset, places in by_dataset.items():
        keys, records = zip(*places, strict=True)
        Band.objects.forget(dataset, set(keys), set(records))


def full_buckets(rows: Sequence[tuple[int, int, int]], dataset_id: int) -> set[int]:
    sizes = Counter(key for key, _record, dataset in rows if dataset == dataset_id)
    full = {key for key, size in sizes.items() if size >= FULLEST_BUCKET}
    if full:
        warn_of_full_bucket()
    return full
