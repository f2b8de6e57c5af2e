"""Review by people: one record or many, under the locks that keep counts and histories true."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q, QuerySet

from quality.decisions import DECISIONS, Action, carry_out
from quality.decisions import Order as Order
from quality.errors import AlreadyReviewedError, ReviewError
from quality.models import ReviewEvent
from synthesis.models import Dataset, Record
from synthesis.models.record import REVIEW_PERMISSION

CHUNK_RECORDS = 500
SLICE_SECONDS = 8.0  # well within what any web server waits for


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
    """Read a record under its dataset's lock, which ends with the caller's transaction.

    Errors: Record.DoesNotExist; AlreadyReviewedError when it is another version than was seen.
    """
    dataset = Dataset.objects.filter(records=record_id).first()
    if dataset is None:
        raise Record.DoesNotExist
    dataset.lock()
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


# Who, and how many


def reviewers() -> QuerySet[User]:
    """Return the users whom a record can be assigned to."""
    return User.objects.with_perm(REVIEW_PERMISSION).order_by("username")


def waiting_for(user: Any) -> QuerySet[Record]:
    """Return what a user may decide without stepping on a colleague's toes."""
    return Record.objects.filter(
        Q(assigned_to=user) | Q(assigned_to=None), review=Record.Review.UNREVIEWED
    )
