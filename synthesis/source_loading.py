"""The job that fills a source from its files, one after the other, or from a dataset."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import QuerySet

from synthesis import source_items
from synthesis.engine.background import Assignment, JobFailedError
from synthesis.models import Record, Source, SourceFile, SourceItem
from synthesis.source_items import Found
from synthesis.tables import Row, UnreadableFileError

HASHED_BYTES = 1024**2
DELETED_ITEMS = 5000
ROWS_NAMED = 10


def load(assignment: Assignment) -> None:
    """Load what waits; an earlier worker's half-read file is begun again.

    Errors: JobFailedError when the source is gone, or nothing in it could be read.
    """
    sources = Source.objects.select_related("dataset")
    source = sources.filter(pk=assignment.job.arguments["source"]).first()
    if source is None:
        raise JobFailedError("source_gone")
    work = Loading(assignment, source)
    if source.dataset is None:
        work.load_files()
    else:
        work.load_dataset()
    with assignment.commit():
        source.count_items()
    if not source.item_count:
        raise JobFailedError("nothing_loaded")


class Loading:
    """One job at one source. Progress is in bytes of the files, or in records."""

    def __init__(self, assignment: Assignment, source: Source) -> None:
        self.assignment = assignment
        self.source = source
        self.done = 0
        self.total = 0

    def load_dataset(self) -> None:
        self.remove(self.source.items.all())
        self.total = Record.objects.accepted().filter(dataset=self.source.dataset).count()
        for group in source_items.groups(source_items.of_dataset(self.source.dataset)):
            with self.assignment.commit():
                self.source.add_items(group)
            self.report(len(group))

    def load_files(self) -> None:
        files = list(self.source.files.filter(state=SourceFile.State.WAITING).order_by("pk"))
        self.total = sum(file.size for file in files)
        if not self.source.files.filter(state=SourceFile.State.LOADED).exists():
            self.remove(self.source.items.all())
        for file in files:
            before = self.done
            self.remove(file.items.all())
            self.load_file(file)
            self.done = before
            self.report(file.size)

    def load_file(self, file: SourceFile) -> None:
        try:
            with file.file.open("rb") as opened:
                file.content_hash = self.digest(opened)
                if not self.mark_repeated(file):
                    self.read(file, opened)
        except FileNotFoundError:
            self.fail(file, "source_file_gone")
        except UnreadableFileError as error:
            self.fail(file, error.code, error.detail)

    def digest(self, opened: BinaryIO) -> str:
        digest = hashlib.sha256()
        while part := opened.read(HASHED_BYTES):
            digest.update(part)
            self.report(0)
        opened.seek(0)
        return digest.hexdigest()

    def mark_repeated(self, file: SourceFile) -> bool:
        """Leave out a file whose content an earlier one of the source has."""
        others = self.source.files.filter(content_hash=file.content_hash, pk__lt=file.pk).order_by(
            "pk"
        )
        first = others.exclude(state=SourceFile.State.REPEATED).first()
        if first is None:
            return False
        with self.assignment.commit():
            file.end(SourceFile.State.REPEATED, code="repeats", detail=first.name)
        return True

    def read(self, file: SourceFile, opened: BinaryIO) -> None:
        """Store a file's items as they come, and say at the end what became of it."""
        items, bad, before = 0, BadRows(), self.done
        found = source_items.of_file(opened, file.name, self.source.kind, self.source.cutting)
        for group in source_items.groups(bad.taken_out(found)):
            with self.assignment.commit():
                self.source.add_items(group, file)
            items += len(group)
            self.done = before + min(place_in(opened), file.size)
            self.report(0)
        if not items:
            raise UnreadableFileError(*bad.problem())
        with self.assignment.commit():
            file.end(SourceFile.State.LOADED, items=items, **bad.summary())

    def fail(self, file: SourceFile, code: str, detail: str = "") -> None:
        self.remove(file.items.all())
        with self.assignment.commit():
            file.end(SourceFile.State.FAILED, code=code, detail=detail)

    def remove(self, items: QuerySet[SourceItem]) -> None:
        """Delete items in small transactions, so that nobody waits long for the database."""
        while pks := list(items.order_by("pk").values_list("pk", flat=True)[:DELETED_ITEMS]):
            with self.assignment.commit():
                SourceItem.objects.filter(pk__in=pks).discard()
            self.report(0)

    def report(self, more: int) -> None:
        self.done += more
        self.assignment.report(self.done, self.total)


class BadRows:
    """The rows of a file that cannot be read: how many, which first, and why the first."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Row] = []

    def taken_out(self, found: Iterable[Found]) -> Iterator[SourceItem]:
        for one in found:
            if isinstance(one, SourceItem):
                yield one
                continue
            self.count += 1
            if len(self.first) < ROWS_NAMED:
                self.first.append(one)

    def problem(self) -> tuple[str, str]:
        return (self.first[0].problem, self.first[0].detail) if self.first else ("empty_file", "")

    def summary(self) -> dict[str, Any]:
        if not self.count:
            return {}
        numbers = ", ".join(str(row.number) for row in self.first)
        more = "…" if self.count > len(self.first) else ""
        return {"code": "rows_unreadable", "detail": numbers + more, "unreadable": self.count}


def place_in(opened: BinaryIO) -> int:
    """Say how many bytes of a file have been read; all, where its reader has closed it."""
    return sys.maxsize if opened.closed else opened.tell()


def forget_file_of(instance: SourceFile, **_message: object) -> None:
    """Leave no file behind that no source has."""
    transaction.on_commit(instance.forget_file)
