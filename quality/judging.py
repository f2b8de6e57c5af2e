"""Which records wait for a judge, and what becomes of them by the judges' scores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers import errors
from quality import judge
from quality.models import Judgement, RubricVersion
from quality.policies import Effective
from synthesis.models import Record, Run

CHECK = "judge"
SENTENCES = {
    "below": _("The judge gives %(score)s of 100; %(threshold)s are needed."),
    "disagreement": _("The judges disagree: %(lowest)s and %(highest)s of 100."),
}
POSITIONS = (Judgement.Position.FIRST, Judgement.Position.SECOND)


@dataclass(frozen=True, kw_only=True)
class JudgeSettings:
    """What a run asks of its judges."""

    rubric_version: RubricVersion
    models: tuple[int, ...]  # one id for each position
    share: int  # of the records, in percent
    threshold: float
    disagreement: float  # in points; judges further apart do not mean the same record
    records_per_call: int

    @classmethod
    def of(cls, wanted: Effective) -> JudgeSettings | None:
        """Read them from a policy; None where it has no judge."""
        if wanted.rubric_version is None:
            return None
        policy = wanted.policy
        chosen = (policy.judge_model_id, policy.second_judge_model_id)
        return cls(
            rubric_version=wanted.rubric_version,
            models=tuple(pk for pk in chosen if pk is not None),
            share=policy.judge_share,
            threshold=wanted.judge_threshold,
            disagreement=policy.judge_disagreement,
            records_per_call=policy.records_per_judge_call,
        )

    @property
    def positions(self) -> tuple[Judgement.Position, ...]:
        return POSITIONS[: len(self.models)]


def hold(records: Iterable[Record], run: Run | None, settings: JudgeSettings | None) -> None:
    """Let the good records of a run that are in the sample wait for their judge."""
    if run is None or settings is None:
        return
    for record in records:
        is_new = record.pk is None and record.batch_id is not None
        is_good = is_new and record.status == Record.Status.ACCEPTED
        if is_good and is_in_sample(run.seed, record.content_hash, settings.share):
            record.status = Record.Status.PENDING


def is_in_sample(seed: int, content_hash: str, share: int) -> bool:
    """Draw a record by the run's seed and its content: again and again the same ones."""
    digest = hashlib.sha256(f"{seed}:{content_hash}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share / 100


def settle(record: Record, scores: Sequence[float], settings: JudgeSettings) -> None:
    """Accept or reject a record by the mean of its judges' scores."""
    record.judge_score = round(sum(scores) / len(scores), 2)
    is_good = record.judge_score >= settings.threshold
    record.status = Record.Status.ACCEPTED if is_good else Record.Status.REJECTED
    if not is_good:
        add(record, "below", score=record.judge_score, threshold=settings.threshold)
    if max(scores) - min(scores) > settings.disagreement:
        add(record, "disagreement", lowest=min(scores), highest=max(scores))


def add(record: Record, code: str, **facts: Any) -> None:
    record.findings = [*record.findings, {"check": CHECK, "code": code, **facts}]


def sentence(finding: Mapping[str, Any]) -> str:
    """Say what a judge's finding means."""
    text = str(SENTENCES.get(finding.get("code", ""), ""))
    numbers = {
        name: formats.number_format(value, 1, use_l10n=True)
        for name, value in finding.items()
        if isinstance(value, int | float)
    }
    return text % numbers


def problem(code: str, detail: str) -> str:
    """Say why a judge's answer is no verdict, or why there is no answer."""
    known = judge.PROBLEMS.get(code)
    text = gettext(known) if known else str(errors.advice(code))
    return f"{text} {detail}".strip()
