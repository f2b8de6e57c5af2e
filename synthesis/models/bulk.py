from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, models


def update_each(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Update columns of many rows, each with its own values, in one round trip.

    Django's bulk_update writes one CASE per column, whose cost grows with the
    square of the rows; this sends the same prepared statement for each row.
    """
    if not rows:
        return
    meta = rows[0]._meta
    columns = [meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(field.column)} = %s" for field in columns)
    values = [
        [
            *(field.get_db_prep_save(getattr(row, field.attname), connection) for field in columns),
            row.pk,
        ]
        for row in rows
    ]
    statement = (
        f"UPDATE {quote(meta.db_table)} SET {assignments}"  # noqa: S608  names of our own columns
        f" WHERE {quote(meta.pk.column)} = %s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)
