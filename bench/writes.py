"""What bench.quality does once Django is set up."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from django.db import connection, transaction

from bench.engine import create_run
from bench.texts import Content, contents, edited
from quality import dedup, policies
from quality.fingerprints import TEXTS_AT_ONCE, hashed_grams, keys_of, minima, simhashes
from quality.models import Band
from quality.normalise import normalise_all
from synthesis.models import Dataset, Record, Run
from synthesis.models.bulk import insert_each

STORED = 200_000
STORED_AT_ONCE = 5_000
HALVES = 200_000
INDEXED_AT_ONCE = 100_000
REPEATED = 0.1
TICKS_PER_SECOND = 100
KEY = "dataset_id, key, record, simhash"
AT_THE_END = {
    "postgresql": (
        ["SET statement_timeout = 0", "ALTER TABLE quality_band DROP CONSTRAINT quality_band_pkey"],
        ["SET maintenance_work_mem = '1GB'", f"ALTER TABLE quality_band ADD PRIMARY KEY ({KEY})"],
    ),
    # On SQLite the table is its key; what is temporary goes before what has the same name.
    "sqlite": (
        [f"CREATE TEMPORARY TABLE quality_band ({KEY})"],
        [
            f"INSERT INTO main.quality_band SELECT {KEY} FROM temp.quality_band ORDER BY {KEY}",  # noqa: S608  own words
            "DROP TABLE temp.quality_band",
        ],
    ),
}


def measure(index: int, count: int, page: int) -> None:
    """Fill a dataset, write pages without checks and with them by turns, and print the costs."""
    run = Run.objects.get(pk=create_run("http://localhost/v1", 10 * (count + page), 1))
    begun = time.monotonic()
    known = fill(run.dataset, index)
    filled = f"{index:,} texts, filled in {time.monotonic() - begun:.0f} s"
    print(f"{connection.vendor}, index of {filled}; {count:,} records each way, {page} at once")
    # The rules too: a policy that asks for little is soon satisfied.
    rules = policies.effective(run.dataset, run).policy.rules
    print(f"{len(rules)} content rules; characters in the middle: {middle_lengths(known)}")
    ways: dict[str, Callable[[list[Record]], Any]] = {
        "plain insert": insert,
        "checked write": partial(Record.objects.write, dataset=run.dataset, run=run),
    }
    costs = {name: np.zeros(3) for name in ways}
    texts = some_repeated(known)
    for number in range(-1, count // page):  # the first page warms both ways up
        for name, write in ways.items():
            rows = [Record(dataset=run.dataset, run=run, content=next(texts)) for _ in range(page)]
            before = spent()
            write(rows)
            if number >= 0:
                costs[name] += spent() - before
    report(costs, count // page * page)


def middle_lengths(contents: list[Content]) -> str:
    sizes: dict[str, list[int]] = {"English": [], "Chinese": []}
    for content in contents:
        text = "".join(content.values())
        sizes["English" if text.isascii() else "Chinese"].append(len(text))
    return ", ".join(f"{median(some):.0f} {name}" for name, some in sizes.items() if some)


def fill(dataset: Dataset, count: int) -> list[Content]:
    """Store and index texts without checks; return some of them."""
    known = []
    fresh = contents(1)
    with index_made_at_the_end():
        for start in range(0, min(count, STORED), STORED_AT_ONCE):
            texts = list(islice(fresh, min(STORED_AT_ONCE, count - start)))
            known.extend(texts[::99])  # of both languages
            rows = [Record(dataset=dataset, content=text) for text in texts]
            with transaction.atomic():
                dedup.fingerprinted(rows, dedup.USUAL)
                insert_each(rows)
                dedup.enter_index(rows, dataset, created=True)
        if count > STORED:
            index_more(dataset, count - STORED)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return known


@contextmanager
def index_made_at_the_end() -> Iterator[None]:
    """Fill a table without its key, and make that at once: in order, it is soon made."""
    before, after = AT_THE_END[connection.vendor]
    with connection.cursor() as cursor:
        for statement in before:
            cursor.execute(statement)
        yield
        for statement in after:
            cursor.execute(statement)


def index_more(dataset: Dataset, count: int) -> None:
    """Enter the keys of texts that are made of two halves, and stored nowhere."""
    least, values = halves()
    draw = np.random.default_rng(1)
    numbers = dataset.records.order_by("pk").values_list("pk", flat=True)
    first, latest = numbers.first() or 0, numbers.last() or 0
    for start in range(0, count, INDEXED_AT_ONCE):
        size = min(INDEXED_AT_ONCE, count - start)
        one, other = draw.integers(0, len(values), (2, size))
        keys = keys_of(np.minimum(least[:, one], least[:, other])).view(np.int64)
        records = draw.integers(first, latest + 1, size)
        # Each bit by one of the halves: as far from other texts as theirs are.
        mask = draw.integers(-(2**63), 2**63 - 1, size)
        mixed = (values[one] & mask) | (values[other] & ~mask)
        columns = (keys, *(np.repeat(part[:, None], keys.shape[1], 1) for part in (records, mixed)))
        rows = np.stack(columns, axis=-1).reshape(-1, 3)
        Band.objects.enter_new(dataset.pk, rows)


def halves() -> tuple[Any, Any]:
    """Return the minima and the simhashes of half texts."""
    fresh = contents(4)
    least, values = [], []
    for _some in range(0, HALVES, TEXTS_AT_ONCE):
        texts = normalise_all([text["answer"] for text in islice(fresh, TEXTS_AT_ONCE)])
        grams = hashed_grams(texts)
        least.append(minima(grams))
        values.append(simhashes(grams).view(np.int64))
    return np.concatenate(least, axis=1), np.concatenate(values)


def some_repeated(known: list[Content]) -> Iterator[Content]:
    draw = random.Random(2)
    for text in contents(3):
        yield edited(draw.choice(known), draw) if draw.random() < REPEATED else text


def insert(rows: list[Record]) -> None:
    with transaction.atomic():
        insert_each(rows)


def spent() -> Any:
    """Return seconds: of the clock, of this process's work, and of the database server's."""
    return np.array([time.monotonic(), time.process_time(), backend_seconds()])


def backend_seconds() -> float:
    """Read what PostgreSQL's process for this connection has worked; 0 where it is not here."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return 0.0
    process = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not process.exists() or b"postgres" not in process.read_bytes():
        return 0.0
    fields = process.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def report(costs: dict[str, Any], count: int) -> None:
    print(f"{'':14}{'records/s':>10}{'CPU s/1,000':>13}{'of it server':>14}{'times plain':>13}")
    plain = costs["plain insert"]
    for name, cost in costs.items():
        seconds, own, server = cost
        print(
            f"{name:14}{count / seconds:10.0f}{(own + server) * 1000 / count:13.3f}"
            f"{server * 1000 / count:14.3f}{(own + server) / (plain[1] + plain[2]):13.1f}"
        )
