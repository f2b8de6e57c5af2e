"""A template's request for one call: shown as a preview, or sent as a trial and not stored."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync
from jsonschema.exceptions import best_match

from providers import errors
from providers.clients import open_client, read_reply
from providers.clients.types import Account, ChatRequest, Client, Message, RawResponse, Reply
from providers.models import LanguageModel
from synthesis import parsing, presets, schemas, source_prompts, steps, variables, violations
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
    later: list[Trial] = field(default_factory=list)

    def with_later(self, later: list[Trial]) -> Trial:
        """Add the calls of later steps, and what they took; the first one's reply stays."""
        if self.reply is None or not later:
            return self
        costs = [each.cost for each in (self, *later) if each.reply]
        seconds = max(each.latency_seconds or 0 for each in later)
        return replace(
            self,
            later=later,
            cost=None if None in costs else sum(costs, Decimal()),
            latency_seconds=(self.latency_seconds or 0) + seconds,
        )

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
    content: PromptContent,
    values: Mapping[str, Any],
    language_model: LanguageModel | None,
    step: int = 0,
) -> Prepared:
    """Build what a run would send for these values in one of the template's steps.

    Errors: TemplatingError when a value is missing or the prompt grows too long.
    """
    part = steps.part(content, step)
    if language_model is None:
        return Prepared(prompting.messages(part, values, instruct=True), None, [])
    parameters = presets.effective(presets.PRESETS.get(content.preset, {}), content.parameters)
    request = prompting.build_request(part, values, language_model, parameters)
    return Prepared(request.messages, request, language_model.split_parameters(parameters)[1])


def run(
    content: PromptContent,
    given: Mapping[str, Any],
    language_model: LanguageModel,
    count: int,
    filled: Mapping[str, str] | None = None,
) -> Trial:
    """Make one real call for a few records and read its answer; later steps make more calls.

    What is filled is of a source, where there is one, and wins over what is given.

    Errors: VariableError, TemplatingError; what the vendor answers is in the result.
    Cost: one call, and one for each record and later step.
    """
    resolved = source_prompts.resolve(content.variables, given, filled)
    seed = random.randrange(SEED_LIMIT)  # noqa: S311  not secret
    values = {**draw(content.variables, resolved, count, seed), **(filled or {})}
    [first] = call(content, [values], language_model, 0)
    records, later = first.records, []
    for step in range(1, len(content.steps) + 1):
        good = [place for place, record in enumerate(records) if not record.problem]
        begun = [{**values, "count": 1, **records[place].content} for place in good]
        tried = call(content, begun, language_model, step)
        for place, result in zip(good, tried, strict=True):
            records[place] = gone_on(content, step, records[place].content, result)
        later += tried
    return first.with_later(later)


def call(
    content: PromptContent,
    values: Sequence[Mapping[str, Any]],
    language_model: LanguageModel,
    step: int,
) -> list[Trial]:
    """Make the calls of one step, at the same time."""
    prepared = [prepare(content, each, language_model, step) for each in values]
    answers: Sequence[RawResponse | errors.ProviderError]
    try:
        account = language_model.provider.account()
        answers = async_to_sync(send)(account, [each.request for each in prepared])
    except errors.ProviderError as error:
        answers = [error] * len(prepared)
    part = steps.part(content, step)
    return [
        tried(each, answer, language_model, part)
        for each, answer in zip(prepared, answers, strict=True)
    ]


def tried(
    prepared: Prepared,
    answer: RawResponse | errors.ProviderError,
    language_model: LanguageModel,
    part: PromptContent | steps.Part,
) -> Trial:
    try:
        if isinstance(answer, errors.ProviderError):
            raise answer
        reply = read_reply(language_model.provider.family, answer.body)
    except errors.ProviderError as error:
        return Trial(prepared=prepared, error_code=error.code, detail=error.detail)
    usage = reply.usage
    return Trial(
        prepared=prepared,
        reply=reply,
        records=read(reply, part),
        cost=language_model.cost(usage.prompt_tokens, usage.completion_tokens),
        latency_seconds=answer.latency_seconds,
    )


def gone_on(
    content: PromptContent, step: int, begun: Mapping[str, Any], result: Trial
) -> TriedRecord:
    """Put what a later step brought to a record, or say why it brought nothing."""
    if result.reply is None:
        return TriedRecord(begun, "", str(result.advice))
    brought = result.records[0]
    if not isinstance(brought.content, dict):
        return brought
    filled = steps.merged(content, step, begun, brought.content)
    if step < len(content.steps):
        return TriedRecord(filled, "", brought.problem)
    return TriedRecord(filled, "", problem_of(parsing.Draft(filled), content.output_schema))


async def send(
    account: Account, requests: Sequence[ChatRequest]
) -> list[RawResponse | errors.ProviderError]:
    client = open_client(account)
    try:
        return await asyncio.gather(*(answered(client, request) for request in requests))
    finally:
        await client.close()


async def answered(client: Client, request: ChatRequest) -> RawResponse | errors.ProviderError:
    try:
        return await client.send(request)
    except errors.ProviderError as error:
        return error


def read(reply: Reply, part: PromptContent | steps.Part) -> list[TriedRecord]:
    """Read the records, each with what a run would refuse it for."""
    schema = part.output_schema
    is_cut = reply.finish_reason == "length"
    drafts = parsing.parse_reply(reply.text, truncated=is_cut, schema=schema or None).drafts
    if isinstance(part, steps.Part):
        drafts = [
            draft
            if draft.problem
            else draft._replace(content=steps.own_fields(part, draft.content))
            for draft in drafts
        ]
    return [TriedRecord(draft.content, draft.raw, problem_of(draft, schema)) for draft in drafts]


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
