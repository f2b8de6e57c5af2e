"""A record's score by rules, 0 to 100, from parts that everybody can see.

The total is the weighted mean of the parts, but never more than 40 above the worst of them: a
record with an empty answer is not saved by its perfect spelling. A part of weight 0 does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from quality.scoring.openings import Openings as Openings
from quality.scoring.parts import BEST
from quality.scoring.parts import PARTS as PARTS
from quality.scoring.texts import Reading, read
from synthesis.models import Record

HEADROOM = 40.0
HEAVIEST = 1000


class UnknownPartError(ValueError):
    """A weight is given to what is no part of the score."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each part counts; only their proportions matter."""

    completeness: float = 25
    length: float = 15
    repetition: float = 20
    diversity: float = 10
    readability: float = 15
    format: float = 15

    def __post_init__(self) -> None:
        values = vars(self).values()
        if not all(is_weight(value) for value in values) or not sum(values):
            raise ValueError("Weights are numbers of 0 or more, and not all of them 0.")

    @classmethod
    def of(cls, chosen: Mapping[str, float]) -> Weights:
        """Return the weights that a policy chose; parts that it does not name count nothing.

        Errors: UnknownPartError; ValueError for weights that are none, or all 0.
        """
        if not isinstance(chosen, Mapping):
            raise ValueError("Weights are given by the names of parts.")
        unknown = [name for name in chosen if name not in PARTS]
        if unknown:
            raise UnknownPartError(", ".join(unknown))
        return cls(**{**dict.fromkeys(PARTS, 0.0), **chosen}) if chosen else cls()


def is_weight(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= HEAVIEST


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is known about a record besides its content."""

    weights: Weights = Weights()
    labels: frozenset[str] = frozenset()
    """Fields, in lower case, whose values are chosen from a list: one word is enough there."""
    openings: Openings | None = None
    """How the dataset's records begin."""


class Score(NamedTuple):
    total: float
    parts: dict[str, int]


def score(content: Any, context: Context = Context()) -> Score:
    """Score a record's content.

    Cost: some 300 µs; `apply` scores many at 45 µs each, of 200 characters.
    """
    (reading,) = read([content], context.labels)
    return score_reading(reading, context)


def score_reading(reading: Reading, context: Context) -> Score:
    parts = {name: round(part(reading, context)) for name, part in PARTS.items()}
    return Score(total(parts, context.weights), parts)


def total(parts: Mapping[str, int], weights: Weights) -> float:
    """Return the weighted mean of the parts, at most HEADROOM above the worst, with one digit."""
    # Most records lose nothing.
    if min(parts.values()) == BEST:
        return BEST
    whole = summed = 0.0
    least = 100
    for name, weight in vars(weights).items():
        if weight:
            part = parts[name]
            whole += weight
            summed += part * weight
            if part < least:
                least = part
    return round(min(summed / whole, least + HEADROOM), 1)


def labels_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """Name the fields of a schema whose values are chosen from a list."""
    fields = schema.get("properties")
    if not isinstance(fields, Mapping):
        return frozenset()
    return frozenset(
        name.lower()
        for name, rule in fields.items()
        if isinstance(rule, Mapping) and ("enum" in rule or "const" in rule)
    )


def apply(
    records: Iterable[Record],
    weights: Weights,
    minimum: float | None = None,
    *,
    labels: frozenset[str] = frozenset(),
    openings: Openings | None = None,
) -> None:
    """Score the records that could be read, and reject accepted ones below the minimum.

    Each record joins the openings that the next is compared with.
    """
    context = Context(weights=weights, labels=labels, openings=openings)
    readable = []
    for record in records:
        if record.content is None or record.status == Record.Status.MALFORMED:
            record.score, record.score_parts = None, {}
        else:
            readable.append(record)
    readings = read((record.content for record in readable), labels)
    for record, reading in zip(readable, readings, strict=True):
        found = score_reading(reading, context)
        if openings is not None:
            openings.add(reading)
        record.score, record.score_parts = found.total, found.parts
        if minimum is not None and found.total < minimum:
            reject(record, minimum)


def reject(record: Record, minimum: float) -> None:
    if record.status != Record.Status.ACCEPTED:
        return
    finding = {"check": "score", "code": "below", "score": record.score, "minimum": minimum}
    record.status = Record.Status.REJECTED
    record.findings = [*record.findings, finding]
