from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from quality.evaluation import exports, tables
from quality.models import Evaluation
from synthesis.management.commands.export_dataset import STANDARD_OUTPUT, write_file, write_out
from synthesis.management.lookup import USAGE_ERROR, find
from synthesis.management.waiting import INTERRUPTED, follow_job
from synthesis.models import Dataset


class Command(BaseCommand):
    help = "Evaluate a dataset in this process, and write the report (exit code 0 only with one)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or number of the dataset")
        parser.add_argument("--field", default="", help="whose values should be balanced")
        parser.add_argument("--format", choices=exports.FORMATS, default="json")
        parser.add_argument(
            "--output", metavar="FILE", help="- is the standard output; left out, a summary only"
        )
        parser.add_argument("--force", action="store_true", help="replace a file that is there")

    def handle(self, *_args: Any, **options: Any) -> None:
        dataset = find(Dataset, options["dataset"])
        try:
            Evaluation(dataset=dataset, field=options["field"]).clean_fields()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE_ERROR) from error
        evaluation = evaluated(Evaluation.start(dataset, field=options["field"]))
        if options["output"] == STANDARD_OUTPUT:
            write_out(iter([exports.write(evaluation, options["format"])]))
            return
        for label, value in tables.figures(evaluation.report):
            self.stdout.write(f"{label}: {value}")
        for sentence in tables.advice(evaluation.report):
            self.stdout.write(f"- {sentence}")
        if options["output"]:
            path = Path(options["output"])
            content = iter([exports.write(evaluation, options["format"])])
            write_file(content, path, replaces=options["force"])
            self.stdout.write(_("The report is in %(path)s.") % {"path": path})


def evaluated(evaluation: Evaluation) -> Evaluation:
    """Follow the job to its end.

    Errors: CommandError when there is no report at the end.
    """
    try:
        follow_job(evaluation.job, _("records"))
    except KeyboardInterrupt as error:
        text = _("Cancelled. The evaluation was not finished.")
        raise CommandError(text, returncode=INTERRUPTED) from error
    ended = Evaluation.objects.select_related("dataset", "job").get(pk=evaluation.pk)
    if ended.report is None:
        raise CommandError(ended.reason or ended.state_label)
    return ended
