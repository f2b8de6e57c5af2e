"""What became of the records of a run, step by step, and why the lost ones were lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from quality import follow_ups
from quality.evaluation import words
from quality.evaluation.counts import key_of
from quality.findings import deciding
from synthesis.models import Record, Run

RECORDS_EXPLAINED = 2000
REASONS_SHOWN = 5

# What is lost at each step is what the run counts under the name.
STEPS = (
    (_("well formed"), "malformed"),
    (_("unique"), "duplicate"),
    (_("passed every check"), "rejected"),
    (_("judged"), "pending"),
    (_("within the target"), "surplus"),
)


@dataclass(frozen=True, kw_only=True)
class Step:
    title: str | Promise
    left: int
    lost: int
    made: int
    reasons: list[tuple[str, int]]
    note: str = ""

    @property
    def percent(self) -> float:
        return 100 * self.left / self.made if self.made else 0.0


def steps(run: Run) -> list[Step]:
    """List how many records were left after each step, from all that were made.

    The reasons are those of the newest refused records only. Cost: two queries, up to four
    where records wait for their judge.
    """
    reasons = reasons_by_status(run)
    calls = follow_ups.calls_of(run)
    left = run.made
    found = [Step(title=_("made"), left=left, lost=0, made=run.made, reasons=[])]
    for title, name in STEPS:
        lost = getattr(run, name)
        left -= lost
        most = [(words.finding(key), count) for key, count in reasons.get(name, [])[:REASONS_SHOWN]]
        note = follow_ups.repairs(calls) if name == "malformed" else ""
        if name == "pending" and lost:
            most, note = follow_ups.waiting(run, calls)
        found.append(
            Step(title=title, left=left, lost=lost, made=run.made, reasons=most, note=note)
        )
    return found


def reasons_by_status(run: Run) -> dict[str, list[tuple[str, int]]]:
    """Count the findings that decided, most frequent first."""
    good = (Record.Status.ACCEPTED, Record.Status.PENDING, Record.Status.SURPLUS)
    refused = run.records.exclude(status__in=good)
    newest = refused.order_by("-pk").values_list("status", "findings")[:RECORDS_EXPLAINED]
    counts = Counter((status, key_of(deciding(status, found))) for status, found in newest if found)
    grouped: dict[str, list[tuple[str, int]]] = {}
    for (status, key), count in counts.most_common():
        grouped.setdefault(status, []).append((key, count))
    return grouped
