from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from quality import renewal
from synthesis.management.lookup import find
from synthesis.management.waiting import INTERRUPTED, follow_job
from synthesis.models import Dataset, Job


class Command(BaseCommand):
    help = "Make the index of near duplicates anew, as the worker does after an update."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "dataset",
            nargs="?",
            help="name or number of a dataset; left out, those that another version indexed",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        named = find(Dataset, options["dataset"]) if options["dataset"] else None
        job = renewal.order(named)
        while job is not None:
            follow(job)
            # What was ordered while a worker's job was at its end is left to another one.
            job = renewal.order()
        self.stdout.write(_("Every dataset is indexed as this version does it."))


def follow(job: Job) -> None:
    """Follow the job to its end.

    Errors: CommandError when it did not get there.
    """
    try:
        job = follow_job(job, _("records"))
    except KeyboardInterrupt as error:
        text = _("Cancelled. The rest is done when a worker starts, or by this command.")
        raise CommandError(text, returncode=INTERRUPTED) from error
    if job.state != Job.State.DONE:
        raise CommandError(job.reason or str(job.get_state_display()))
