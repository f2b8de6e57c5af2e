"""Test a connection by one real, tiny call: it works, there is no such model, or it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal

from asgiref.sync import async_to_sync
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers import errors
from providers.clients import open_client, read_reply
from providers.clients.types import Account, ChatRequest, Client, Message
from providers.models import LanguageModel, Provider

Outcome = Literal["works", "no_such_model", "fails"]

PATIENCE_SECONDS = 60
# Enough for a word, and more than the least that any vendor takes.
ANSWER_TOKENS = 16


@dataclass(frozen=True, kw_only=True)
class ConnectionReport:
    """What a test found; models are those that the vendor says it has."""

    outcome: Outcome
    models: list[str]
    latency_seconds: float | None = None
    error_code: str = ""
    detail: str = ""

    @property
    def advice(self) -> str | Promise:
        if self.outcome == "works":
            return _("The connection works.")
        return errors.advice(self.error_code)


def check_model(language_model: LanguageModel) -> ConnectionReport:
    """Ask the model for a word.

    Cost: a few tokens, and up to PATIENCE_SECONDS.
    """
    defaults = language_model.default_parameters
    limit = {} if "max_tokens" in defaults else {"max_tokens": ANSWER_TOKENS}
    # JSON mode is refused where the prompt does not speak of JSON.
    parameters, _not_taken = language_model.split_parameters({**limit, "response_format": None})
    request = ChatRequest(
        model=language_model.name,
        messages=(Message(role="user", content="Reply with the word: ok"),),
        parameters=parameters,
    )
    try:
        account = language_model.provider.account()
    except errors.ProviderError as error:
        return failed(error)
    return async_to_sync(ask)(patient(account), request)


def check_provider(provider: Provider) -> ConnectionReport:
    """Ask for the list of models; where there is none, ask the first enabled model."""
    try:
        account = provider.account()
    except errors.ProviderError as error:
        return failed(error)
    report = async_to_sync(list_models)(patient(account))
    model = provider.models.filter(is_enabled=True).order_by("-is_default", "pk").first()
    if report.outcome == "works" or model is None:
        return report
    return check_model(model)


def patient(account: Account) -> Account:
    return replace(account, timeout_seconds=min(account.timeout_seconds, PATIENCE_SECONDS))


def failed(error: errors.ProviderError, models: list[str] | None = None) -> ConnectionReport:
    return ConnectionReport(
        outcome="fails", models=models or [], error_code=error.code, detail=error.detail
    )


async def list_models(account: Account) -> ConnectionReport:
    try:
        async with opened(account) as client:
            return ConnectionReport(outcome="works", models=await client.model_names())
    except errors.ProviderError as error:
        return failed(error)


async def ask(account: Account, request: ChatRequest) -> ConnectionReport:
    try:
        async with opened(account) as client:
            return await answer(account, client, request)
    except errors.ProviderError as error:
        return failed(error)


async def answer(account: Account, client: Client, request: ChatRequest) -> ConnectionReport:
    try:
        response = await client.send(request)
        read_reply(account.family, response.body)
    except errors.InvalidRequestError as error:
        # Some vendors call an unknown model a bad request: their list of models decides.
        names = await names_or_none(client)
        if names and request.model not in names:
            return no_such_model(names, error.detail)
        return failed(error, names)
    except errors.ModelNotFoundError as error:
        return no_such_model(await names_or_none(client), error.detail)
    return ConnectionReport(outcome="works", models=[], latency_seconds=response.latency_seconds)


@asynccontextmanager
async def opened(account: Account) -> AsyncIterator[Client]:
    client = open_client(account)
    try:
        yield client
    finally:
        await client.close()


async def names_or_none(client: Client) -> list[str]:
    try:
        return await client.model_names()
    except errors.ProviderError:
        return []  # many addresses have no such list


def no_such_model(models: list[str], detail: str) -> ConnectionReport:
    return ConnectionReport(
        outcome="no_such_model",
        models=models,
        error_code=errors.ModelNotFoundError.code,
        detail=detail,
    )
