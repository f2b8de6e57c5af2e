"""Enter what calls brought, whoever holds their batch by now: the money is spent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from providers.clients.types import RawResponse, Reply
from providers.errors import ProviderError
from providers.sanitising import clean_text
from synthesis.engine.clock import database_now
from synthesis.engine.leases import Claim
from synthesis.models import Batch, Call
from synthesis.models.bulk import update_each

FIELDS = (
    "state",
    "response",
    "request_id",
    "status_code",
    "error_code",
    "error_detail",
    "prompt_tokens",
    "completion_tokens",
    "cost",
    "latency_seconds",
    "ended_at",
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one claim ended: with a reply or an error; raw is None when it was stored before.

    Discarded is an answer that is stored, and turned out to be no good.
    """

    claim: Claim
    reply: Reply | None = None
    raw: RawResponse | None = None
    error: ProviderError | None = None
    latency_seconds: float = 0.0
    is_discarded: bool = False


def store(outcomes: Iterable[Outcome]) -> None:
    fresh = [outcome for outcome in outcomes if outcome.claim.stored is None]
    if not fresh:
        return
    with transaction.atomic():
        answered = lock_answered([outcome.claim for outcome in fresh])
        now = database_now()
        calls = []
        for outcome in fresh:
            call = answered_call(outcome, answered) if outcome.reply else failed_call(outcome)
            call.pk = outcome.claim.call_id
            call.latency_seconds, call.ended_at = outcome.latency_seconds, now
            calls.append(call)
        update_each(calls, FIELDS)


def discard(claim: Claim, error: ProviderError) -> None:
    """Take back that a call was answered, for nobody can use what it brought."""
    Call.objects.filter(pk=claim.call_id).update(
        state=Call.State.FAILED, error_code=error.code, error_detail=clean_text(error.detail)
    )


def lock_answered(claims: list[Claim]) -> set[int]:
    """Lock batches against another worker's answer; returns those that have one."""
    locked = Batch.objects.select_for_update().filter(pk__in=[claim.batch.pk for claim in claims])
    tokens = locked.order_by("pk").values_list("pk", "token")
    # One that was claimed only once has no other call.
    again = [pk for pk, token in tokens if token > 1]
    if not again:
        return set()
    stored = Call.objects.filter(batch__in=again, state=Call.State.STORED)
    others = stored.exclude(pk__in=[claim.call_id for claim in claims])
    return set(others.values_list("batch_id", flat=True))


def answered_call(outcome: Outcome, answered: set[int]) -> Call:
    """The first answer of a batch counts; one that comes after it is only kept."""
    batch, reply, raw = outcome.claim.batch, outcome.reply, outcome.raw
    assert reply is not None and raw is not None  # noqa: S101  narrows the types
    is_late = batch.pk in answered
    answered.add(batch.pk)
    usage = reply.usage
    return Call(
        state=Call.State.LATE if is_late else Call.State.STORED,
        response=raw.body,
        request_id=clean_text(raw.request_id[:200]),
        status_code=200,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cost=batch.language_model.cost(usage.prompt_tokens, usage.completion_tokens),
    )


def failed_call(outcome: Outcome) -> Call:
    error = outcome.error
    assert error is not None  # noqa: S101  an outcome has a reply or an error
    return Call(
        state=Call.State.FAILED,
        response=outcome.raw.body if outcome.raw else None,
        status_code=error.status_code,
        error_code=error.code,
        error_detail=clean_text(error.detail),
    )
