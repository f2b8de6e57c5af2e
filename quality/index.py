"""What the database proposes for the twins of new texts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from quality.models import Band
from quality.models.band import Numbers
from quality.readings import Reading
from quality.shelves import FULLEST_BUCKET, LIVE, MOST_COMPARED, Stored, warn_of_full_bucket
from synthesis.models import Record

if TYPE_CHECKING:
    from quality.dedup import Draft

Rows: TypeAlias = npt.NDArray[Any]  # as quality.models.band.NEAR
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
    if not searched:
        return set()
    keys = np.array([key for draft in searched for key in draft.keys], dtype=np.int64)
    simhashes = np.array([draft.reading.simhash for draft in searched], dtype=np.int64)
    owners = np.repeat(np.arange(len(searched)), [len(draft.keys) for draft in searched])
    rows = Band.objects.look_up(scope, keys, simhashes[owners])
    chosen = nearest(rows[~np.isin(rows["record"], [*edited])], owners, len(searched))
    proposed = {record for some in chosen for record in some}
    readings = live_readings(proposed, scope, text_of)
    for draft, records in zip(searched, chosen, strict=True):
        draft.candidates = [
            (Stored(record), readings[record]) for record in records if record in readings
        ]
    forget(keys, rows[np.isin(rows["record"], [*(proposed - readings.keys())])])
    return full_buckets(keys, rows, scope[0])


def nearest(rows: Rows, owners: Numbers, count: int) -> list[list[int]]:
    """Return for each of so many texts the records that share most keys, the nearest first.

    What shares one key alone has to be nearer: of a million texts ten do by chance.
    """
    found = owners[rows["place"]]
    order = np.lexsort((rows["record"], found))
    found, records, bits = found[order], rows["record"][order], rows["bits"][order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (np.diff(found) != 0) | (np.diff(records) != 0)
    firsts = np.flatnonzero(is_first)
    shared = np.diff(firsts, append=len(order))
    likely = (shared > 1) | (bits[firsts] <= FARTHEST_BY_ONE)
    firsts, shared = firsts[likely], shared[likely]
    best_first = firsts[np.lexsort((records[firsts], bits[firsts], -shared))]
    chosen: list[list[int]] = [[] for _text in range(count)]
    for owner, record in zip(found[best_first].tolist(), records[best_first].tolist(), strict=True):
        if len(chosen[owner]) < MOST_COMPARED:
            chosen[owner].append(record)
    return chosen


def live_readings(
    ids: Collection[int], scope: Sequence[int], text_of: Callable[[Any], str]
) -> dict[int, Reading]:
    """Read the candidates that are still there and still count, by id."""
    if not ids:
        return {}
    live = Record.objects.filter(pk__in=ids, dataset__in=scope, status__in=LIVE)
    rows = live.values_list("pk", "content", "simhash")
    return {pk: Reading(text_of(content), simhash) for pk, content, simhash in rows}


def forget(keys: Numbers, rows: Rows) -> None:
    """Clean the index of records that were deleted or no longer count."""
    for dataset in np.unique(rows["dataset"]).tolist():
        own = rows[rows["dataset"] == dataset]
        wanted = set(keys[own["place"]].tolist())
        Band.objects.forget(dataset, wanted, set(own["record"].tolist()))


def leave_full_keys(records: Sequence[Record], dataset_id: int) -> None:
    """Take the keys from records whose buckets in the dataset are full. Cost: one query."""
    sizes = [len(record.index_keys or ()) for record in records]
    keys = np.array([key for record in records for key in record.index_keys or ()], dtype=np.int64)
    simhashes = np.array([record.simhash for record in records], dtype=np.int64).repeat(sizes)
    full = full_buckets(keys, Band.objects.look_up([dataset_id], keys, simhashes), dataset_id)
    for record in records if full else ():
        record.index_keys = [key for key in record.index_keys or () if key not in full]


def full_buckets(keys: Numbers, rows: Rows, dataset_id: int) -> set[int]:
    places = rows["place"][rows["dataset"] == dataset_id]
    full = set(keys[np.bincount(places, minlength=len(keys)) >= FULLEST_BUCKET].tolist())
    if full:
        warn_of_full_bucket()
    return full
