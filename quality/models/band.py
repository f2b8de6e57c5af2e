from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from quality.readings import ALL_BITS, FARTHEST
from synthesis.models import Dataset

MOST_READ = 2_000  # of the rows under one key: what so many share tells no texts apart
# What COPY ... (FORMAT BINARY) takes: https://www.postgresql.org/docs/current/sql-copy.html
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL = b"\xff\xff"
COPY_ROW = np.dtype(
    [("fields", ">i2")]
    + [(part, kind) for n in "abcd" for part, kind in ((f"size_{n}", ">i4"), (n, ">i8"))]
)


class Near(NamedTuple):
    """A row under a wanted key, of a text that is not far from the one that wants it."""

    place: int  # of the key among the wanted ones
    record: int
    bits: int  # in which the simhashes differ
    dataset: int


class BandQuerySet(models.QuerySet["Band"]):
    def look_up(self, datasets: Sequence[int], wanted: Sequence[tuple[int, int]]) -> list[Near]:
        """Return the rows of the datasets under (key, simhash) pairs, without those too far.

        Cost: one query; a step into the index for each key, and what stands there.
        """
        if not wanted:
            return []
        keys, simhashes = zip(*wanted, strict=True)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT wanted.place - 1, near.record, near.bits, near.dataset_id"
                    " FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY"
                    " AS wanted (key, simhash, place), unnest(%s::bigint[]) AS own (id),"
                    # The limit also makes the planner step into the index key by key.
                    " LATERAL (SELECT record, dataset_id,"
                    " bit_count(int8send(simhash # wanted.simhash)) AS bits"
                    " FROM quality_band WHERE dataset_id = own.id AND key = wanted.key"
                    " LIMIT %s) AS near WHERE near.bits <= %s",
                    [*map(array_text, (keys, simhashes, datasets)), MOST_READ, FARTHEST],
                )
                return [Near._make(row) for row in cursor.fetchall()]
            # The keys come first in the join: each is one step into the table's tree.
            cursor.execute(
                "SELECT wanted.key, band.record, band.simhash, band.dataset_id"
                " FROM json_each(%s) AS wanted CROSS JOIN json_each(%s) AS own"
                " CROSS JOIN quality_band AS band"
                " ON band.dataset_id = own.value AND band.key = wanted.value",
                [json_list(keys), json_list(datasets)],
            )
            return [
                Near(place, record, bits, dataset)
                for place, record, simhash, dataset in cursor
                if (bits := ((simhash ^ simhashes[place]) & ALL_BITS).bit_count()) <= FARTHEST
            ]

    def enter(self, dataset_id: int, rows: Sequence[tuple[int, int, int]]) -> None:
        """Add (key, record, simhash) rows; those that are there already stay."""
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO quality_band (dataset_id, key, record, simhash)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [(dataset_id, *row) for row in rows],
            )

    def enter_new(self, dataset_id: int, rows: Sequence[tuple[int, int, int]]) -> None:
        """Add (key, record, simhash) rows of records that have none yet, in one go."""
        if not len(rows):
            return
        if connection.vendor != "postgresql":
            self.enter(dataset_id, rows)
            return
        packed = np.empty(len(rows), dtype=COPY_ROW)
        packed["fields"] = 4
        for part in "abcd":
            packed[f"size_{part}"] = 8
        packed["a"] = dataset_id
        packed["b"], packed["c"], packed["d"] = np.asarray(rows, dtype=np.int64).T
        statement = (
            "COPY quality_band (dataset_id, key, record, simhash) FROM STDIN (FORMAT BINARY)"
        )
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(COPY_HEAD + packed.tobytes() + COPY_TAIL)

    def forget(self, dataset_id: int, keys: Iterable[int], records: Iterable[int]) -> None:
        """Drop the rows of records that are gone, as far as they were met."""
        self.filter(dataset_id=dataset_id, key__in=list(keys), record__in=list(records)).delete()


def array_text(numbers: Sequence[int]) -> str:
    """Write an array for PostgreSQL: a twentieth of what psycopg takes for thousands."""
    return f"{{{','.join(map(str, numbers))}}}"


def json_list(numbers: Sequence[int]) -> str:
    return f"[{','.join(map(str, numbers))}]"


class Band(models.Model):
    """Where a text's fingerprint is found: texts that share a key may be alike.

    The index only proposes: whether the record still is there, and what it says, is asked of
    the record. The table is its own index, and has no other column: most of the texts under a
    key are put aside by the simhash that stands beside it.
    """

    pk = models.CompositePrimaryKey("dataset_id", "key", "record", "simhash")
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
    simhash = models.BigIntegerField(_("simhash"))

    objects = BandQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in the index")
        verbose_name_plural = _("places in the index")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.dataset_id}/{self.key}/{self.record}"
