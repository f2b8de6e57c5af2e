"""What a reviewer cannot do right now, and why.

SynthesisError
└── ReviewError             a decision that cannot be carried out
    └── AlreadyReviewedError    somebody else came first
"""

from __future__ import annotations

from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quality.models import ReviewEvent
from synthesis.errors import SynthesisError
from synthesis.models import Record

SENTENCES = {
    "no_content": _(
        "The reply held no record that could be read, so there is nothing to approve. Edit the"
        " record first, or reject it."
    ),
    "same_as_accepted": _(
        "Record {detail} of this dataset is accepted, or waits for its judge, and has the same"
        " content, so this one cannot be accepted too. Edit one of them, or reject the other one"
        " first."
    ),
    "already_reviewed": _("{detail} Look at the record again before you decide."),
    "nothing_to_undo": _("There is no edit to undo, or the record was changed since."),
}
Action = ReviewEvent.Action
CAME_FIRST = {
    Action.APPROVED: _("%(user)s approved this record at %(time)s, before you."),
    Action.REJECTED: _("%(user)s rejected this record at %(time)s, before you."),
    Action.RESET: _("%(user)s took the decision on this record back at %(time)s, before you."),
    Action.EDITED: _("%(user)s edited this record at %(time)s, before you."),
}


class ReviewError(SynthesisError):
    def __str__(self) -> str:
        return str(SENTENCES[self.code]).format(detail=self.detail)


class AlreadyReviewedError(ReviewError):
    def __init__(self, record: Record) -> None:
        super().__init__("already_reviewed", who_came_first(record))


def who_came_first(record: Record) -> str:
    event = ReviewEvent.latest_of(record)
    if event is None:
        return gettext("The record was changed in the meantime.")
    return str(CAME_FIRST[Action(event.action)]) % {
        "user": event.user or gettext("Somebody"),
        "time": formats.date_format(timezone.localtime(event.at), "DATETIME_FORMAT"),
    }
