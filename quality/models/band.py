from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from synthesis.models import Dataset

# What COPY ... (FORMAT BINARY) takes: https://www.postgresql.org/docs/current/sql-copy.html
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL = b"\xff\xff"
COPY_ROW = np.dtype(
    [("fields", ">i2")]
    + [(part, kind) for n in "abc" for part, kind in ((f"size_{n}", ">i4"), (n, ">i8"))]
)


class BandQuerySet(models.QuerySet["Band"]):
    def look_up(self, datasets: Sequence[int], keys: Sequence[int]) -> list[tuple[int, int, int]]:
        """Return (key, record, dataset) of all rows of the datasets under one of the keys.

        Cost: one query, whatever the number of keys.
        """
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT key, record, dataset_id FROM quality_band"
                    " WHERE dataset_id = ANY(%s::bigint[]) AND key = ANY(%s::bigint[])",
                    [list(datasets), list(keys)],
                )
            else:
                # The keys come first in the join: each is one step into the table's tree.
                cursor.execute(
                    "SELECT band.key, band.record, band.dataset_id"
                    " FROM json_each(%s) AS wanted CROSS JOIN json_each(%s) AS place"
                    " CROSS JOIN quality_band AS band"
                    " ON band.dataset_id = place.value AND band.key = wanted.value",
                    [json_list(keys), json_list(datasets)],
                )
            return cursor.fetchall()

    def enter(self, dataset_id: int, rows: Sequence[tuple[int, int]]) -> None:
        """Add (key, record) rows; those that are there already stay."""
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO quality_band (dataset_id, key, record) VALUES (%s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                [(dataset_id, key, record) for key, record in rows],
            )

    def enter_new(self, dataset_id: int, rows: Sequence[tuple[int, int]]) -> None:
        """Add (key, record) rows of records that have none yet, in one go."""
        if not rows:
            return
        if connection.vendor != "postgresql":
            self.enter(dataset_id, rows)
            return
        packed = np.empty(len(rows), dtype=COPY_ROW)
        packed["fields"] = 3
        packed["size_a"] = packed["size_b"] = packed["size_c"] = 8
        packed["a"] = dataset_id
        packed["b"], packed["c"] = np.array(rows, dtype=np.int64).T
        statement = "COPY quality_band (dataset_id, key, record) FROM STDIN (FORMAT BINARY)"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(COPY_HEAD + packed.tobytes() + COPY_TAIL)

    def forget(self, dataset_id: int, keys: Iterable[int], records: Iterable[int]) -> None:
        """Drop the rows of records that are gone, as far as they were met."""
        self.filter(dataset_id=dataset_id, key__in=list(keys), record__in=list(records)).delete()


def json_list(numbers: Sequence[int]) -> str:
    return f"[{','.join(map(str, numbers))}]"


class Band(models.Model):
    """Where a text's fingerprint is found: texts that share a key may be alike.

    The index only proposes: whether the record still is there, and what it says, is asked of
    the record. The table is its own index, and has no other column.
    """

    pk = models.CompositePrimaryKey("dataset_id", "key", "record")
    dataset = models.ForeignKey(
        Dataset,
        models.CASCADE,
        verbose_name=_("dataset"),
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    key = models.BigIntegerField(_("key"))
    # Not a foreign key: a record deleted among a million leaves its rows until they are met.
    record = models.BigIntegerField(_("record"))

    objects = BandQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in the index")
        verbose_name_plural = _("places in the index")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.dataset_id}/{self.key}/{self.record}"
