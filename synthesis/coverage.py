"""What became of a run's plan: each value that batches draw, with its records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, F, Q

from synthesis import templating
from synthesis.models import Batch, Run

MOST_VALUES = 200
# A repair asks for nothing that was not asked for before; what is cancelled asks for nothing.
PLANNED = ExpressionWrapper(
    Q(kind=Batch.Kind.GENERATE) & ~Q(state=Batch.State.CANCELLED), output_field=BooleanField()
)
MADE = sum((F(name) for name in Batch.COUNTERS[1:]), F(Batch.COUNTERS[0]))


class Covered(NamedTuple):
    """Records by one value of a variable: asked for, come back, accepted."""

    value: str
    planned: int
    made: int
    accepted: int


class Coverage(NamedTuple):
    """One drawn variable; left_out is how many of its values are not listed."""

    name: str
    values: list[Covered]
    left_out: int


def of_run(run: Run) -> list[Coverage]:
    """Sum up a run's batches by the values that they drew.

    Cost: reads the drawn values of all batches of the run, some 40 µs each.
    """
    names = dict(drawn(run))
    if not names:
        return []
    found: dict[str, dict[str, list[int]]] = {name: {} for name in names}
    batches = run.batches.filter(kind__in=(Batch.Kind.GENERATE, Batch.Kind.REPAIR)).order_by()
    rows = batches.annotate(made_in_all=MADE, is_planned=PLANNED)
    columns = ("values", "requested", "is_planned", "made_in_all", "accepted")
    for values, requested, is_planned, made, accepted in rows.values_list(*columns).iterator():
        for name, sums in found.items():
            total = sums.setdefault(templating.printed(values.get(name)), [0, 0, 0])
            total[0] += requested * is_planned
            total[1] += made
            total[2] += accepted
    return [listed(name, values, found[name]) for name, values in names.items()]


def drawn(run: Run) -> Iterator[tuple[str, list[Any]]]:
    """Name the variables that each batch draws anew, with all that may come."""
    resolved = run.resolved_values()
    for declaration in run.template_version.variables:
        name = declaration["name"]
        value = resolved.get(name)
        if declaration["type"] == "list" and value:
            yield name, value
        is_open = name in resolved and (value is None or isinstance(value, list))
        if declaration["type"] == "choice" and is_open:
            yield name, value or declaration["choices"]


def listed(name: str, values: list[Any], sums: dict[str, list[int]]) -> Coverage:
    texts = list(dict.fromkeys(map(templating.printed, values)))
    rows = [Covered(text, *sums.get(text, (0, 0, 0))) for text in texts[:MOST_VALUES]]
    return Coverage(name, rows, max(0, len(texts) - MOST_VALUES))
