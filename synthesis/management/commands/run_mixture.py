from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from synthesis.errors import ShortageError, SynthesisError
from synthesis.management.lookup import find
from synthesis.management.waiting import INTERRUPTED, follow_job
from synthesis.models import Mixture


class Command(BaseCommand):
    help = "Draw a mixture's records from its datasets, with exit code 0 only when it is complete."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mixture", help="name or number of the mixture")
        parser.add_argument(
            "--accept-shortage",
            action="store_true",
            help="take what is there where that is less than wanted; else a shortage is refused",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        mixture = find(Mixture, options["mixture"])
        try:
            mixture.start(accepts_shortage=options["accept_shortage"])
        except ShortageError as error:
            advice = _("With --accept-shortage what is there is taken.")
            raise CommandError(f"{error} {advice}") from error
        except SynthesisError as error:
            raise CommandError(str(error)) from error
        try:
            follow_job(mixture.job, _("records"))
        except KeyboardInterrupt as error:
            text = _("Cancelled. What was drawn stays until the mixture is started again.")
            raise CommandError(text, returncode=INTERRUPTED) from error
        mixture = Mixture.objects.with_progress().get(pk=mixture.pk)
        for line in lines(mixture):
            self.stdout.write(line)
        self.stdout.write(outcome(mixture))


def lines(mixture: Mixture) -> Iterator[str]:
    """Say of each row how far it came, and why no farther."""
    text = _("%(name)s: %(drawn)s of %(count)s records, %(replaced)s replaced.")
    for row in mixture.rows.all():
        words = {"drawn": row.drawn or 0, "count": row.count, "replaced": row.replaced}
        yield f"{text % {'name': row.title, **words}} {row.shortage}".strip()


def outcome(mixture: Mixture) -> str:
    """Return the closing sentence. Errors: CommandError when it is not complete."""
    if mixture.completed_at is None:
        raise CommandError(mixture.reason or mixture.status_label)
    words = {"mixture": mixture, "drawn": mixture.accepted_count, "count": mixture.total}
    return _("%(mixture)s has %(drawn)s of %(count)s records.") % words
