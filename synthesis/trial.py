"""A template's request for one call: shown as a preview, or sent as a trial and not stored."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync
from jsonschema.exceptions import best_match

from providers import errors
from providers.clients import open_client, read_reply
from providers.clients.types import Account, ChatRequest, Message, RawResponse, Reply
from providers.models import LanguageModel
from synthesis import parsing, presets, schemas, variables, violations
from synthesis.engine import planner, prompting
from synthesis.models.template import PromptContent

TRIAL_RECORDS = 5
SEED_LIMIT = 2**31
LONGEST_PROBLEM = 500


class Prepared(NamedTuple):
    """What is sent: messages always, the request where there is a model to send it to."""

    messages: tuple[Message, ...]
    request: ChatRequest | None
    not_taken: list[str]


class TriedRecord(NamedTuple):
    content: Any
    raw: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one real call gave; an error in place of a reply where it gave none."""

    prepared: Prepared
    reply: Reply | None = None
    records: list[TriedRecord] = field(default_factory=list)
    cost: Decimal | None = None
    latency_seconds: float | None = None
    error_code: str = ""
    detail: str = ""

    @property
    def advice(self) -> Any:
        return errors.advice(self.error_code)


def draw(
    declared: Iterable[Mapping[str, Any]], resolved: Mapping[str, Any], count: int, seed: int
) -> dict[str, Any]:
    """Draw one batch's values as the engine does."""
    rng = random.Random(seed)  # noqa: S311  reproducible, not secret
    return {
        **variables.draw(resolved, declared, rng),
        **planner.built_in_values(index=1, seed=seed, count=count, rng=rng),
    }


def prepare(
    content: PromptContent, values: Mapping[str, Any], language_model: LanguageModel | None
) -> Prepared:
    """Build what a run would send for these values.

    Errors: TemplatingError when a value is missing or the prompt grows too long.
    """
    if language_model is None:
        return Prepared(prompting.messages(content, values, instruct=True), None, [])
    parameters = presets.effective(presets.PRESETS.get(content.preset, {}), content.parameters)
    request = prompting.build_request(content, values, language_model, parameters)
    return Prepared(request.messages, request, language_model.split_parameters(parameters)[1])


def run(
    content: PromptContent, given: Mapping[str, Any], language_model: LanguageModel, count: int
) -> Trial:
    """Make one real call for a few records and read its answer.

    Errors: VariableError, TemplatingError; what the vendor answers is in the result.
    Cost: one call.
    """
    resolved = variables.resolve(content.variables, given)
    seed = random.randrange(SEED_LIMIT)  # noqa: S311  not secret
    values = draw(content.variables, resolved, count, seed)
    prepared = prepare(content, values, language_model)
    try:
        account = language_model.provider.account()
        response = async_to_sync(send)(account, prepared.request)
        reply = read_reply(account.family, response.body)
    except errors.ProviderError as error:
        return Trial(prepared=prepared, error_code=error.code, detail=error.detail)
    usage = reply.usage
    return Trial(
        prepared=prepared,
        reply=reply,
        records=read(reply, content.output_schema),
        cost=language_model.cost(usage.prompt_tokens, usage.completion_tokens),
        latency_seconds=response.latency_seconds,
    )


async def send(account: Account, request: ChatRequest) -> RawResponse:
    client = open_client(account)
    try:
        return await client.send(request)
    finally:
        await client.close()


def read(reply: Reply, schema: Mapping[str, Any]) -> list[TriedRecord]:
    """Read the records, each with what a run would refuse it for."""
    is_cut = reply.finish_reason == "length"
    parsed = parsing.parse_reply(reply.text, truncated=is_cut, schema=schema or None)
    return [
        TriedRecord(draft.content, draft.raw, problem_of(draft, schema)) for draft in parsed.drafts
    ]


def problem_of(draft: parsing.Draft, schema: Mapping[str, Any]) -> str:
    if draft.problem:
        return str(parsing.PROBLEMS[draft.problem])
    if not schema:
        return ""
    error = best_match(schemas.validator(schema).iter_errors(draft.content))
    if error is None:
        return ""
    words = violations.sentence(violations.parts(error))
    return words or f"{error.json_path}: {error.message}"[:LONGEST_PROBLEM]
