"""Which keys the records have, in the order of their templates' schemas.

PostgreSQL's jsonb forgets the order of keys, in records and in schemas alike; what a
schema requires is a list, and so the only memory of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from synthesis import metadata
from synthesis.export import pages
from synthesis.models import Record, Run

MAX_COLUMNS = 1000


class NotATableError(ValueError):
    """The records do not fit into a table of the format asked for."""


class ColumnsChangedError(RuntimeError):
    """Records were given new keys while the table was written; it must be written again."""


class TooManyColumnsError(NotATableError):
    code = "too_many_columns"

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "The records have more than %(limit)s different keys, too many for a table."
                " Export them as JSONL."
            )
            % {"limit": MAX_COLUMNS}
        )


def ordered(content: Any, columns: Sequence[str]) -> Any:
    """Copy a content with its known keys first, in the schemas' order."""
    if not columns or not isinstance(content, dict):
        return content
    known = {name: content[name] for name in columns if name in content}
    return known | content


def named(records: QuerySet[Record]) -> list[str]:
    """Return the keys that the schemas of the records name."""
    return _names(_schemas(records))


def of(records: QuerySet[Record], label: str = "") -> list[str]:
    """Return the keys of all records, the label of their categories last.

    Errors: TooManyColumnsError.
    Cost: reads every record once, unless their schemas allow no other keys.
    """
    schemas = _schemas(records)
    found = dict.fromkeys(_names(schemas))
    if not (all(map(_is_closed, schemas)) and _follow_schemas(records)):
        for page in pages.contents(records):
            found.update(dict.fromkeys(name for content in page for name in pages.fields(content)))
            if len(found) > MAX_COLUMNS:
                raise TooManyColumnsError
    return [*found, *([label] if label and label not in found else [])]


def named_values(
    records: QuerySet[Record], metadata_key: str
) -> tuple[list[str], Iterator[list[dict[str, Any]]]]:
    """Return the columns of a table of the records, and pages of its rows.

    Errors: TooManyColumnsError; ColumnsChangedError from the pages.
    """
    label = pages.label_of(records)
    names = of(records, label)
    if metadata_key:
        names += metadata.columns(metadata_key)
    contents = pages.contents(records, label, metadata_key)
    return names, ([_checked(row, names, metadata_key) for row in page] for page in contents)


def _checked(content: Any, names: Sequence[str], metadata_key: str) -> dict[str, Any]:
    values = dict(pages.fields(content))
    if metadata_key:
        values |= metadata.flat(metadata_key, values.pop(metadata_key))
    if values.keys() - set(names):
        raise ColumnsChangedError
    return values


def _names(schemas: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for schema in schemas for name in _named_by(schema)))


def _named_by(schema: dict[str, Any]) -> list[str]:
    return [*schema.get("required", []), *schema.get("properties", {})]


def _is_closed(schema: dict[str, Any]) -> bool:
    return schema.get("additionalProperties") is False and "patternProperties" not in schema


def _follow_schemas(records: QuerySet[Record]) -> bool:
    """Tell whether all were checked as they came; imports and edits may have other keys."""
    strangers = Q(run=None) | Q(edited_at__isnull=False) | Q(status=Record.Status.MALFORMED)
    return not records.filter(strangers).exists()


def _schemas(records: QuerySet[Record]) -> list[dict[str, Any]]:
    of_run = records.order_by().filter(run=OuterRef("pk"))
    runs = Run.objects.filter(Exists(of_run)).order_by("pk")
    return list(runs.values_list("template_version__output_schema", flat=True))
