"""Review by people: their word overrides the checks.

approve   the record is accepted whatever the checks say, or surplus when its run is full
reject    an accepted or surplus record is rejected; others stay what the checks made them
reset     nobody has decided; the checks judge the record anew
assign    somebody is to decide

An edited record is checked again. An approval outlives that when the editor may review:
the record then stays accepted and shows its new findings. Every other decision on the old
content is forgotten, and the record waits for review again.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from quality import dedup
from quality.errors import AlreadyReviewedError, ReviewError
from quality.models import ReviewEvent
from synthesis.models import Dataset, Record
from synthesis.models.bulk import insert_each, update_each
from synthesis.models.record import REVIEW_PERMISSION, announce

Action = ReviewEvent.Action
DECISIONS = {
    Action.APPROVED: Record.Review.APPROVED,
    Action.REJECTED: Record.Review.REJECTED,
    Action.RESET: Record.Review.UNREVIEWED,
}
CHECK = "review"  # the name of the person's word among the findings
CHUNK_RECORDS = 500
SLICE_SECONDS = 8.0  # well within what any web server waits for


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done to records, and by whom."""

    action: str
    user: Any = None
    note: str = ""
    assignee: Any = None


@dataclass(kw_only=True)
class Progress:
    """How far an order over many records has come; after is None at its end."""

    changed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    after: int | None = 0


# One record


def decide(record_id: int, order: Order, *, seen: str | None = None) -> Record:
    """Carry out an order on one record, whose version the user has seen.

    Errors: Record.DoesNotExist; AlreadyReviewedError when it is another by now; ReviewError.
    """
    with transaction.atomic():
        record = locked(record_id, seen)
        refusals = carry_out([record], order, record.dataset)
        if refusals:
            raise refusals[record.pk]
    return record


def edit(record_id: int, content: Any, user: Any, *, seen: str | None = None) -> Record:
    """Give a record another content, through the checks and into its history.

    Errors: Record.DoesNotExist; AlreadyReviewedError.
    """
    with transaction.atomic():
        record = locked(record_id, seen)
        record.content, record.editor = content, user
        record.save()
    return record


def undo_edit(record_id: int, user: Any) -> Record:
    """Give a record the content from before its latest edit; doing it twice restores the edit.

    Errors: Record.DoesNotExist; ReviewError when it was not edited, or changed since.
    """
    with transaction.atomic():
        record = locked(record_id)
        event = ReviewEvent.latest_edit_of(record)
        if event is None:
            raise ReviewError("nothing_to_undo")
        return edit(record_id, event.content_before, user)


def locked(record_id: int, seen: str | None = None) -> Record:
    """Read a record under its dataset's lock, which ends with the caller's transaction."""
    Dataset.objects.get(records=record_id).lock()
    rows = Record.objects.select_for_update(of=("self",))
    record = rows.select_related("dataset", "run", "reviewer").get(pk=record_id)
    if seen is not None and seen != record.version:
        raise AlreadyReviewedError(record)
    return record


# Many records


def affected(records: QuerySet[Record], action: str, *, names_review: bool) -> QuerySet[Record]:
    """Leave out those that the order would not change.

    Decisions that were made one by one stand, unless the filter asks for them by their review.
    """
    if action == Action.ASSIGNED:
        return records
    if action == Action.RESET or names_review:
        return records.exclude(review=DECISIONS[Action(action)])
    return records.filter(review=Record.Review.UNREVIEWED)


def latest_id(records: QuerySet[Record]) -> int:
    return records.order_by().aggregate(latest=Max("pk"))["latest"] or 0


def decide_all(
    records: QuerySet[Record],
    order: Order,
    *,
    until: int,
    after: int = 0,
    seconds: float = SLICE_SECONDS,
) -> Progress:
    """Carry out an order on records up to an id, for some seconds; call again with its after.

    Every chunk is a transaction of its own, and reads its records under the lock: what
    others did to them since decides whether they still belong to the records.
    """
    progress = Progress(after=after)
    ends_at = time.monotonic() + seconds
    while progress.after is not None:
        rows = records.order_by("pk").filter(pk__gt=progress.after, pk__lte=until)
        chunk = list(rows.values_list("pk", "dataset")[:CHUNK_RECORDS])
        for dataset_id, ids in by_dataset(chunk):
            decide_chunk(records.filter(pk__in=ids), dataset_id, order, progress)
        progress.after = chunk[-1][0] if len(chunk) == CHUNK_RECORDS else None
        if time.monotonic() > ends_at:
            break
    return progress


def by_dataset(chunk: Iterable[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    found: dict[int, list[int]] = defaultdict(list)
    for record_id, dataset_id in chunk:
        found[dataset_id].append(record_id)
    return iter(found.items())


def decide_chunk(
    records: QuerySet[Record], dataset_id: int, order: Order, progress: Progress
) -> None:
    with transaction.atomic():
        dataset = Dataset.objects.get(pk=dataset_id)
        dataset.lock()
        ids = records.order_by().values("pk")
        rows = Record.objects.filter(pk__in=ids).order_by("pk").defer("raw")
        chosen = list(rows.select_for_update())
        refusals = carry_out(chosen, order, dataset)
    progress.changed += len(chosen) - len(refusals)
    progress.refused.update(error.code for error in refusals.values())


# What an order does; the caller holds the dataset's lock


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
        Record.objects.recheck(done, before, dataset=dataset)
        announce(done, dataset, None)
    else:
        settle(done, order)
        Record.objects.restate(done, before)
    insert_each([event(record, order, before) for record in done])
    return refusals


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
    for record in records:
        record.content_hash = dedup.content_hash(record.content)
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
    if record.status in (Record.Status.ACCEPTED, Record.Status.SURPLUS):
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


# Who, and how many


def reviewers() -> QuerySet[User]:
    """Return the users whom a record can be assigned to."""
    return User.objects.with_perm(REVIEW_PERMISSION).order_by("username")


def waiting_for(user: Any) -> QuerySet[Record]:
    """Return what a user may decide without stepping on a colleague's toes."""
    return Record.objects.filter(
        Q(assigned_to=user) | Q(assigned_to=None), review=Record.Review.UNREVIEWED
    )
