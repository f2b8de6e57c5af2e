from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from quality.readings import FARTHEST
from synthesis.models import Dataset

MOST_READ = 2_000  # of the rows under one key: what so many share tells no texts apart
# What COPY ... (FORMAT BINARY) takes: https://www.postgresql.org/docs/current/sql-copy.html
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL = b"\xff\xff"
COPY_ROW = np.dtype(
    [("fields", ">i2")]
    + [(part, kind) for n in "abcd" for part, kind in ((f"size_{n}", ">i4"), (n, ">i8"))]
)


Numbers: TypeAlias = npt.NDArray[np.int64]
# A row under a wanted key, of a text that is not far from the one that wants it: the place of
# the key among the wanted ones, the record, and in how many bits the simhashes differ.
NEAR = np.dtype([(name, np.int64) for name in ("place", "record", "bits", "dataset")])


class BandQuerySet(models.QuerySet["Band"]):
    def look_up(
        self, datasets: Sequence[int], keys: Numbers, simhashes: Numbers
    ) -> npt.NDArray[Any]:
        """Return the rows of the datasets under keys, without those too far, as NEAR.

        Cost: one query; a step into the index for each key, and what stands there.
        """
        if not len(keys):
            return np.empty(0, NEAR)
        # In their order: each step ends beside the one before, on a page that is at hand.
        order = keys.argsort()
        read = read_near if connection.vendor == "postgresql" else read_all
        rows = read(datasets, keys[order], simhashes[order])
        rows["place"] = order[rows["place"]]
        return rows

    def enter(self, dataset_id: int, rows: Numbers) -> None:
        """Add (key, record, simhash) rows; those that are there already stay."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # As one value a column: half of what the process takes for row after row.
                cursor.execute(
                    "INSERT INTO quality_band (dataset_id, key, record, simhash)"
                    " SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
                    " ON CONFLICT DO NOTHING",
                    [dataset_id, *map(array_text, rows.T.tolist())],
                )
                return
            cursor.executemany(
                "INSERT INTO quality_band (dataset_id, key, record, simhash)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [(dataset_id, *row) for row in rows.tolist()],
            )

    def enter_new(self, dataset_id: int, rows: Numbers) -> None:
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
        packed["b"], packed["c"], packed["d"] = rows.T
        statement = (
            "COPY quality_band (dataset_id, key, record, simhash) FROM STDIN (FORMAT BINARY)"
        )
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(COPY_HEAD + packed.tobytes() + COPY_TAIL)

    def drop(self, dataset_id: int, until: int, at_once: int) -> bool:
        """Drop rows of records up to one, about so many; False when none are left.

        Cost: goes through the table in its order, over what later records have there.
        """
        rows = self.filter(dataset_id=dataset_id, record__lte=until)
        page = rows.order_by("key").values_list("key", flat=True)[at_once : at_once + 1]
        key = page.first()
        (rows if key is None else rows.filter(key__lte=key)).delete()
        return key is not None

    def forget(self, dataset_id: int, keys: Iterable[int], records: Iterable[int]) -> None:
        """Drop the rows of records that are gone, as far as they were met."""
        self.filter(dataset_id=dataset_id, key__in=list(keys), record__in=list(records)).delete()


def read_near(datasets: Sequence[int], keys: Numbers, simhashes: Numbers) -> npt.NDArray[Any]:
    """Let PostgreSQL put aside what is too far, and take the rest as one value of bytes."""
    wanted = keys.tolist(), simhashes.tolist(), datasets
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(int8send(wanted.place - 1) || int8send(near.record)"
            " || int8send(near.bits) || int8send(own.id), '')"
            " FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY"
            " AS wanted (key, simhash, place), unnest(%s::bigint[]) AS own (id),"
            # The limit also makes the planner step into the index key by key.
            " LATERAL (SELECT record, bit_count(int8send(simhash # wanted.simhash)) AS bits"
            " FROM quality_band WHERE dataset_id = own.id AND key = wanted.key"
            " LIMIT %s) AS near WHERE near.bits <= %s",
            [*map(array_text, wanted), MOST_READ, FARTHEST],
        )
        found = cursor.fetchone()[0] or b""
    return near_rows(*np.frombuffer(found, ">i8").reshape(-1, 4).T)


def read_all(datasets: Sequence[int], keys: Numbers, simhashes: Numbers) -> npt.NDArray[Any]:
    with connection.cursor() as cursor:
        # The keys come first in the join: each is one step into the table's tree.
        cursor.execute(
            "SELECT wanted.key, band.record, band.simhash, band.dataset_id"
            " FROM json_each(%s) AS wanted CROSS JOIN json_each(%s) AS own"
            " CROSS JOIN quality_band AS band"
            " ON band.dataset_id = own.value AND band.key = wanted.value",
            [json_list(keys.tolist()), json_list(datasets)],
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)
    places, records, others, owners = rows.T
    bits = np.bitwise_count((simhashes[places] ^ others).view(np.uint64))
    return near_rows(places, records, bits, owners)[bits <= FARTHEST]


def near_rows(*columns: npt.NDArray[Any]) -> npt.NDArray[Any]:
    rows = np.empty(len(columns[0]), NEAR)
    for name, column in zip(NEAR.names or (), columns, strict=True):
        rows[name] = column
    return rows


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
