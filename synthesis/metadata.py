"""What is known about a record beside its content, as an export may carry it.

An object under one key in JSON, a column for each name in tables. Imports know it by its
form and leave it out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import Q

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
    "origin",
    "origin_dataset",
    "source",
    "source_item",
    "source_document",
    "source_page",
    "created_at",
)
ALWAYS_SAID = ("id", "status")
FOUND = re.compile(rf"(?P<key>{KEY}(?:_\d+)?)(?:\.(?P<name>{'|'.join(NAMES)}))?")

# Returns by record id what another app knows of records, under names of NAMES.
Source: TypeAlias = Callable[[Sequence[Any]], Mapping[int, Mapping[str, Any]]]
SOURCES: list[Source] = []


def register(source: Source) -> None:
    SOURCES.append(source)


def key_of(records: QuerySet[Record]) -> str:
    """Return a key that no content has, neither as such nor as the start of a column."""
    keys = itertools.chain((KEY,), (f"{KEY}_{number}" for number in itertools.count(2)))
    for key in keys:
        # Not has_any_keys: PostgreSQL has that for jsonb only, which forgets the order of keys.
        lookups = [Q((f"content__{name}__isnull", False)) for name in (key, *columns(key))]
        if not records.filter(reduce(or_, lookups)).exists():
            break
    return key


def of(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Describe a page of what joined() reads."""
    found = [described(row) for row in rows]
    for source in SOURCES:
        known = source(rows)
        for one in found:
            one.update(known.get(one["id"], {}))
    return found


def described(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "status": row.status,
        "score": row.score,
        "score_parts": row.score_parts,
        "judge_score": row.judge_score,
        "judge_dimensions": {},
        "review": row.review,
        "review_note": row.review_note,
        "category": row.category,
        "task": row.run__task__name or "",
        "run": row.run,
        "model": row.language_model__name or "",
        "origin": row.origin,
        "origin_dataset": row.origin__dataset__name or "",
        "source": row.source_item__source__name or "",
        "source_item": numbered(row.source_item__position),
        "source_document": row.source_item__file__name or "",
        "source_page": row.source_item__page,
        "created_at": row.created_at.isoformat(),
    }


def numbered(position: int | None) -> int | None:
    return None if position is None else position + 1


def columns(key: str) -> list[str]:
    return [f"{key}.{name}" for name in NAMES]


def flat(key: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{key}.{name}": row[name] for name in NAMES}


def without(content: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what an export said about a record."""
    return {name: value for name, value in content.items() if not is_metadata(name, content)}


def is_metadata(name: str, content: Mapping[str, Any]) -> bool:
    """Tell what an export said by the names that it always says, as an object or as columns."""
    match = FOUND.fullmatch(name)
    if match is None:
        return False
    if match["name"]:
        return all(f"{match['key']}.{always}" in content for always in ALWAYS_SAID)
    value = content[name]
    return isinstance(value, dict) and all(always in value for always in ALWAYS_SAID)


def joined(rows: QuerySet[Record]) -> Any:
    """Read contents with what a description needs, as plain rows: models would cost three times."""
    return rows.values_list(
        *("pk", "content", "status", "score", "score_parts", "judge_score", "review"),
        *("review_note", "category", "run", "run__task__name", "language_model__name"),
        *("source_item__source__name", "source_item__position", "source_item__file__name"),
        "source_item__page",
        *("origin", "origin__dataset__name", "created_at"),
        named=True,
    )
