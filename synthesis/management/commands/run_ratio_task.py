from __future__ import annotations

import contextlib
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from synthesis.errors import TaskNotReadyError
from synthesis.management.lookup import find
from synthesis.management.waiting import (
    INTERRUPTED,
    is_worker_running,
    serve_or_wait,
    warn_of_no_worker,
)
from synthesis.models import RatioTask
from synthesis.models.ratio import fresh
from synthesis.signals import records_saved

Bars = dict[str, "tqdm[Any]"]


class Command(BaseCommand):
    help = (
        "Start all categories of a ratio task, and with --wait follow them to their end"
        " (exit code 0 only when every one is completed)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", help="name or number of the ratio task")
        parser.add_argument("--wait", action="store_true", help="stay until all have ended")
        parser.add_argument(
            "--timeout", type=float, metavar="SECONDS", help="wait no longer; implies --wait"
        )
        parser.add_argument(
            "--serve",
            action="store_true",
            help="do the work in this process where no worker runs; implies --wait",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        task = fresh(find(RatioTask, options["task"]))
        waits = options["wait"] or options["serve"] or options["timeout"] is not None
        if waits and task.is_active:
            text = _("%(task)s is at work already: %(accepted)s of %(count)s records.")
        else:
            task = start(task)
            text = _("%(task)s started: %(count)s records.")
        self.stdout.write(text % words_for(task))
        if waits:
            self.follow(task, serves=options["serve"], timeout_seconds=options["timeout"])
        elif not is_worker_running():
            warn_of_no_worker(self)

    def follow(self, task: RatioTask, *, serves: bool, timeout_seconds: float | None) -> None:
        ends_at = time.monotonic() + (float("inf") if timeout_seconds is None else timeout_seconds)
        if not serves and not is_worker_running():
            warn_of_no_worker(self)
        try:
            with progress(task) as bars:
                while task.is_active and time.monotonic() < ends_at:
                    serve_or_wait(ends_at, serves=serves)
                    task = fresh(task)
                    move(bars, task)
        except KeyboardInterrupt as error:
            raise CommandError(
                _("Stopped waiting. The run goes on as soon as a worker runs."),
                returncode=INTERRUPTED,
            ) from error
        for line in lines(task):
            self.stdout.write(line)
        self.stdout.write(outcome(task))


def start(task: RatioTask) -> RatioTask:
    """Start all categories. Errors: CommandError."""
    try:
        task.start()
    except TaskNotReadyError as error:
        raise CommandError(str(error)) from error
    return fresh(task)


@contextlib.contextmanager
def progress(task: RatioTask) -> Iterator[Bars]:
    """Show a bar a category; they move with each write when the work is done here."""
    with contextlib.ExitStack() as stack:
        bars = {
            category.name: stack.enter_context(
                tqdm(
                    total=category.count,
                    initial=category.task.accepted_count,
                    desc=category.name,
                    position=category.position,
                    unit=_("records"),
                    file=sys.stderr,
                    disable=not sys.stderr.isatty(),
                )
            )
            for category in task.categories.all()
        }

        def follow(**_message: Any) -> None:
            move(bars, fresh(task))

        records_saved.connect(follow, dispatch_uid="run_ratio_task")
        try:
            yield bars
        finally:
            records_saved.disconnect(dispatch_uid="run_ratio_task")


def move(bars: Bars, task: RatioTask) -> None:
    for category in task.categories.all():
        bar = bars[category.name]
        bar.update(category.task.accepted_count - bar.n)


def lines(task: RatioTask) -> Iterator[str]:
    """Say of each category how far it came, and why no farther."""
    text = _("%(name)s: %(accepted)s of %(count)s records, %(status)s.")
    for category in task.categories.all():
        words = {
            "name": category.name,
            "accepted": category.task.accepted_count,
            "count": category.count,
            "status": category.task.status_label,
        }
        reason = category.latest_run.reason if category.latest_run else ""
        yield f"{text % words} {reason}".strip()


def outcome(task: RatioTask) -> str:
    """Return the closing sentence when all categories are completed.

    Errors: CommandError when they are not.
    """
    words = words_for(task)
    if task.status == RatioTask.Status.COMPLETED:
        return _("%(task)s is completed: %(accepted)s of %(count)s records.") % words
    if task.is_active:
        raise CommandError(
            _("The time is over; %(task)s goes on with %(accepted)s of %(count)s records.") % words
        )
    raise CommandError(_("%(task)s has %(accepted)s of %(count)s records: %(status)s.") % words)


def words_for(task: RatioTask) -> dict[str, Any]:
    return {
        "task": task.name,
        "status": task.status_label,
        "accepted": task.accepted_count,
        "count": task.total,
    }
