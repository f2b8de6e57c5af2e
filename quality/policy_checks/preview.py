"""The pass over a dataset that finds out what a policy would change, and changes nothing.

What people approved comes first, then what counts, then surplus and refused records, each by
age: so that what is there stays, and what comes back is compared with it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from quality.evaluation.counts import key_of
from quality.findings import deciding
from quality.models import PolicyChange, PolicyCheck
from quality.policy_checks import swap
from quality.policy_checks.examination import Examination, values_of
from quality.shelves import LIVE
from synthesis.engine.background import Assignment
from synthesis.models import Dataset, Record, Run
from synthesis.models.bulk import insert_each

PAGE_RECORDS = 500
REFUSED = ("duplicate", "malformed", "rejected")


class Preview:
    def __init__(self, assignment: Assignment, check: PolicyCheck) -> None:
        self.assignment = assignment
        self.check = check
        self.before: Counter[str] = Counter()
        self.after: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self.unjudged = 0
        self.done = 0

    def make(self) -> dict[str, Any]:
        """Store a row for each record that would change; return the counts."""
        decided = Record.objects.filter(dataset=self.check.dataset).exclude(review="unreviewed")
        ids = order_of(self.check.dataset)
        approved = ids_of(decided.filter(status__in=LIVE).approved())
        total = len(approved) + len(ids)
        runs = Run.objects.filter(dataset=self.check.dataset).select_related("template_version")
        examination = Examination(self.check.version, {run.pk: run for run in runs}, total)
        for page in pages(approved):
            examination.enter(page)
            self.report(len(page), total)
        for page in pages(ids):
            self.look(page, examination)
            self.report(len(page), total)
        return {
            "records": sum(self.before.values()),
            "statuses_before": dict(self.before),
            "statuses_after": dict(self.after),
            "findings": dict(self.findings.most_common()),
            "decided_by_people": decided.count(),
            "unreadable": unreadable(self.check.dataset).count(),
            "unjudged": self.unjudged,
        }

    def report(self, count: int, total: int) -> None:
        self.done += count
        self.assignment.report(self.done, total)

    def look(self, page: list[Record], examination: Examination) -> None:
        stored = {record.pk: (values_of(record), swap.print_of(record)) for record in page}
        examination.judge(page)
        changes = [change(self.check, record, *stored[record.pk]) for record in page]
        with self.assignment.commit():
            insert_each([row for row in changes if row is not None])
        for record in page:
            self.count(record, stored[record.pk][0]["status"])

    def count(self, record: Record, before: str) -> None:
        self.before[before] += 1
        self.after[record.status] += 1
        self.findings.update({key_of(finding) for finding in record.findings})
        is_judged = record.judge_score is not None or not self.check.version.judge_model_id
        self.unjudged += record.status == Record.Status.ACCEPTED and not is_judged


def unreadable(dataset: Dataset) -> QuerySet[Record]:
    """Replies in which no record was found: no policy can say more about them."""
    return Record.objects.filter(dataset=dataset, review="unreviewed", content__isnull=True)


def order_of(dataset: Dataset) -> array[int]:
    """List the records that a policy has a say in, those first that stay as they are."""
    rows = Record.objects.filter(dataset=dataset, review="unreviewed").exclude(content__isnull=True)
    ids = ids_of(rows.filter(status__in=LIVE))
    ids.extend(ids_of(rows.filter(status=Record.Status.SURPLUS)))
    ids.extend(ids_of(rows.filter(status__in=REFUSED)))
    return ids


def ids_of(records: QuerySet[Record]) -> array[int]:
    """Return ids by age, eight bytes each: a million of them fit in memory."""
    return array("q", records.order_by("pk").values_list("pk", flat=True).iterator())


def pages(ids: Sequence[int]) -> Any:
    for start in range(0, len(ids), PAGE_RECORDS):
        wanted = ids[start : start + PAGE_RECORDS]
        found = Record.objects.in_bulk(list(wanted))
        yield [found[pk] for pk in wanted if pk in found]


def change(
    check: PolicyCheck, record: Record, before: dict[str, Any], print: str
) -> PolicyChange | None:
    """Describe what becomes of a record; nothing where it stays as it is."""
    after = values_of(record)
    if before == after:
        return None
    finding = decided(record.status, record.findings) or decided(
        before["status"], before["findings"]
    )
    if after["content"] == before["content"]:
        del after["content"]
    return PolicyChange(
        policy_check=check,
        record=record,
        status_before=before["status"],
        status_after=record.status,
        finding=finding,
        reason=key_of(finding)[:60] if finding else "",
        values=after,
        print=print,
    )


def decided(status: str, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the finding by which a record is refused; empty for one that is not."""
    return dict(deciding(status, found)) if status in REFUSED else {}
