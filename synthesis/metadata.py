"""What is known about a record beside its content, as an export may carry it.

An object under one key in JSON, a column for each name in tables. Imports know it by its
form and leave it out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from synthesis.models import Record

KEY = "_meta"
NAMES = (
    "id",
    "status",
    "score",
    "score_parts",
    "judge_score",
    "judge_dimensions",
    "review",
    "review_note",
    "category",
    "task",
    "run",
    "model",
    "created_at",
)
FOUND = re.compile(rf"{KEY}(_\d+)?(\.({'|'.join(NAMES)}))?")

# Return by record id what another app knows, under names of NAMES.
Source: TypeAlias = "Callable[[Sequence[Record]], Mapping[int, Mapping[str, Any]]]"
SOURCES: list[Source] = []


def register(source: Source) -> None:
    SOURCES.append(source)


def key_of(records: QuerySet[Record]) -> str:
    """Return a key that no content has."""
    keys = itertools.chain((KEY,), (f"{KEY}_{number}" for number in itertools.count(2)))
    for key in keys:
        if not records.filter(**{f"content__{key}__isnull": False}).exists():
            break
    return key


def of(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Describe a page of records, whose runs and models are at hand."""
    found = [described(record) for record in records]
    for source in SOURCES:
        known = source(records)
        for row in found:
            row.update(known.get(row["id"], {}))
    return found


def described(record: Record) -> dict[str, Any]:
    run = record.run
    return {
        "id": record.pk,
        "status": record.status,
        "score": record.score,
        "score_parts": record.score_parts,
        "judge_score": record.judge_score,
        "judge_dimensions": {},
        "review": record.review,
        "review_note": record.review_note,
        "category": record.category,
        "task": run.task.name if run else "",
        "run": run.pk if run else None,
        "model": record.language_model.name if record.language_model else "",
        "created_at": record.created_at.isoformat(),
    }


def columns(key: str) -> list[str]:
    return [f"{key}.{name}" for name in NAMES]


def flat(key: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{key}.{name}": row[name] for name in NAMES}


def without(content: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what an export said about a record."""
    return {name: value for name, value in content.items() if not is_metadata(name, value)}


def is_metadata(name: str, value: Any) -> bool:
    match = FOUND.fullmatch(name)
    if match is None:
        return False
    return bool(match[2]) or (isinstance(value, dict) and value.keys() >= {"id", "status"})


def joined(rows: QuerySet[Record]) -> QuerySet[Record]:
    """Bring along what a description needs."""
    return rows.select_related("run__task", "language_model").only(
        *("content", "category", "status", "score", "score_parts", "judge_score"),
        *("review", "review_note", "created_at", "run__task__name", "language_model__name"),
    )
