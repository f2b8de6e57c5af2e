"""The job that turns the rows of a file into records, page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from django.db import transaction

from synthesis import tables
from synthesis.engine.background import Assignment, JobFailedError, JobStoppedError
from synthesis.models import Job, Record
from synthesis.models.dataset_import import DatasetImport
from synthesis.tables import Row, UnreadableFileError

PAGE_ROWS = 500
PROBLEMS_KEPT = 100


def read_file(assignment: Assignment) -> None:
    """Read an uploaded file from where an earlier worker stopped, and forget it then.

    Errors: JobFailedError when the file as a whole cannot be read, or holds nothing.
    """
    imports = DatasetImport.objects.select_related("dataset")
    order = imports.filter(pk=assignment.job.arguments["import"]).first()
    if order is None:
        raise JobFailedError("import_gone")
    try:
        with order.file.open("rb") as file:
            for page in pages(tables.read(file, order.format), skipped=order.rows_read):
                keep(assignment, order, page)
                assignment.report(order.rows_read)
    except FileNotFoundError as error:
        raise JobFailedError("file_gone") from error
    except UnreadableFileError as error:
        order.forget_file()
        raise JobFailedError(error.code, error.detail) from error
    except JobStoppedError:
        if Job.objects.filter(pk=assignment.job.pk, state=Job.State.CANCELLED).exists():
            order.forget_file()
        raise
    order.forget_file()
    if not order.rows_read:
        raise JobFailedError("empty_file")


def pages(rows: Iterator[Row], skipped: int) -> Iterator[list[Row]]:
    for _row in islice(rows, skipped):
        pass
    while page := list(islice(rows, PAGE_ROWS)):
        yield page


def keep(assignment: Assignment, order: DatasetImport, page: list[Row]) -> None:
    """Write a page of records and say on the order how far it came, as one."""
    records = [
        Record(dataset=order.dataset, content=row.content)
        for row in page
        if row.content is not None
    ]
    bad = [row for row in page if row.content is None]
    room = max(0, PROBLEMS_KEPT - len(order.problems))
    with assignment.commit():
        Record.objects.write(records, dataset=order.dataset)
        order.counts = dict(
            Counter(order.counts) + Counter(str(record.status) for record in records)
        )
        order.rows_read += len(page)
        order.unreadable += len(bad)
        order.problems += [
            {"row": row.number, "code": row.problem, "detail": row.detail} for row in bad[:room]
        ]
        order.save(update_fields=["counts", "rows_read", "unreadable", "problems"])


def forget_file_of(instance: DatasetImport, **_message: object) -> None:
    """Leave no file behind whose import is deleted, with its dataset or alone."""
    transaction.on_commit(instance.forget_file)
