"""Copy records into another dataset, through the same checks as new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db.models import QuerySet

from synthesis.export.pages import latest_id
from synthesis.models import Dataset, Mixture, Record
from synthesis.models.bulk import update_each
from synthesis.models.record import REVIEW_FIELDS

PAGE_RECORDS = 500
WORDS = ("judge_score", *REVIEW_FIELDS)
COPIED = ("content", "category", "language_model_id", "source_item_id")


def copy(records: QuerySet[Record], dataset: Dataset) -> Counter[str]:
    """Copy contents page by page; count the copies by what the checks made of them.

    Records that come in meanwhile are left out, the copies themselves among them.
    """
    counts: Counter[str] = Counter()
    end = latest_id(records)
    rows = records.filter(pk__lte=end).order_by("pk").only(*COPIED)
    after = 0
    while page := list(rows.filter(pk__gt=after)[:PAGE_RECORDS]):
        copies = [copy_of(row, dataset) for row in page]
        counts.update(record.status for record in Record.objects.write(copies, dataset=dataset))
        after = page[-1].pk
    return counts


def copy_of(record: Record, dataset: Dataset, mixture: Mixture | None = None) -> Record:
    """Make an unsaved copy, of no run: it was not generated for the dataset that it enters."""
    values = {name: getattr(record, name) for name in COPIED}
    return Record(dataset=dataset, origin_id=record.pk, mixture=mixture, **values)


def keep_words(copies: Sequence[Record], origins: Sequence[Record]) -> None:
    """Give stored copies what judges and people said of the same content.

    Only now: an approval would have overruled the checks of the dataset that they enter.
    """
    told = [
        (copy, origin)
        for copy, origin in zip(copies, origins, strict=True)
        if copy.status == Record.Status.ACCEPTED and copy.content == origin.content
    ]
    kept = []
    for copy, origin in told:
        if origin.judge_score is None and origin.review == Record.Review.UNREVIEWED:
            continue
        for name in WORDS:
            setattr(copy, name, getattr(origin, name))
        kept.append(copy)
    update_each(kept, WORDS)
