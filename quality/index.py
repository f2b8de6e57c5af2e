"""What the database proposes for the twins of new texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quality.models import Band
from quality.models.band import Near
from quality.readings import Reading
from quality.shelves import FULLEST_BUCKET, LIVE, MOST_COMPARED, Stored, warn_of_full_bucket
from synthesis.models import Record

if TYPE_CHECKING:
    from quality.dedup import Draft

# In bits of the simhash; of 300 repeats none that shared one key was farther than 18, of the
# unrelated texts that share one and are not far, nine in ten are.
FARTHEST_BY_ONE = 19


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
    wanted = [(key, draft.reading.simhash or 0) for draft in searched for key in draft.keys]
    owners = [at for at, draft in enumerate(searched) for _key in draft.keys]
    rows = Band.objects.look_up(scope, wanted)
    shared: list[dict[int, tuple[int, int]]] = [{} for _draft in searched]
    for place, record, bits, _dataset in rows:
        if record not in edited:
            own = shared[owners[place]]
            own[record] = (own.get(record, (0, 0))[0] - 1, bits)
    chosen = [nearest(found) for found in shared]
    readings = live_readings({record for some in chosen for record in some}, scope, text_of)
    for draft, records in zip(searched, chosen, strict=True):
        draft.candidates = [
            (Stored(record), readings[record]) for record in records if record in readings
        ]
    gone = {record for some in chosen for record in some} - readings.keys()
    forget(wanted, [row for row in rows if row.record in gone])
    return full_buckets(wanted, rows, scope[0])


def nearest(found: Mapping[int, tuple[int, int]]) -> list[int]:
    """Return the records that share most keys, the nearest first among equals.

    What shares one key alone has to be nearer: of a million texts a hundred do by chance.
    """
    likely = [
        record for record, (shared, bits) in found.items() if shared < -1 or bits <= FARTHEST_BY_ONE
    ]
    return sorted(likely, key=lambda record: (*found[record], record))[:MOST_COMPARED]


def live_readings(
    ids: Collection[int], scope: Sequence[int], text_of: Callable[[Any], str]
) -> dict[int, Reading]:
    """Read the candidates that are still there and still count, by id."""
    if not ids:
        return {}
    live = Record.objects.filter(pk__in=ids, dataset__in=scope, status__in=LIVE)
    rows = live.values_list("pk", "content", "simhash")
    return {pk: Reading(text_of(content), simhash) for pk, content, simhash in rows}


def forget(wanted: Sequence[tuple[int, int]], rows: Sequence[Near]) -> None:
    """Clean the index of records that were deleted or no longer count."""
    by_dataset: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        by_dataset[row.dataset].append((wanted[row.place][0], row.record))
    for dataset, places in by_dataset.items():
        keys, records = zip(*places, strict=True)
        Band.objects.forget(dataset, set(keys), set(records))


def full_buckets(
    wanted: Sequence[tuple[int, int]], rows: Sequence[Near], dataset_id: int
) -> set[int]:
    sizes = Counter(row.place for row in rows if row.dataset == dataset_id)
    full = {wanted[place][0] for place, size in sizes.items() if size >= FULLEST_BUCKET}
    if full:
        warn_of_full_bucket()
    return full
