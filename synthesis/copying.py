"""Copy records into another dataset, through the same checks as new ones."""

from __future__ import annotations

from collections import Counter

from django.db.models import QuerySet

from synthesis.export.pages import latest_id
from synthesis.models import Dataset, Record

PAGE_RECORDS = 500


def copy(records: QuerySet[Record], dataset: Dataset) -> Counter[str]:
    """Copy contents page by page; count the copies by what the checks made of them.

    A copy belongs to no run: it was not generated for the dataset that it enters. Records
    that come in meanwhile are left out, the copies themselves among them.
    """
    counts: Counter[str] = Counter()
    end = latest_id(records)
    rows = (
        records.filter(pk__lte=end)
        .order_by("pk")
        .only("pk", "content", "category", "language_model_id")
    )
    after = 0
    while page := list(rows.filter(pk__gt=after)[:PAGE_RECORDS]):
        copies = [
            Record(
                dataset=dataset,
                content=row.content,
                category=row.category,
                language_model_id=row.language_model_id,
            )
            for row in page
        ]
        counts.update(record.status for record in Record.objects.write(copies, dataset=dataset))
        after = page[-1].pk
    return counts
