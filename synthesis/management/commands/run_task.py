from __future__ import annotations

import contextlib
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from synthesis import source_rules
from synthesis.errors import TaskNotReadyError
from synthesis.management.lookup import USAGE_ERROR, find
from synthesis.management.mistakes import named
from synthesis.management.waiting import (
    INTERRUPTED,
    is_worker_running,
    serve_or_wait,
    warn_of_no_worker,
)
from synthesis.models import Run, Source, SynthesisTask
from synthesis.signals import records_saved

STORED = {field.name for field in SynthesisTask._meta.fields} - {"records_per_item"}


class Command(BaseCommand):
    help = "Start a task, and with --wait follow it to its end (exit code 0 only when completed)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", help="name or number of the task")
        parser.add_argument("--wait", action="store_true", help="stay until the run has ended")
        parser.add_argument(
            "--timeout", type=float, metavar="SECONDS", help="wait no longer; implies --wait"
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a variable's value for this run; may be repeated",
        )
        parser.add_argument(
            "--source",
            metavar="NAME",
            help="name or number of the source that this run generates from",
        )
        parser.add_argument(
            "--records-per-item",
            type=int,
            metavar="COUNT",
            help="good records of each item of the source, for this run",
        )
        parser.add_argument(
            "--serve",
            action="store_true",
            help="do the work in this process where no worker runs; implies --wait",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        task = find(SynthesisTask, options["task"])
        waits = options["wait"] or options["serve"] or options["timeout"] is not None
        is_changed = order(task, options)
        run = run_at_work(task) if waits and not is_changed else None
        if run is not None:
            text = _("Run %(run)s is at work already: %(accepted)s of %(count)s records.")
        else:
            run = self.start(task)
            text = _("Run %(run)s started: %(count)s records.")
        self.stdout.write(text % words_for(run))
        if waits:
            self.follow(run, serves=options["serve"], timeout_seconds=options["timeout"])
        elif not is_worker_running():
            warn_of_no_worker(self)

    def start(self, task: SynthesisTask) -> Run:
        """Start a run. Errors: CommandError."""
        try:
            task.clean_fields(exclude=STORED)
            task.clean()
            run = task.start()
        except ValidationError as error:
            raise CommandError(named(error, SynthesisTask), returncode=USAGE_ERROR) from error
        except TaskNotReadyError as error:
            raise CommandError(str(error)) from error
        if task.source and (sentence := source_rules.unused(task.template_version, task.source)):
            self.stderr.write(sentence)
        return run

    def follow(self, run: Run, *, serves: bool, timeout_seconds: float | None) -> None:
        ends_at = time.monotonic() + (float("inf") if timeout_seconds is None else timeout_seconds)
        if not serves and not is_worker_running():
            warn_of_no_worker(self)
        try:
            with progress(run) as bar:
                while run.is_active and time.monotonic() < ends_at:
                    serve_or_wait(ends_at, serves=serves)
                    run.refresh_from_db()
                    bar.update(run.accepted - bar.n)
        except KeyboardInterrupt as error:
            raise CommandError(
                _("Stopped waiting. The run goes on as soon as a worker runs."),
                returncode=INTERRUPTED,
            ) from error
        self.stdout.write(outcome(run))


def run_at_work(task: SynthesisTask) -> Run | None:
    run = task.latest_run
    return run if run is not None and run.is_active else None


def order(task: SynthesisTask, options: dict[str, Any]) -> bool:
    """Take what the options say, for this run only; False when they say nothing.

    Errors: CommandError, exit code 2 where the command was given wrong words.
    """
    for assignment in options["set"]:
        name, mark, value = assignment.partition("=")
        if not (name and mark):
            raise CommandError(
                _("“%(words)s” is not of the form NAME=VALUE.") % {"words": assignment},
                returncode=USAGE_ERROR,
            )
        task.values = {**task.values, name: value}
    if options["source"] is not None:
        task.source = find(Source, options["source"])
    if options["records_per_item"] is not None:
        task.records_per_item = options["records_per_item"]
    return any(options[name] for name in ("set", "source", "records_per_item"))


@contextlib.contextmanager
def progress(run: Run) -> Iterator[tqdm[Any]]:
    """Show accepted records; the bar moves with each write when the work is done here."""
    with tqdm(
        total=run.target_count,
        initial=run.accepted,
        unit=_("records"),
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
    ) as bar:

        def move(**_message: Any) -> None:
            bar.update(Run.objects.values_list("accepted", flat=True).get(pk=run.pk) - bar.n)

        records_saved.connect(move, dispatch_uid="run_task")
        try:
            yield bar
        finally:
            records_saved.disconnect(dispatch_uid="run_task")


def outcome(run: Run) -> str:
    """Return the closing sentence of a completed run.

    Errors: CommandError with the reason when it did not complete.
    """
    words = words_for(run)
    if run.status == Run.Status.COMPLETED:
        return _("Run %(run)s is completed: %(accepted)s of %(count)s records.") % words
    if run.is_active:
        raise CommandError(
            _("The time is over; run %(run)s goes on with %(accepted)s of %(count)s records.")
            % words
        )
    sentence = _("Run %(run)s has %(accepted)s of %(count)s records: %(status)s.") % words
    raise CommandError(f"{sentence} {run.reason}".strip())


def words_for(run: Run) -> dict[str, Any]:
    return {
        "run": str(run),
        "status": str(run.get_status_display()),
        "accepted": run.accepted,
        "count": run.target_count,
    }
