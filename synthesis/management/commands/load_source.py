from __future__ import annotations

from argparse import ArgumentParser
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from synthesis import source_items, uploads
from synthesis.errors import SourceError
from synthesis.management.lookup import USAGE_ERROR, find
from synthesis.management.mistakes import named
from synthesis.management.waiting import INTERRUPTED, follow_job
from synthesis.models import Dataset, Job, Source


class Command(BaseCommand):
    help = "Load documents, or rows of files or of a dataset, into a source."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="of a new source, or of one that the files are added to")
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--dataset", help="take the accepted records of this one as rows")
        parser.add_argument("--rows", action="store_true", help="each row of a file is an item")
        parser.add_argument("--cut", choices=Source.Cut.values, help="how documents are cut")
        parser.add_argument("--characters", type=int, help="per chunk")
        parser.add_argument("--overlap", type=int, help="characters that two chunks share")
        parser.add_argument("--delimiter", help=r"between two chunks; \n is a line break")

    def handle(self, *_args: Any, **options: Any) -> None:
        source = self.source(options)
        with ExitStack() as opened:
            files = [self.opened(path, source, opened) for path in options["files"]]
            if not files and source.dataset is None:
                raise refused(_("Name a file, or a dataset with --dataset."))
            if files and source.dataset is not None:
                raise refused(_("Take the rows of a dataset or of files, not of both."))
            try:
                with transaction.atomic():
                    if source._state.adding:
                        source.save()
                    source.load(uploads=files)
            except SourceError as error:
                raise refused(str(error)) from error
        self.report(source, follow(source))

    def source(self, options: dict[str, Any]) -> Source:
        """Return the source of this name, else a new one that is not saved yet."""
        given = {
            "cut": options["cut"],
            "chunk_characters": options["characters"],
            "overlap_characters": options["overlap"],
            "delimiter": options["delimiter"],
            "dataset": find(Dataset, options["dataset"]) if options["dataset"] else None,
            "kind": Source.Kind.ROWS if options["rows"] or options["dataset"] else None,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        found = Source.objects.filter(name=options["name"]).first()
        if found is not None and changes:
            raise refused(_("The source is there already; its settings are changed on its page."))
        source = found or Source(name=options["name"], **changes)
        if options["overlap"] is None:
            half = source.chunk_characters // 2
            source.overlap_characters = min(source.overlap_characters, half)
        try:
            source.full_clean(validate_unique=False)
        except ValidationError as error:
            raise refused(named(error, Source)) from error
        return source

    def opened(self, path: Path, source: Source, stack: ExitStack) -> File:
        try:
            file = File(stack.enter_context(path.open("rb")), name=path.name)
        except OSError as error:
            words = {"path": path, "reason": error.strerror}
            raise refused(_("%(path)s cannot be read: %(reason)s.") % words) from error
        try:
            uploads.check(file, partial(source_items.format_of, kind=source.kind))
        except ValidationError as error:
            raise refused(f"{path.name}: {' '.join(error.messages)}") from error
        return file

    def report(self, source: Source, job: Job) -> None:
        source.refresh_from_db()
        for file in source.files.exclude(reason_code=""):
            self.stderr.write(f"{file.name}: {file.reason}")
        text = _("items: %(count)s") % {"count": source.item_count}
        if job.state != Job.State.DONE:
            raise CommandError(f"{job.reason} {text}")
        self.stdout.write(text)


def refused(text: str) -> CommandError:
    return CommandError(text, returncode=USAGE_ERROR)


def follow(source: Source) -> Job:
    assert source.job is not None  # noqa: S101  narrows the type
    try:
        return follow_job(source.job, "B" if source.dataset is None else _("records"))
    except KeyboardInterrupt as error:
        text = _("Stopped; load the source again on its page.")
        raise CommandError(text, returncode=INTERRUPTED) from error
