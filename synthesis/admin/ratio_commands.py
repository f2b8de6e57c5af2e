"""What a user can tell a ratio task to do: each command speaks of all of its categories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from synthesis.admin.commands import COMMANDS as OF_ONE_TASK
from synthesis.admin.commands import Command
from synthesis.models import RatioCategory, RatioTask
from synthesis.models.ratio import Reach


def start(task: RatioTask, user: Any) -> str:
    task.start(user)
    return gettext("All categories have started.")


def telling(command: str, sentence: Callable[[], str]) -> Callable[[RatioTask, Any], str]:
    """Return the command that says what became of each category."""

    def run(task: RatioTask, _user: Any) -> str:
        reach = getattr(task, command)()
        return f"{sentence()} {report(reach)}"

    return run


def report(reach: Reach) -> str:
    text = gettext("Categories: %(names)s.") % {"names": listed(reach.changed)}
    if not reach.unchanged:
        return text
    others = ", ".join(
        f"{category.name} ({category.task.status_label})" for category in reach.unchanged
    )
    return f"{text} {gettext('As they were: %(names)s.') % {'names': others}}"


def listed(categories: list[RatioCategory]) -> str:
    return ", ".join(category.name for category in categories)


RUNS = {
    "start": start,
    "rerun": start,
    "pause": telling(
        "pause", lambda: gettext("Paused. Calls in flight are still stored; no new ones start.")
    ),
    "resume": telling("resume", lambda: gettext("The runs go on where they stopped.")),
    "top-up": telling("top_up", lambda: gettext("New records are made for those that were lost.")),
    "retry-failed": telling(
        "retry_failed", lambda: gettext("Failed batches are tried again, and stopped runs go on.")
    ),
    "cancel": telling("cancel", lambda: gettext("Cancelled. The records that were made are kept.")),
}
COMMANDS: dict[str, Command] = {
    name: replace(OF_ONE_TASK[name], run=run) for name, run in RUNS.items()
}


def possible(task: RatioTask) -> list[Command]:
    """List the commands that at least one category can follow; starting needs all of them."""
    categories = list(task.categories.all())
    return [command for command in COMMANDS.values() if is_possible(command, categories)]


def is_possible(command: Command, categories: list[RatioCategory]) -> bool:
    follows = [
        category.status in command.statuses
        and not (command.needs_lost_records and category.latest_run.is_full)
        for category in categories
    ]
    return all(follows) if command.name in ("start", "rerun") else any(follows)
