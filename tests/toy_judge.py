"""A judge that asks the stub vendor about each new record and believes what it says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from providers.clients.types import ChatRequest, Message, Reply
from providers.errors import ReplyMalformedError
from providers.models import LanguageModel
from synthesis.engine import works
from synthesis.models import Batch, Record, Run
from synthesis.signals import records_saving
from tests import stub_judge

NAME = "judge-model"
RECORDS_PER_CALL = 10


def mark_pending(
    sender: type[Record], records: list[Record], run: Run | None, **_kwargs: Any
) -> None:
    """Let what a run has just made wait for the judge, if there is one."""
    fresh = [row for row in records if run and row.batch_id and row.pk is None]
    if not fresh or not LanguageModel.objects.filter(name=NAME).exists():
        return
    for record in fresh:
        if record.status == Record.Status.ACCEPTED:
            record.status = Record.Status.PENDING


class ToyJudge(works.Work):
    def plan(self, run: Run, records: Sequence[Record]) -> list[Batch]:
        waiting = [row.pk for row in records if row.status == Record.Status.PENDING]
        if not waiting:
            return []
        judge = LanguageModel.objects.get(name=NAME)
        return [
            Batch(language_model=judge, subject=waiting[start : start + RECORDS_PER_CALL])
            for start in range(0, len(waiting), RECORDS_PER_CALL)
        ]

    def requests(self, run: Run, batches: Sequence[Batch]) -> dict[int, ChatRequest | None]:
        ids = [pk for batch in batches for pk in batch.subject]
        there = Record.objects.filter(status=Record.Status.PENDING).in_bulk(ids)
        return {
            batch.pk: question([there[pk] for pk in batch.subject if pk in there])
            for batch in batches
        }

    def read(self, run: Run, batch: Batch, reply: Reply) -> list[bool]:
        try:
            verdicts = json.loads(reply.text)["verdicts"]
        except ValueError as error:
            raise ReplyMalformedError("The judge gave no verdict.") from error
        return [row["d1"]["score"] == stub_judge.BEST for row in verdicts]

    def finish(self, run: Run, results: Sequence[tuple[Batch, list[bool]]]) -> list[Record]:
        verdicts = {
            pk: is_good
            for batch, verdict in results
            for pk, is_good in zip(batch.subject, verdict, strict=True)
        }
        records = list(Record.objects.filter(pk__in=verdicts).order_by("pk"))
        for record in records:
            is_good = verdicts[record.pk]
            record.status = Record.Status.ACCEPTED if is_good else Record.Status.REJECTED
            record.findings = [{"check": "toy", "code": "judged"}]
        run.decide(records, ["findings"])
        return []

    def failed(self, run: Run, batches: Sequence[Batch]) -> None:
        for record in Record.objects.filter(pk__in=[pk for row in batches for pk in row.subject]):
            record.findings = [{"check": "toy", "code": "unjudged"}]
            Record.objects.filter(pk=record.pk).update(findings=record.findings)


def question(records: Sequence[Record]) -> ChatRequest | None:
    if not records:
        return None
    lines = [
        f"<<<RECORD {number} {json.dumps(record.content)}"
        for number, record in enumerate(records, start=1)
    ]
    text = "\n".join(["d1 · goodness", *lines])
    return ChatRequest(model=NAME, messages=(Message(role="user", content=text),))


def connect() -> None:
    """Put the toy in the judge's place for good; a fixture does it for one test."""
    works.register(Batch.Kind.JUDGE, ToyJudge())
    records_saving.connect(mark_pending, dispatch_uid="toy_judge")


def disconnect() -> None:
    records_saving.disconnect(dispatch_uid="toy_judge")
