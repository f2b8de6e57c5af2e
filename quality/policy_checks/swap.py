"""Changes of a check applied, or undone: record and row exchange what they hold.

Only a record that is still what its row saw is touched, so what people decided or edited
since, and what another check did, stays. Both ways go through the one path that keeps the
counters of runs true.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from quality import dedup
from quality.models import PolicyChange, PolicyCheck
from quality.policy_checks.examination import restore, values_of
from quality.shelves import LIVE
from synthesis.engine.background import Assignment
from synthesis.models import Record
from synthesis.models.bulk import update_each

PAGE_ROWS = 500
State = PolicyChange.State
ROW_FIELDS = ("state", "status_after", "values", "print")
UNMOVED_FIELDS = ("findings", "duplicate_of", "score", "score_parts", "content_hash", "simhash")


def print_of(record: Record) -> str:
    """Return a hash of all that a check looks at or changes, and of what people said."""
    seen = [values_of(record), record.review, record.judge_score]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def swap_all(assignment: Assignment, check: PolicyCheck, *, undo: bool = False) -> None:
    """Work off the rows; the order leaves no moment at which two twins count."""
    start, end = (State.APPLIED, State.PROPOSED) if undo else (State.PROPOSED, State.APPLIED)
    rows = PolicyChange.objects.filter(policy_check=check, state=start)
    total, done = rows.count(), 0
    while page := list(rows.order_by("-pk" if undo else "pk")[:PAGE_ROWS]):
        with assignment.commit():
            check.dataset.lock()
            swap(check, page, end)
        done += len(page)
        assignment.report(done, total)


def swap(check: PolicyCheck, rows: list[PolicyChange], end: str) -> None:
    """Exchange values between rows and records. The caller's transaction holds the lock."""
    records = Record.objects.filter(dataset=check.dataset).in_bulk([row.record_id for row in rows])
    still = [row for row in rows if is_untouched(row, records)]
    before = {row.record_id: records[row.record_id].status for row in still}
    olds = {row.record_id: exchange(row, records[row.record_id]) for row in still}
    blocked = same_as_others([records[pk] for pk in olds], check)
    for row in rows:
        row.state = State.SKIPPED
    kept = [row for row in still if row.record_id not in blocked]
    store([records[row.record_id] for row in kept], before, olds)
    now = Record.objects.in_bulk([row.record_id for row in kept])
    for row in kept:
        record = now[row.record_id]
        row.state, row.values, row.print = end, olds[row.record_id], print_of(record)
        if end == State.APPLIED:
            row.status_after = record.status
    update_each(rows, ROW_FIELDS)


def is_untouched(row: PolicyChange, records: dict[int, Record]) -> bool:
    record = records.get(row.record_id)
    return record is not None and print_of(record) == row.print


def exchange(row: PolicyChange, record: Record) -> dict[str, Any]:
    """Give a record the values of its row; return those that it had."""
    old = {name: getattr(record, name) for name in row.values}
    restore(record, row.values)
    return old


def same_as_others(records: list[Record], check: PolicyCheck) -> set[int]:
    """Name the records that would count though another one has their content by now."""
    twins = {record.duplicate_of_id for record in records if record.duplicate_of_id}
    there = set(Record.objects.filter(pk__in=twins).values_list("pk", flat=True))
    for record in records:
        if record.duplicate_of_id not in there:
            record.duplicate_of_id = None
    known = dedup.accepted_by_hash(records, check.dataset)
    return {
        record.pk
        for record in records
        if record.status in LIVE and record.content_hash and record.content_hash in known
    }


def store(records: list[Record], before: dict[int, str], olds: dict[int, dict[str, Any]]) -> None:
    masked = [record for record in records if "content" in olds[record.pk]]
    update_each(masked, ["content"])
    moved = [
        record
        for record in records
        if record.status != before[record.pk] or "content" in olds[record.pk]
    ]
    Record.objects.restate(moved, before)
    others = {record.pk for record in records} - {record.pk for record in moved}
    update_each([record for record in records if record.pk in others], UNMOVED_FIELDS)
