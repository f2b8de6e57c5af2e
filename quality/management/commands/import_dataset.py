from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from quality.models import DatasetQuality, QualityPolicy
from synthesis import uploads
from synthesis.management.lookup import USAGE_ERROR, find
from synthesis.management.waiting import INTERRUPTED, follow_job
from synthesis.models import Dataset, DatasetImport, Job, Record


class Command(BaseCommand):
    help = "Read a JSONL, JSON, CSV, TSV or XLSX file into a dataset, through all checks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("dataset", help="name or number of the dataset")
        parser.add_argument(
            "--create", action="store_true", help="create a dataset of that name if there is none"
        )
        parser.add_argument(
            "--policy", help="name or number of the quality policy; the dataset keeps it"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            with path.open("rb") as file:
                order = self.order(File(file, name=path.name), options)
        except OSError as error:
            words = {"path": path, "reason": error.strerror}
            raise CommandError(
                _("%(path)s cannot be read: %(reason)s.") % words, returncode=USAGE_ERROR
            ) from error
        self.report(order, follow(order))

    def order(self, file: File, options: dict[str, Any]) -> DatasetImport:
        try:
            uploads.check(file)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE_ERROR) from error
        policy = find(QualityPolicy, options["policy"]) if options["policy"] else None
        dataset = target(options["dataset"], create=options["create"])
        if policy:
            DatasetQuality.objects.update_or_create(dataset=dataset, defaults={"policy": policy})
        return DatasetImport.order(dataset, file)

    def report(self, order: DatasetImport, job: Job) -> None:
        order.refresh_from_db()
        for number, sentence in order.sentences():
            self.stderr.write(_("Row %(number)s:") % {"number": number} + f" {sentence}")
        text = summary(order)
        if job.state != Job.State.DONE:
            raise CommandError(f"{job.reason} {text}")
        self.stdout.write(text)


def target(name: str, *, create: bool) -> Dataset:
    """Return the dataset that the rows go into.

    Errors: CommandError, exit code 2, when there is none and none is to be made.
    """
    if create and not Dataset.objects.filter(name=name).exists():
        return Dataset.objects.create(name=name)
    return find(Dataset, name, hint=_("Add --create to make it."))


def summary(order: DatasetImport) -> str:
    """Say what became of the rows, as the import's page does."""
    counts = [(status.label, order.counts.get(status, 0)) for status in Record.Status]
    parts = [_("rows read: %(count)s") % {"count": order.rows_read}]
    parts += [f"{label}: {count}" for label, count in counts if count]
    return " · ".join([*parts, _("not readable: %(count)s") % {"count": order.unreadable}])


def follow(order: DatasetImport) -> Job:
    assert order.job is not None  # noqa: S101  narrows the type
    try:
        return follow_job(order.job, _("rows"))
    except KeyboardInterrupt as error:
        text = _("Stopped; what was read stays in the dataset.")
        raise CommandError(text, returncode=INTERRUPTED) from error
