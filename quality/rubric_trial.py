"""One real call to a judge, whose verdict is shown and not stored."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal

from asgiref.sync import async_to_sync

from providers import errors
from providers.clients import read_reply
from providers.clients.types import ChatRequest, Reply
from providers.models import LanguageModel
from quality import judge
from quality.models.rubric import RubricContent
from synthesis.trial import send

SEED_LIMIT = 2**31


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one real call gave: a verdict, or what was wrong with the answer or the call."""

    request: ChatRequest
    reply: Reply | None = None
    verdict: judge.Verdict | None = None
    problem: str = ""
    cost: Decimal | None = None
    latency_seconds: float | None = None
    detail: str = ""


def run(rubric: RubricContent, case: judge.Case, language_model: LanguageModel) -> Trial:
    """Ask the model for one verdict.

    Cost: one call.
    """
    seed = random.randrange(SEED_LIMIT)  # noqa: S311  not secret
    asked = judge.asked_of(rubric, [case])
    request = judge.build_request(rubric, asked, [case], language_model, seed)
    try:
        account = language_model.provider.account()
        [response] = async_to_sync(send)(account, [request])
        if isinstance(response, errors.ProviderError):
            raise response
        reply = read_reply(account.family, response.body)
    except errors.ProviderError as error:
        advice = str(errors.advice(error.code))
        return Trial(request=request, problem=advice, detail=error.detail)
    verdict, problem = None, ""
    try:
        [verdict] = judge.read(reply.text, asked, 1, reply.finish_reason)
    except judge.UnreadableVerdictError as error:
        problem = str(error)
    return Trial(
        request=request,
        reply=reply,
        verdict=verdict,
        problem=problem,
        cost=language_model.cost(reply.usage.prompt_tokens, reply.usage.completion_tokens),
        latency_seconds=response.latency_seconds,
    )
