"""The changes of a check by kind, with samples and their reasons, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from quality import findings
from quality.evaluation import words
from quality.evaluation.reports import excerpt
from quality.models import PolicyChange, PolicyCheck
from synthesis.models import Record

SAMPLES = 20


@dataclass(frozen=True, kw_only=True)
class Move:
    """Records that go from one status to another, all for one kind of reason."""

    before: str
    after: str
    reason: str
    records: int

    @property
    def title(self) -> str:
        if self.before == self.after:
            return _("%(status)s, with other findings or another score") % {
                "status": label(self.before)
            }
        return f"{label(self.before)} → {label(self.after)}"

    @property
    def sentence(self) -> str:
        """Say why, without what is known of one record only."""
        if not self.reason:
            return ""
        text = words.finding(self.reason)
        is_back = self.after not in (self.before, *REFUSED)
        return _("No longer: %(reason)s") % {"reason": text} if is_back else text


REFUSED = (Record.Status.DUPLICATE, Record.Status.MALFORMED, Record.Status.REJECTED)


def label(status: str) -> str:
    return str(Record.Status(status).label)


def moves(check: PolicyCheck) -> list[Move]:
    """Count the changes by kind, those of another status first. Cost: one query."""
    kinds = check.changes.order_by().values_list("status_before", "status_after", "reason")
    found = [
        Move(before=before, after=after, reason=reason, records=records)
        for before, after, reason, records in kinds.annotate(Count("pk"))
    ]
    return sorted(found, key=lambda move: (move.before == move.after, -move.records, move.title))


def samples(check: PolicyCheck, move: Move) -> list[dict[str, Any]]:
    """Return the first records of a kind, with how they begin and why they change."""
    rows = check.changes.select_related("record").filter(
        status_before=move.before, status_after=move.after, reason=move.reason
    )
    return [
        {
            "record": row.record_id,
            "excerpt": excerpt(row.record.content),
            "reason": findings.sentence(row.finding) if row.finding else "",
            "score": score_after(row),
        }
        for row in rows[:SAMPLES]
    ]


def score_after(row: PolicyChange) -> Any:
    values: Mapping[str, Any] = row.values
    is_applied = row.state == PolicyChange.State.APPLIED
    return row.record.score if is_applied else values.get("score")


def counts(check: PolicyCheck) -> dict[str, int]:
    """Count the changes by what became of them."""
    found = dict(check.changes.order_by().values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in PolicyChange.State.values}


def figures(check: PolicyCheck) -> list[tuple[str, int]]:
    """List what the preview counted, by status, and what it could not look at."""
    report = check.report or {}
    before, after = report.get("statuses_before", {}), report.get("statuses_after", {})
    found = [(_("records looked at"), report.get("records", 0))]
    for status in Record.Status.values:
        if status in before or status in after:
            found += [
                (_("%(status)s now") % {"status": label(status)}, before.get(status, 0)),
                (_("%(status)s by the policy") % {"status": label(status)}, after.get(status, 0)),
            ]
    return [
        *found,
        (_("decided by people, left as they are"), report.get("decided_by_people", 0)),
        (_("replies without a record, left as they are"), report.get("unreadable", 0)),
        (_("accepted without a judge's score"), report.get("unjudged", 0)),
    ]


def lines(check: PolicyCheck) -> list[str]:
    """Write the preview as lines of text."""
    found = [f"{name}: {number}" for name, number in figures(check)]
    found += [
        f"- {move.title}: {move.records}{f' ({move.sentence})' if move.sentence else ''}"
        for move in moves(check)
    ]
    return found if len(found) > len(figures(check)) else [*found, _("Nothing would change.")]


def result(check: PolicyCheck) -> str:
    """Say how many changes are applied, and how many records were left alone."""
    return _(
        "Records changed: %(applied)s. Left alone: %(skipped)s, because they were changed or"
        " decided on since, or because their content is accepted elsewhere in the dataset by now."
    ) % counts(check)
