"""What a user can tell a mixture to do, and when."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from synthesis.admin.commands import Command
from synthesis.models import Mixture, Run

Status = Mixture.Status


def start(mixture: Mixture, user: Any) -> str:
    mixture.start(user)
    return gettext("The records are being drawn.")


def take(mixture: Mixture, user: Any) -> str:
    mixture.start(user, accepts_shortage=True)
    return gettext("The records that are there are being drawn.")


def cancel(mixture: Mixture, _user: Any) -> str:
    mixture.cancel()
    return gettext("Cancelled. What was drawn stays until the mixture is started again.")


COMMANDS = {
    command.name: command
    for command in (
        Command(
            name="start",
            label=_("Start"),
            icon="play_arrow",
            statuses=frozenset({Status.DRAFT}),
            run=start,
            is_primary=True,
        ),
        Command(
            name="rerun",
            label=_("Start again"),
            icon="restart_alt",
            statuses=frozenset({Status.SHORT, Status.FAILED, Status.CANCELLED}),
            run=start,
            confirmation=_("What it has drawn so far is taken back and drawn anew."),
        ),
        Command(
            name="take",
            label=_("Take what is there"),
            icon="done_all",
            statuses=frozenset({Status.DRAFT, Status.SHORT}),
            run=take,
            confirmation=_(
                "Rows that find fewer records than wanted then stay short, and the proportions are"
                " not the ones asked for."
            ),
        ),
        Command(
            name="cancel",
            label=_("Cancel"),
            icon="stop",
            statuses=frozenset(Run.ACTIVE),
            run=cancel,
        ),
    )
}


def possible(mixture: Mixture) -> list[Command]:
    return [command for command in COMMANDS.values() if mixture.status in command.statuses]
