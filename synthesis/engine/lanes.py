"""What one runner does for one run, and the database steps that feed it."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from providers.clients.types import Account, ChatRequest
from providers.errors import ProviderError
from providers.sanitising import clean_text
from synthesis.engine import leases, settlement, works
from synthesis.engine.leases import Claim
from synthesis.models import Run, Worker
from synthesis.templating import TemplatingError

logger = logging.getLogger(__name__)

AHEAD_SHARE = 4  # one claim in four waits ready, so that a free slot need not wait for a commit


@dataclass(frozen=True, kw_only=True)
class Order:
    """A claim with all that the event loop needs to make its call."""

    claim: Claim
    account: Account
    request: ChatRequest

    @property
    def provider_id(self) -> int:
        return self.claim.batch.language_model.provider_id


@dataclass
class Lane:
    run_id: int
    window: int = 0
    in_flight: int = 0
    is_closing: bool = False
    is_doomed: bool = False  # an error that will stop the run is on its way to the writer
    ready: deque[Order] = field(default_factory=deque)
    next_claim_at: float = 0.0

    @property
    def is_hungry(self) -> bool:
        """Tell whether to claim: not for each free slot, but when half the reserve is gone.

        An unknown window is found out by asking.
        """
        ahead = self.window // AHEAD_SHARE
        missing = max(1, self.window + ahead) - self.in_flight - len(self.ready)
        return missing > ahead // 2


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one visit to the database brought for a lane."""

    window: int
    orders: list[Order] = field(default_factory=list)
    answered: list[Claim] = field(default_factory=list)


def visit(worker: Worker, lane: Lane) -> Step:
    """Take a step; a run that cannot be served fails with a reason, and alone."""
    try:
        return step(worker, lane)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # the outermost frame of one run: the others are served on
        logger.exception("Run %s cannot be served", lane.run_id)
        for run in Run.objects.filter(pk=lane.run_id):
            detail = clean_text(f"{type(error).__name__}: {error}")
            run.stop(Run.Status.FAILED, "not_servable", detail)
        return Step(window=0)


def step(worker: Worker, lane: Lane) -> Step:
    """Take a seat at the run, claim what fits, and render what is to be sent.

    Rendering waits until the locks are gone: other runners wait for them.
    """
    with transaction.atomic():
        lock_what_is_given_up(lane.run_id)
        runs = Run.objects.select_for_update(of=("self",)).select_related("template_version")
        run = runs.filter(pk=lane.run_id).first()
        if run is None:
            return Step(window=0)
        is_leaving = lane.is_closing or not run.is_active
        window = leases.take_seat(worker, run, lane.in_flight, is_draining=is_leaving)
        if is_leaving:
            settlement.tidy(run)
            return Step(window=0)
        room = window + window // AHEAD_SHARE - lane.in_flight - len(lane.ready)
        if room <= 0:
            return Step(window=window)
        run.begin()
        claims = leases.claim(worker, run, room)
        if len(claims) < room:
            settlement.settle(run)
            claims += leases.claim(worker, run, room - len(claims))
    return fill(run, window, claims)


def lock_what_is_given_up(run_id: int) -> None:
    """Lock the dataset before the run, as writers do, where records wait in vain for a judge."""
    is_over = Q(status__in=Run.FINAL) | Q(accepted__gte=F("target_count"))
    waiting = Run.objects.filter(is_over, pk=run_id, pending__gt=0)
    for run in waiting.select_related("dataset"):
        run.dataset.lock()


def fill(run: Run, window: int, claims: list[Claim]) -> Step:
    """Sort claims into calls to make and answers to read again."""
    fresh = [claim for claim in claims if claim.stored is None]
    orders: list[Order] = []
    for kind, group in works.by_kind((claim.batch, claim) for claim in fresh).items():
        try:
            orders += orders_for(run, kind, [claim for _batch, claim in group])
        except (ProviderError, TemplatingError) as error:
            leases.release(claims)
            settlement.stop_for(run, group[0][0], error)
            return Step(window=0)
    answered = [claim for claim in claims if claim.stored is not None]
    return Step(window=window, orders=orders, answered=answered)


def orders_for(run: Run, kind: str, claims: list[Claim]) -> list[Order]:
    """Render what is to be sent; a batch with nothing left to ask is withdrawn."""
    providers = {claim.batch.language_model.provider for claim in claims}
    accounts = {provider.pk: provider.account() for provider in providers}
    requests = works.WORKS[kind].requests(run, [claim.batch for claim in claims])
    if idle := [claim for claim in claims if requests[claim.batch.pk] is None]:
        leases.withdraw(idle)
    return [
        Order(
            claim=claim,
            account=accounts[claim.batch.language_model.provider_id],
            request=request,
        )
        for claim in claims
        if (request := requests[claim.batch.pk]) is not None
    ]
