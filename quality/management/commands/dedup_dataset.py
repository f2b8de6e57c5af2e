from __future__ import annotations

import math
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from quality.models import Deduplication, Repeat
from synthesis.errors import WrongStateError
from synthesis.management.lookup import USAGE_ERROR, find
from synthesis.management.waiting import INTERRUPTED, follow_job
from synthesis.models import Dataset


class Command(BaseCommand):
    help = "Mark accepted records that repeat another one of their dataset as duplicates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or number of the dataset")
        parser.add_argument("--dry-run", action="store_true", help="search only, change nothing")
        parser.add_argument(
            "--keep",
            choices=Deduplication.Keep.values,
            default=Deduplication.Keep.BEST,
            help="which record of a cluster stays; those that people approved always do",
        )
        parser.add_argument(
            "--threshold", type=number, help="share of its text that a repeat has in common, 0.3-1"
        )
        parser.add_argument(
            "--fields", default="", metavar="A,B", help="compare these fields of the records"
        )
        parser.add_argument(
            "--undo", action="store_true", help="put back what the latest one changed"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        dataset = find(Dataset, options["dataset"])
        if options["undo"]:
            self.undo(dataset)
            return
        order = ordered(dataset, options)
        followed(order)
        counts = order.counts()
        words = {**counts, "records": order.searched}
        found = _("%(records)s records searched: %(copies)s repeat one of %(clusters)s others.")
        nothing = _("%(records)s records searched: none repeats another one.")
        self.stdout.write((found if counts["copies"] else nothing) % words)
        if counts["copies"] and not options["dry_run"]:
            order.apply()
            followed(order)
            self.tell(order)

    def undo(self, dataset: Dataset) -> None:
        changed = Repeat.objects.filter(state=Repeat.State.REMOVED)
        latest = dataset.deduplications.filter(pk__in=changed.values("deduplication")).first()
        if latest is None:
            text = _("No deduplication of this dataset has changed anything.")
            raise CommandError(text, returncode=USAGE_ERROR)
        try:
            latest.undo()
        except WrongStateError as error:
            raise CommandError(str(error)) from error
        followed(latest)
        self.tell(latest)

    def tell(self, order: Deduplication) -> None:
        counts = order.counts()
        for state in Repeat.State:
            if counts[state]:
                self.stdout.write(f"{state.label}: {counts[state]}")


def number(text: str) -> float:
    """Read a number; NaN would pass every comparison with a limit."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def ordered(dataset: Dataset, options: dict[str, Any]) -> Deduplication:
    """Order a search.

    Errors: CommandError, exit code 2, for a threshold that makes no sense.
    """
    names = options["fields"].replace("，", ",").split(",")
    fields = [name.strip() for name in names if name.strip()]
    wanted = {
        "keep": options["keep"],
        "threshold": options["threshold"],
        "compared_fields": fields,
    }
    try:
        Deduplication(dataset=dataset, **wanted).clean_fields()
    except ValidationError as error:
        text = " ".join(error.messages)
        raise CommandError(f"--threshold: {text}", returncode=USAGE_ERROR) from error
    return Deduplication.start(dataset, **wanted)


def followed(order: Deduplication) -> None:
    """Follow the job to its end.

    Errors: CommandError when the step did not get there.
    """
    try:
        follow_job(order.job, _("records"))
    except KeyboardInterrupt as error:
        text = _("Cancelled. What was changed so far stays; --undo puts it back.")
        raise CommandError(text, returncode=INTERRUPTED) from error
    order.refresh_from_db()
    if not order.is_step_done:
        raise CommandError(order.reason or order.state_label)
