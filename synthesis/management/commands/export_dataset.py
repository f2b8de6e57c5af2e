from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from synthesis import export
from synthesis.management.lookup import USAGE_ERROR, find
from synthesis.models import Dataset, OutputFormat, Record

STANDARD_OUTPUT = "-"


class Command(BaseCommand):
    help = "Write a dataset's records into a file, or to the standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or number of the dataset")
        parser.add_argument("--format", choices=OutputFormat.values, default=OutputFormat.JSONL)
        parser.add_argument("--status", choices=Record.Status.values, default="accepted")
        parser.add_argument(
            "--review", choices=Record.Review.values, help="left out, whatever people said"
        )
        parser.add_argument(
            "--metadata",
            action="store_true",
            help="with status, scores and review of each record under _meta",
        )
        parser.add_argument(
            "--output",
            metavar="FILE",
            help="- is the standard output; left out, the dataset's name in this folder",
        )
        parser.add_argument("--force", action="store_true", help="replace a file that is there")

    def handle(self, *_args: Any, **options: Any) -> None:
        dataset = find(Dataset, options["dataset"])
        records = Record.objects.filter(dataset=dataset, status=options["status"])
        if options["review"]:
            records = records.filter(review=options["review"])
        try:
            chunks = shown(export.stream(records, options["format"], metadata=options["metadata"]))
            if options["output"] == STANDARD_OUTPUT:
                write_out(chunks)
                dataset.mark_exported()
                return
            path = Path(options["output"] or export.file_name(dataset, options["format"]))
            write_file(chunks, path, replaces=options["force"])
            dataset.mark_exported()
        except export.NotATableError as error:
            raise CommandError(str(error)) from error
        except export.ColumnsChangedError as error:
            raise CommandError(
                _("The records were changed meanwhile. Run the command again.")
            ) from error
        names = {"count": records.count(), "path": path}
        self.stdout.write(_("%(count)s records are in %(path)s.") % names)


def shown(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Show on a terminal how much is written."""
    with tqdm(unit="B", unit_scale=True, file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
        for chunk in chunks:
            yield chunk
            bar.update(len(chunk))


def write_out(chunks: Iterator[bytes]) -> None:
    output = getattr(sys.stdout, "buffer", sys.stdout)
    try:
        for chunk in chunks:
            output.write(chunk)
        output.flush()
    except BrokenPipeError:
        # Whoever read has enough; nothing is left for the interpreter to flush at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_file(chunks: Iterator[bytes], path: Path, *, replaces: bool) -> None:
    """Write the whole file or none: a reader never sees half of it.

    Errors: CommandError when the file exists or cannot be written.
    """
    if path.exists() and not replaces:
        raise CommandError(
            _("%(path)s exists already. Add --force to replace it.") % {"path": path},
            returncode=USAGE_ERROR,
        )
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(chunks)
        draft.replace(path)
    except OSError as error:
        raise CommandError(
            _("%(path)s cannot be written: %(reason)s.") % {"path": path, "reason": error.strerror}
        ) from error
    finally:
        draft.unlink(missing_ok=True)
