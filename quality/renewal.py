"""Indexing datasets anew that another version of the fingerprints has indexed.

What a page has done is noted in its own transaction, under the dataset's lock: a job that is
begun again goes on from there. First the old rows go, and then all records are entered in the
order of their ids. Records that are written meanwhile are entered as ever, and stay.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from quality import dedup, index
from quality.models import Band, DatasetIndex
from quality.shelves import LIVE
from synthesis import jobs
from synthesis.engine.background import Assignment
from synthesis.models import Dataset, Job, Record
from synthesis.models.bulk import update_each

KIND = "index"
PAGE_RECORDS = 500
PAGE_ROWS = 10_000


def order(anew: Dataset | None = None) -> Job | None:
    """Order what is to be indexed anew, and a dataset that is named; None where nothing is.

    One job is enough for all: it goes on as long as anything is left.
    """
    with transaction.atomic():
        DatasetIndex.objects.note_old()
        if anew is not None:
            DatasetIndex.objects.note(Dataset.objects.filter(pk=anew.pk))
        if not DatasetIndex.objects.unfinished().exists():
            return None
        return Job.objects.open().filter(kind=KIND).first() or jobs.submit(KIND, {})


def renew(assignment: Assignment) -> None:
    """Go through the unfinished indexes page by page, until none is left."""
    unfinished = DatasetIndex.objects.unfinished()
    done, total = 0, DatasetIndex.objects.records_left()
    while (row := unfinished.select_related("dataset").first()) is not None:
        with assignment.commit():
            row.dataset.lock()
            state = unfinished.filter(pk=row.pk).first()
            if state is not None:
                done += renew_page(state, row.dataset)
        assignment.report(done, max(done, total))


def renew_page(state: DatasetIndex, dataset: Dataset) -> int:
    """Take the next step; return how many records were entered."""
    if state.old_until is not None and state.entered_until is None:
        if not Band.objects.drop(dataset.pk, state.old_until, PAGE_ROWS):
            state.move(0)
        return 0
    rows = Record.objects.filter(dataset=dataset, pk__gt=state.entered_until).order_by("pk")
    fields = ("run", "content", "status", "content_hash", "simhash")
    page = list(rows.only("dataset", *fields)[:PAGE_RECORDS])
    enter_anew(page, dataset)
    state.move(page[-1].pk if page else None, is_whole=not page)
    return len(page)


def enter_anew(records: Sequence[Record], dataset: Dataset) -> None:
    """Give records the fingerprints of this version, and enter those that count."""
    known = [row for row in records if row.status in LIVE or row.content_hash]
    before = {row.pk: (row.content_hash, row.simhash) for row in known}
    dedup.fingerprint(known)
    leave_taken_hashes([row for row in known if row.content_hash != before[row.pk][0]], dataset)
    changed = [row for row in known if (row.content_hash, row.simhash) != before[row.pk]]
    update_each(changed, ["content_hash", "simhash"])
    live = [row for row in known if row.status in LIVE]
    index.leave_full_keys(live, dataset.pk)
    dedup.enter_index(live, dataset, created=False)


def leave_taken_hashes(records: Sequence[Record], dataset: Dataset) -> None:
    """Let records go without a hash that another one has: they say the same by now.

    The index proposes them still, so that what repeats them is found.
    """
    live = [row for row in records if row.status in LIVE]
    taken = set(dedup.ids_by_hash({row.content_hash for row in live}, [dataset.pk], ()))
    for row in live:
        if row.content_hash in taken:
            row.content_hash = ""
        taken.add(row.content_hash)
