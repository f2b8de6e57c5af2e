"""What a decision does to records: people's word overrides the checks.

approve   the record is accepted whatever the checks say, or surplus when its run is full
reject    a record is rejected that the checks did not refuse; others stay what these made them
reset     nobody has decided; the checks judge the record anew
assign    somebody is to decide

The caller holds the dataset's lock. An edited record is checked again. An approval outlives
that when the editor may review: the record then stays accepted and shows its new findings.
Every other decision on the old content is forgotten, and the record waits for review again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from quality import dedup
from quality.errors import ReviewError
from quality.models import ReviewEvent
from synthesis.models import Dataset, Record
from synthesis.models.bulk import insert_each, update_each
from synthesis.models.record import announce

Action = ReviewEvent.Action
DECISIONS = {
    Action.APPROVED: Record.Review.APPROVED,
    Action.REJECTED: Record.Review.REJECTED,
    Action.RESET: Record.Review.UNREVIEWED,
}
UNREFUSED = (Record.Status.ACCEPTED, Record.Status.PENDING, Record.Status.SURPLUS)
CHECK = "review"  # the name of the person's word among the findings
JUDGE = "judge"  # and of the judge's


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done to records, and by whom."""

    action: str
    user: Any = None
    note: str = ""
    assignee: Any = None


def carry_out(records: list[Record], order: Order, dataset: Dataset) -> dict[int, ReviewError]:
    """Do what the order says, write the history, and return why some were refused."""
    before = {record.pk: record.status for record in records}
    refusals = approve(records, dataset) if order.action == Action.APPROVED else {}
    done = [record for record in records if record.pk not in refusals]
    if order.action == Action.ASSIGNED:
        for record in done:
            record.assigned_to = order.assignee
        update_each(done, ["assigned_to"])
    elif order.action == Action.RESET:
        for record in done:
            record.forget_review()
        check_again(done, before, dataset)
        announce(done, dataset, None)
    else:
        settle(done, order)
        Record.objects.restate(done, before)
    insert_each([event(record, order, before) for record in done])
    return refusals


def check_again(records: list[Record], before: Mapping[int, str], dataset: Dataset) -> None:
    """Let the checks judge records anew; what a judge said of the same content still holds."""
    verdicts = {
        row.pk: [said for said in row.findings if said.get("check") == JUDGE] for row in records
    }
    Record.objects.recheck(records, before, dataset=dataset)
    judged = [row for row in records if verdicts[row.pk]]
    since = {row.pk: row.status for row in judged}
    for record in judged:
        said = verdicts[record.pk]
        if record.status not in UNREFUSED:
            # The last finding of a refused record is the one that decided.
            record.findings = [*said, *record.findings]
            continue
        record.findings = [*record.findings, *said]
        if any(row.get("code") == "below" for row in said):
            record.status = Record.Status.REJECTED
    Record.objects.restate(judged, since)


def approve(records: list[Record], dataset: Dataset) -> dict[int, ReviewError]:
    """Make records accepted, but for those that have no content or a twin that is accepted."""
    refusals = {row.pk: ReviewError("no_content") for row in records if row.content is None}
    doubtful = [
        row for row in records if row.pk not in refusals and row.status != Record.Status.ACCEPTED
    ]
    twins = accept(doubtful, dataset)
    for pk, twin in twins.items():
        refusals[pk] = ReviewError("same_as_accepted", str(twin))
    return refusals


def accept(
    records: list[Record], dataset: Dataset, beside: Mapping[str, Any] | None = None
) -> dict[int, Any]:
    """Accept records that the checks did not; return the twins of those that cannot be.

    beside has the ids, by hash, of records that are accepted in the same write.
    """
    dedup.fingerprint(records)
    known = {**dedup.accepted_by_hash(records, dataset), **(beside or {})}
    twins = {}
    for record in records:
        twin = known.setdefault(record.content_hash, record.pk)
        if record.content is not None and twin == record.pk:
            record.status = Record.Status.ACCEPTED
        else:
            twins[record.pk] = twin
    return twins


def settle(records: list[Record], order: Order) -> None:
    """Set the review of records, and what a rejection says about them."""
    now = timezone.now()
    for record in records:
        record.findings = without_word(record.findings)
        record.review, record.review_note = DECISIONS[Action(order.action)], order.note
        record.reviewer, record.reviewed_at = order.user, now
        if order.action == Action.REJECTED:
            reject(record)


def reject(record: Record) -> None:
    if record.status in UNREFUSED:
        record.status = Record.Status.REJECTED
    finding = {"check": CHECK, "code": "rejected", "detail": record.review_note}
    record.findings = [*without_word(record.findings), finding]


def without_word(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [finding for finding in findings if finding.get("check") != CHECK]


def event(record: Record, order: Order, before: dict[int, str]) -> ReviewEvent:
    return ReviewEvent(
        record=record,
        action=order.action,
        note=order.note,
        assignee=order.assignee,
        status_before=before[record.pk],
        status_after=record.status,
        user=order.user,
    )


def keep_word(records: Iterable[Record], dataset: Dataset) -> None:
    """Let people's decisions stand against the checks that have just judged the records.

    One that now equals an accepted record cannot be accepted too, so it is to be reviewed again.
    """
    rows = list(records)
    approved = [row for row in rows if row.review == Record.Review.APPROVED]
    overruled = [row for row in approved if row.status != Record.Status.ACCEPTED]
    if overruled:
        beside = {row.content_hash: row.pk for row in rows if row.status == Record.Status.ACCEPTED}
        twins = accept(overruled, dataset, beside)
        for record in overruled:
            if record.pk in twins:
                record.forget_review()
    for record in rows:
        if record.review == Record.Review.REJECTED:
            reject(record)
