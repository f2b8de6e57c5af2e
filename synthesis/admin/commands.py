"""What a user can tell a task to do, in which states, and how the page asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from synthesis.errors import TaskNotReadyError
from synthesis.models import Run, SynthesisTask

Status = Run.Status
DRAFT = "draft"
WHOLE_ONLY = ("start", "rerun")  # a category is started with the others of its ratio task


@dataclass(frozen=True, kw_only=True)
class Command:
    """A button: run tells the task, and returns the sentence that the user reads."""

    name: str
    label: Promise
    icon: str
    statuses: frozenset[str]
    run: Callable[[SynthesisTask, Any], str]
    is_primary: bool = False
    needs_lost_records: bool = False
    confirmation: Promise | None = None


def latest_run(task: SynthesisTask) -> Run:
    if task.latest_run is None:
        raise TaskNotReadyError("never_ran")
    return task.latest_run


def start(task: SynthesisTask, user: Any) -> str:
    run = task.start(user)
    return gettext("Run %(number)s has started.") % {"number": run.number}


def pause(task: SynthesisTask, _user: Any) -> str:
    latest_run(task).pause()
    return gettext("Paused. Calls in flight are still stored; no new ones start.")


def resume(task: SynthesisTask, _user: Any) -> str:
    latest_run(task).resume()
    return gettext("The run goes on where it stopped.")


def top_up(task: SynthesisTask, _user: Any) -> str:
    run = latest_run(task)
    run.top_up()
    if run.is_full:
        return gettext("Surplus records have taken the places of those that were lost.")
    return gettext("The run makes new records for those that it lost.")


def cancel(task: SynthesisTask, _user: Any) -> str:
    latest_run(task).cancel()
    return gettext("Cancelled. The records that were made are kept.")


def retry_failed(task: SynthesisTask, _user: Any) -> str:
    count = latest_run(task).retry_failed()
    if not count:
        return gettext("No batch of this run has failed; there is nothing to retry.")
    return ngettext(
        "%(count)s failed batch is tried again.", "%(count)s failed batches are tried again.", count
    ) % {"count": count}


COMMANDS = {
    command.name: command
    for command in (
        Command(
            name="start",
            label=_("Start"),
            icon="play_arrow",
            statuses=frozenset({DRAFT}),
            run=start,
            is_primary=True,
        ),
        Command(
            name="pause",
            label=_("Pause"),
            icon="pause",
            statuses=frozenset(Run.ACTIVE),
            run=pause,
            is_primary=True,
        ),
        Command(
            name="resume",
            label=_("Resume"),
            icon="play_arrow",
            statuses=frozenset(Run.RESUMABLE),
            run=resume,
            is_primary=True,
        ),
        Command(
            name="top-up",
            label=_("Top up"),
            icon="exposure_plus_1",
            statuses=frozenset({Status.COMPLETED}),
            run=top_up,
            is_primary=True,
            needs_lost_records=True,
        ),
        Command(
            name="retry-failed",
            label=_("Retry failed"),
            icon="replay",
            statuses=frozenset({Status.RUNNING, *Run.RESUMABLE}),
            run=retry_failed,
        ),
        Command(
            name="rerun",
            label=_("Run again"),
            icon="restart_alt",
            statuses=frozenset({Status.COMPLETED, Status.STALLED, Status.FAILED, Status.CANCELLED}),
            run=start,
        ),
        Command(
            name="cancel",
            label=_("Cancel run"),
            icon="stop",
            statuses=frozenset({*Run.ACTIVE, *Run.RESUMABLE}),
            run=cancel,
            confirmation=_(
                "No more calls start, and the run cannot be resumed. The records that it made"
                " stay in the dataset."
            ),
        ),
    )
}


def possible(task: SynthesisTask) -> list[Command]:
    """List the commands that make sense in the task's present state."""
    return [
        command
        for command in COMMANDS.values()
        if task.status in command.statuses
        and not (task.category_id and command.name in WHOLE_ONLY)
        and not (command.needs_lost_records and task.latest_run.is_full)
    ]
