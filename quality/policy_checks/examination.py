"""The checks of new records, on records that are stored: what would they say by this policy?

Parts of the score do not depend on a policy, so stored ones count and only their weights
change. Judges are not called: a score that one gave is measured by the policy's pass mark.
What was done to a record before, a repair or a mask, stays among its findings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quality import checks, dedup, judging, policies, scoring
from quality.content import Action
from quality.findings import deciding
from quality.models import PolicyVersion, RunQuality
from quality.policies import Effective
from quality.policy_checks.earlier import Earlier
from quality.shelves import LIVE
from synthesis.models import Record, Run
from synthesis.models.quota import Room

CHANGED = (
    "status",
    "findings",
    "duplicate_of_id",
    "score",
    "score_parts",
    "content",
    "content_hash",
    "simhash",
)
ACCEPTED, PENDING, SURPLUS = Record.Status.ACCEPTED, Record.Status.PENDING, Record.Status.SURPLUS
SCORE = "score"  # the name of the rule score's check among findings
DUPLICATE, REJECTED = Record.Status.DUPLICATE, Record.Status.REJECTED


def values_of(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in CHANGED}


@dataclass
class Rooms:
    """How many more records each run of a dataset may accept, as the pass goes on."""

    of_run: dict[int | None, Room]

    def settle(self, record: Record, before: str) -> None:
        """Give a record the status that it would get: a full run keeps what passes as surplus."""
        room = self.of_run.get(record.run_id)
        if record.status != ACCEPTED:
            if before == ACCEPTED and room:
                room.give_back(record)
        elif before in (PENDING, SURPLUS):
            record.status = before
        elif before != ACCEPTED and room and not room.take(record):
            record.status = SURPLUS


class Examination:
    """One pass over a dataset, in an order in which twins come before what repeats them."""

    def __init__(self, version: PolicyVersion, runs: Mapping[int, Run], most: int) -> None:
        """Make room for so many records."""
        self.version = version
        self.runs = runs
        self.earlier = Earlier(most)
        self.rooms = Rooms({run.pk: run.room() for run in runs.values()})
        frozen = RunQuality.objects.filter(run__in=runs).values_list("run", "other_datasets")
        self.other_datasets = {run: tuple(datasets) for run, datasets in frozen}

    def enter(self, records: Sequence[Record]) -> None:
        """Take what people approved: it stays as it is, and others are compared with it."""
        for run_id, group in by_run(records):
            rules = policies.duplicate_rules(self.wanted(run_id), self.runs.get(run_id))
            dedup.fingerprinted(group, rules)
            self.earlier.add(group, rules)

    def judge(self, records: Sequence[Record]) -> None:
        """Set on records what the policy says of them."""
        for run_id, group in by_run(records):
            self.judge_run(group, self.wanted(run_id), self.runs.get(run_id))

    def wanted(self, run_id: int | None) -> Effective:
        return Effective(
            policy=self.version,
            duplicate_threshold=self.version.duplicate_threshold,
            minimum_score=self.version.minimum_score,
            judge_threshold=self.version.judge_threshold,
            other_datasets=self.other_datasets.get(run_id, ()) if run_id else (),
        )

    def judge_run(self, records: list[Record], wanted: Effective, run: Run | None) -> None:
        stored = {record.pk: values_of(record) for record in records}
        rules = policies.duplicate_rules(wanted, run)
        left = records
        while left:
            self.look(left, stored, wanted, run)
            weak = {record.pk for record in left if record.status not in (*LIVE, DUPLICATE)}
            # What repeats nothing but these repeats nothing that counts: a further look tells.
            is_misled = any(
                record.status == DUPLICATE and record.duplicate_of_id in weak for record in left
            )
            left = [record for record in left if record.pk not in weak] if is_misled else []
        for record in records:
            before = stored[record.pk]
            past = [finding for finding in before["findings"] if is_past(finding)]
            record.findings = [*past, *record.findings]
            self.rooms.settle(record, before["status"])
            if record.content != before["content"]:
                self.earlier.remember_masked(record, rules)
        self.earlier.add([record for record in records if record.status in LIVE], rules)
        for record in records:
            before = stored[record.pk]
            if is_same(before, values_of(record)) or keeps_reason(before, record, wanted):
                restore(record, before)

    def look(
        self,
        records: list[Record],
        stored: Mapping[int, Mapping[str, Any]],
        wanted: Effective,
        run: Run | None,
    ) -> None:
        """Let the checks judge records, each by itself and beside those that count."""
        for record in records:
            restore(record, stored[record.pk])
            record.status, record.findings, record.duplicate_of_id = ACCEPTED, [], None
        checks.read(records, wanted, run.template_version if run else None)
        self.earlier.mark(records, policies.duplicate_rules(wanted, run))
        rescore(records, wanted, run)
        for record in records:
            measure(record, wanted, stored[record.pk]["findings"])


def restore(record: Record, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(record, name, value)


def by_run(records: Sequence[Record]) -> list[tuple[int | None, list[Record]]]:
    groups: dict[int | None, list[Record]] = {}
    for record in records:
        groups.setdefault(record.run_id, []).append(record)
    return list(groups.items())


def is_past(finding: Mapping[str, Any]) -> bool:
    """Tell a finding about what was done to the record, which no check would say again."""
    return finding.get("check") == "repair" or finding.get("action") == Action.MASK


def rescore(records: Sequence[Record], wanted: Effective, run: Run | None) -> None:
    weights = scoring.Weights.of(wanted.policy.weights)
    unscored = [record for record in records if needs_parts(record)]
    labels = scoring.labels_of(run.template_version.output_schema) if run else frozenset()
    scoring.apply(unscored, weights, labels=labels)
    for record in records:
        if record.score_parts:
            record.score = scoring.total(record.score_parts, weights)
            if record.score < wanted.minimum_score:
                scoring.reject(record, wanted.minimum_score)


def needs_parts(record: Record) -> bool:
    is_malformed = record.status == Record.Status.MALFORMED
    return is_malformed or record.score_parts.keys() != scoring.PARTS.keys()


def keeps_reason(before: Mapping[str, Any], record: Record, wanted: Effective) -> bool:
    """Tell whether a refused record may keep its reason, which is as true as the new one.

    Which of two weak copies repeats the other depends on which of them is looked at first.
    """
    if {before["status"], record.status} != {DUPLICATE, REJECTED}:
        return False
    was = deciding(before["status"], before["findings"])
    if before["status"] == DUPLICATE:
        now = deciding(record.status, record.findings)
        is_repeat = wanted.policy.near_duplicates or was.get("code") == "exact"
        return is_repeat and now.get("check") in (SCORE, judging.CHECK)
    if was.get("check") == SCORE:
        return record.score is not None and record.score < wanted.minimum_score
    is_by_judge = was.get("check") == judging.CHECK and is_judged(record, wanted)
    return is_by_judge and record.judge_score < wanted.judge_threshold


def is_judged(record: Record, wanted: Effective) -> bool:
    return wanted.policy.judge_model_id is not None and record.judge_score is not None


def measure(record: Record, wanted: Effective, before: Sequence[Mapping[str, Any]]) -> None:
    """Reject a record whose judge gave it less than the policy asks for."""
    if not is_judged(record, wanted) or record.status != ACCEPTED:
        return
    if record.judge_score < wanted.judge_threshold:
        record.status = Record.Status.REJECTED
        facts = {"score": record.judge_score, "threshold": wanted.judge_threshold}
        judging.add(record, "below", **facts)
    record.findings += [
        dict(said)
        for said in before
        if said.get("check") == judging.CHECK and said.get("code") == "disagreement"
    ]


def is_same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Compare a record with what it was; another twin or variant is no difference."""
    same = all(before[name] == after[name] for name in ("status", "score", "content"))
    return same and essence(before["findings"]) == essence(after["findings"])


def essence(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(
        json.dumps(
            [finding["check"], finding.get("code")]
            if finding.get("check") == "duplicate"
            else finding,
            sort_keys=True,
        )
        for finding in findings
        if finding.get("code") != "variant"
    )
