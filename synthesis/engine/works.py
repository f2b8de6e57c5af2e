"""The kinds of model calls that a run makes, and what each does with its answers.

Batches of every kind share claims, leases, the ledger, retries, pacing and breakers. An
app registers its kinds when it starts; generation is the engine's own.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Max

from providers.clients.types import ChatRequest, Reply
from synthesis.models import Batch, Record, Run
from synthesis.models.bulk import insert_each


class Work(ABC):
    """One kind of call; a subclass says what is asked, and what becomes of the answer."""

    def plan(self, run: Run, records: Sequence[Record]) -> list[Batch]:
        """Return unsaved batches about records that were just written or changed.

        Each has a language model and a subject; inside the writer's transaction.
        """
        return []

    @abstractmethod
    def requests(self, run: Run, batches: Sequence[Batch]) -> dict[int, ChatRequest | None]:
        """Return by batch id what to ask; None where nothing is left to ask.

        Errors: ProviderError, TemplatingError; the run then stops with the reason.
        """

    @abstractmethod
    def read(self, run: Run, batch: Batch, reply: Reply) -> Any:
        """Parse a reply, outside any transaction.

        Errors: ProviderError where it is no good: the call has failed, and is made again.
        """

    @abstractmethod
    def finish(self, run: Run, results: Sequence[tuple[Batch, Any]]) -> list[Record]:
        """Store what was read; returns records that were written, changed or still wait.

        Inside the writer's transaction, which holds the locks of dataset and run.
        """

    def failed(self, run: Run, batches: Sequence[Batch]) -> None:  # noqa: B027  few need it
        """Learn that batches have used up their attempts, inside the writer's transaction."""


WORKS: dict[str, Work] = {}


def register(kind: str, work: Work) -> None:
    WORKS[kind] = work


def plan(run: Run, records: Sequence[Record]) -> None:
    """Plan what every kind of work wants to ask about records."""
    if not records:
        return
    for kind, work in WORKS.items():
        batches = work.plan(run, records)
        if batches:
            number(run, kind, batches)
            insert_each(batches)


def number(run: Run, kind: str, batches: list[Batch]) -> None:
    """Give batches of one kind their places; the caller holds the run's row lock."""
    of_kind = run.batches.filter(kind=kind)
    start = (of_kind.aggregate(latest=Max("index"))["latest"] or 0) + 1
    for index, batch in enumerate(batches, start):
        batch.run, batch.kind, batch.index = run, kind, index
        batch.requested = len(batch.subject)
        rng = random.Random(f"{run.seed}:{kind}:{index}")  # noqa: S311  reproducible, not secret
        batch.seed = rng.getrandbits(31)


def by_kind(items: Iterable[tuple[Batch, Any]]) -> dict[str, list[tuple[Batch, Any]]]:
    """Sort pairs by the kind of their batch, in the order in which the kinds come."""
    found: dict[str, list[tuple[Batch, Any]]] = defaultdict(list)
    for batch, item in items:
        found[batch.kind].append((batch, item))
    return found
