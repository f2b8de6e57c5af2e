"""Judging as a kind of the engine's model calls: planned, paid, retried and resumed like any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from providers.clients.types import ChatRequest, Reply
from providers.errors import ReplyMalformedError
from quality import dimensions, judge, judging, policies, record_cases
from quality.judging import JudgeSettings
from quality.models import Judgement, RubricVersion
from synthesis.engine.works import Work
from synthesis.models import Batch, Record, Run

DECIDED_FIELDS = ["findings", "judge_score"]


class JudgeWork(Work):
    """One batch asks one judge about the records of one generating call, or a few of them."""

    def plan(self, run: Run, records: list[Record]) -> list[Batch]:
        waiting = [record for record in records if record.status == Record.Status.PENDING]
        settings = settings_of(run) if waiting else None
        if settings is None:
            return []
        sourced = record_cases.sourced_batches(waiting)
        return [
            planned(settings, group, place, has_source=group[0].batch_id in sourced)
            for group in groups(waiting, settings.records_per_call)
            for place in range(len(settings.models))
        ]

    def requests(self, run: Run, batches: list[Batch]) -> dict[int, ChatRequest | None]:
        records = waiting_records(run, batches)
        versions = RubricVersion.objects.in_bulk({batch.values["rubric"] for batch in batches})
        return {
            batch.pk: request(batch, versions[batch.values["rubric"]], records) for batch in batches
        }

    def read(self, run: Run, batch: Batch, reply: Reply) -> list[judge.Verdict]:
        try:
            return judge.read(
                reply.text, batch.values["asked"], len(batch.subject), reply.finish_reason
            )
        except judge.UnreadableVerdictError as error:
            words = f"{judge.PROBLEMS[error.code]} {error.detail}".strip()
            raise ReplyMalformedError(words) from error

    def finish(self, run: Run, results: list[tuple[Batch, Any]]) -> list[Record]:
        settings = settings_of(run)
        assert settings is not None  # noqa: S101  frozen with the run, or nothing was planned
        records = Record.objects.in_bulk({pk for batch, _read in results for pk in batch.subject})
        Judgement.objects.bulk_create(
            scored(batch, verdict, pk, settings.threshold)
            for batch, verdicts in results
            for pk, verdict in zip(batch.subject, verdicts, strict=True)
            if pk in records
        )
        decided = decide(list(records.values()), settings)
        run.decide(decided, fields=DECIDED_FIELDS)
        return []

    def failed(self, run: Run, batches: list[Batch]) -> None:
        settings = settings_of(run)
        assert settings is not None  # noqa: S101  as in finish()
        records = Record.objects.in_bulk({pk for batch in batches for pk in batch.subject})
        Judgement.objects.bulk_create(
            failure(batch, pk, settings.threshold)
            for batch in batches
            for pk in batch.subject
            if pk in records
        )


def settings_of(run: Run) -> JudgeSettings | None:
    return JudgeSettings.of(policies.effective(run.dataset, run))


def groups(records: Iterable[Record], size: int) -> list[list[Record]]:
    """Put records of one generating call together: they share a prompt and a source."""
    by_batch: dict[int | None, list[Record]] = defaultdict(list)
    for record in records:
        by_batch[record.batch_id].append(record)
    return [
        rows[start : start + size]
        for rows in by_batch.values()
        for start in range(0, len(rows), size)
    ]


def planned(
    settings: JudgeSettings, records: Sequence[Record], place: int, *, has_source: bool
) -> Batch:
    """Plan a judge's call; what it is asked is kept, so that its answer explains itself."""
    asked = dimensions.asked(settings.rubric_version.dimensions, has_source=has_source)
    return Batch(
        language_model_id=settings.models[place],
        subject=[record.pk for record in records],
        values={
            "position": settings.positions[place],
            "rubric": settings.rubric_version.pk,
            "asked": [{"name": row["name"], "weight": row["weight"]} for row in asked],
        },
    )


def waiting_records(run: Run, batches: Iterable[Batch]) -> dict[int, Record]:
    ids = {pk for batch in batches for pk in batch.subject}
    waiting = Record.objects.filter(status=Record.Status.PENDING)
    found = waiting.select_related(*record_cases.JOINED).in_bulk(ids)
    for record in found.values():
        record.run = run
    return found


def request(
    batch: Batch, rubric: RubricVersion, records: Mapping[int, Record]
) -> ChatRequest | None:
    """Build a judge's call; a record that was deleted or decided leaves an empty place."""
    found = [records.get(pk) for pk in batch.subject]
    if not any(found):
        return None
    names = {row["name"] for row in batch.values["asked"]}
    asked = [row for row in rubric.dimensions if row["name"] in names]
    cases = [
        record_cases.case_of(record) if record else judge.Case(content=None) for record in found
    ]
    return judge.build_request(rubric, asked, cases, batch.language_model, batch.seed)


def decide(records: Iterable[Record], settings: JudgeSettings) -> list[Record]:
    """Settle the waiting records that have been scored from every position."""
    waiting = [record for record in records if record.status == Record.Status.PENDING]
    found = Judgement.objects.filter(record__in=waiting, state=Judgement.State.SCORED)
    scores: dict[int, dict[str, float]] = defaultdict(dict)
    for judgement in found.order_by("pk"):
        scores[judgement.record_id][judgement.position] = judgement.score
    decided = []
    for record in waiting:
        if set(settings.positions) <= scores[record.pk].keys():
            judging.settle(record, list(scores[record.pk].values()), settings)
            decided.append(record)
    return decided


def scored(batch: Batch, verdict: judge.Verdict, record_id: int, threshold: float) -> Judgement:
    return Judgement(
        **origin(batch, record_id, threshold),
        state=Judgement.State.SCORED,
        dimension_scores=verdict.scores,
        score=verdict.score,
        passed=verdict.score >= threshold,
    )


def failure(batch: Batch, record_id: int, threshold: float) -> Judgement:
    code, detail = reason_of(batch)
    return Judgement(
        **origin(batch, record_id, threshold),
        state=Judgement.State.FAILED,
        error_code=code,
        error_detail=detail,
    )


def origin(batch: Batch, record_id: int, threshold: float) -> dict[str, Any]:
    return {
        "batch": batch,
        "record_id": record_id,
        "rubric_version_id": batch.values["rubric"],
        "language_model_id": batch.language_model_id,
        "position": batch.values["position"],
        "threshold": threshold,
    }


def reason_of(batch: Batch) -> tuple[str, str]:
    """Return why a judge's batch failed: what was wrong with its answer, else the call's error."""
    if batch.error_code == ReplyMalformedError.code:
        for code, words in judge.PROBLEMS.items():
            if batch.error_detail.startswith(words):
                return code, batch.error_detail.removeprefix(words).strip()
    return batch.error_code, batch.error_detail
