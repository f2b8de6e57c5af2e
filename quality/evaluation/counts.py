"""What became of each record, in steps: made, parsed, valid … accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from quality.findings import deciding
from synthesis.models import Record

STEPS = ("made", "parsed", "valid", "unique", "content", "score", "judge", "accepted")
# Checks whose word decides at a step; all others look at the content.
STEP_OF_CHECK = {"score": "score", "judge": "judge", "review": "accepted"}
GOOD = frozenset((Record.Status.ACCEPTED,))

Findings = Sequence[Mapping[str, Any]]


def key_of(finding: Mapping[str, Any]) -> str:
    return f"{finding.get('check', '')}:{finding.get('code', '')}"


def lost_at(status: str, findings: Findings) -> str:
    """Name the step that a record of this status did not pass."""
    check = deciding(status, findings).get("check", "")
    if status == Record.Status.MALFORMED:
        return "parsed" if check == "parse" else "valid"
    if status == Record.Status.DUPLICATE:
        return "unique"
    if status == Record.Status.REJECTED:
        return STEP_OF_CHECK.get(check, "content")
    if status == Record.Status.PENDING:
        return "judge"
    return "accepted"


class Outcomes:
    """Count records by status, by the step they were lost at, and by what checks found."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self.findings_of_accepted: Counter[str] = Counter()
        self.lost: dict[str, Counter[str]] = {step: Counter() for step in STEPS}

    def add(self, status: str, findings: Findings) -> None:
        self.statuses[status] += 1
        keys = {key_of(finding) for finding in findings}
        self.findings.update(keys)
        if status in GOOD:
            self.findings_of_accepted.update(keys)
            return
        decided = deciding(status, findings)
        reason = key_of(decided) if decided else f"status:{status}"
        self.lost[lost_at(status, findings)][reason] += 1

    @property
    def made(self) -> int:
        return self.statuses.total()

    def waterfall(self) -> list[dict[str, Any]]:
        """List the steps with the records that are left, and why the others were lost."""
        left = self.made
        steps = []
        for step in STEPS:
            reasons = self.lost[step]
            left -= reasons.total()
            steps.append(
                {
                    "step": step,
                    "left": left,
                    "lost": reasons.total(),
                    "reasons": dict(reasons.most_common()),
                }
            )
        return steps

    def finding_rows(self) -> list[dict[str, Any]]:
        return [
            {"key": key, "records": count, "accepted": self.findings_of_accepted[key]}
            for key, count in sorted(self.findings.items(), key=lambda item: (-item[1], item[0]))
        ]
