"""Write many rows at a fraction of the ORM's cost; measured in bench/engine.py.

Django's bulk_create compiles every value of every row, and its bulk_update writes one
CASE per column. These send plain tuples: COPY on PostgreSQL, executemany on SQLite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from django.utils import timezone

AS_IT_IS = (
    models.BooleanField,
    models.CharField,
    models.FloatField,
    models.ForeignKey,
    models.IntegerField,
    models.TextField,
)
Field: TypeAlias = "models.Field[Any, Any]"
Row = TypeVar("Row", bound=models.Model)


def copies(row: Row, count: int) -> list[Row]:
    """Return unsaved rows with the values of one, at a tenth of what making each would cost.

    Each has lists and dicts of its own, but not what these hold.
    """
    values = {name: value for name, value in vars(row).items() if name != "_state"}
    own = [name for name, value in values.items() if isinstance(value, dict | list)]
    made = []
    for _number in range(count):
        copy = object.__new__(type(row))
        attributes = vars(copy)
        attributes.update(values, _state=ModelState())
        for name in own:
            attributes[name] = values[name].copy()
        made.append(copy)
    return made


def insert_each(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model and give them their ids.

    The caller's transaction is open. Fields with auto_now_add get the present time.
    """
    if not rows:
        return
    meta = rows[0]._meta
    now = timezone.now()
    for field in meta.concrete_fields:
        if getattr(field, "auto_now_add", False):
            for row in rows:
                setattr(row, field.attname, now)
    for row, pk in zip(rows, next_ids(type(rows[0]), len(rows)), strict=True):
        row.pk = pk
        row._state.adding = False
        row._state.db = connection.alias
    insert = copy_in if connection.vendor == "postgresql" else insert_many
    insert(meta.db_table, list(meta.concrete_fields), rows)


def next_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """Take ids out of the table's sequence; on SQLite the write lock keeps them ours."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, model._meta.pk.column, count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    start = (found[0] if found else 0) + 1
    return range(start, start + count)


def insert_many(table: str, fields: list[Field], rows: Sequence[models.Model]) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(table)} ({columns}) VALUES ({marks})"  # noqa: S608  own names
    with connection.cursor() as cursor:
        cursor.executemany(statement, tuples(fields, rows))


def copy_in(table: str, fields: list[Field], rows: Sequence[models.Model]) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    statement = f"COPY {quote(table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for values in tuples(fields, rows):
            copy.write_row(values)


def update_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Update fields of many rows, each with its own values, in one round trip."""
    if not rows:
        return
    meta = rows[0]._meta
    quote = connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    assignments = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    statement = (
        f"UPDATE {quote(meta.db_table)} SET {assignments}"  # noqa: S608  own names
        f" WHERE {quote(meta.pk.column)} = %s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, tuples([*fields, meta.pk], rows))


def tuples(fields: Sequence[Field], rows: Sequence[models.Model]) -> list[tuple[Any, ...]]:
    """Return the rows' values as the database driver takes them."""
    columns = []
    for field in fields:
        values = [getattr(row, field.attname) for row in rows]
        if not isinstance(field, AS_IT_IS):
            values = adapted(field, values)
        columns.append(values)
    return list(zip(*columns, strict=True))


def adapted(field: Field, values: list[Any]) -> list[Any]:
    """Adapt values for the driver; one object in every row, such as the time, only once."""
    if all(value is values[0] for value in values):
        return [prepared(field, values[0])] * len(values)
    return [prepared(field, value) for value in values]


def prepared(field: Field, value: Any) -> Any:
    return None if value is None else field.get_db_prep_save(value, connection)
