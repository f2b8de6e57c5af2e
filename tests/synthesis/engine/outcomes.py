"""Claims as a runner holds them, and what their calls may bring."""

from __future__ import annotations

import json
from typing import Any

from providers.clients.types import RawResponse, Reply, Usage
from providers.errors import ProviderError
from synthesis.engine import leases, planner
from synthesis.engine.leases import Claim
from synthesis.engine.ledger import Outcome
from synthesis.models import Batch, Run, SynthesisTask, Worker
from tests import factories


def running(of_task: SynthesisTask | None = None, **fields: Any) -> Run:
    """Start a run whose batches are planned, as a worker's first visit leaves it."""
    run = factories.run(of_task or factories.task(**fields))
    run.begin()
    planner.top_up(run)
    return run


def claims(run: Run, wanted: int = 1, worker: Worker | None = None) -> list[Claim]:
    run.refresh_from_db()
    return leases.claim(worker or leases.register("runner"), run, wanted)


def answer(
    claim: Claim, *questions: str, text: str = "", finish_reason: Any = "stop", tokens: Any = 10
) -> Outcome:
    """A reply with one record for each question."""
    rows = [{"question": question, "answer": "Yes."} for question in questions]
    reply = Reply(
        text=text or json.dumps(rows),
        finish_reason=finish_reason,
        model="stub-model",
        usage=Usage(prompt_tokens=tokens, completion_tokens=tokens),
    )
    raw = RawResponse(body=reply.text.encode(), request_id="req-1", latency_seconds=1)
    return Outcome(claim=claim, reply=reply, raw=raw, latency_seconds=1)


def failure(claim: Claim, error: ProviderError, body: bytes | None = None) -> Outcome:
    raw = RawResponse(body=body, request_id="", latency_seconds=1) if body is not None else None
    return Outcome(claim=claim, error=error, raw=raw, latency_seconds=1)


def batch_of(claim: Claim) -> Batch:
    """The claim's batch as it is stored now."""
    return Batch.objects.get(pk=claim.batch.pk)
