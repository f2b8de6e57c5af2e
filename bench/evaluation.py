"""How long a report on a large dataset takes, and how much memory.

    python -m bench.evaluation [--records 100000]

The records are written without checks, a fifth of them as duplicates. SQLite in a temporary
directory, or the database that DATABASE_URL names (its tables are made and flushed: give an
empty one).
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from typing import Any

WRITTEN_AT_ONCE = 5000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="datamate-bench-") as folder:
        os.environ["DATAMATE_DATA_DIR"] = folder
        os.environ["DATAMATE_LOG_LEVEL"] = "ERROR"
        os.environ["DJANGO_SETTINGS_MODULE"] = "datamate.settings"
        measure(options.records)


def measure(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from quality.evaluation import reports
    from synthesis.models import Dataset

    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    dataset = Dataset.objects.create(name="Bench")
    fill(dataset, count)
    before = peak_megabytes()
    begun, cpu = time.monotonic(), time.process_time()
    report = reports.build(dataset, "", lambda _done, _total: None)
    print(
        f"{report['records']} records: {time.monotonic() - begun:.1f} s,"
        f" {time.process_time() - cpu:.1f} s of CPU,"
        f" peak {peak_megabytes():.0f} MB, {peak_megabytes() - before:.0f} MB of it for the report"
    )


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(dataset: Any, count: int) -> None:
    from django.db import transaction

    from synthesis.models.bulk import insert_each

    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnop", k=5)) for _number in range(5000)]
    for start in range(0, count, WRITTEN_AT_ONCE):
        with transaction.atomic():
            numbers = range(start, min(start + WRITTEN_AT_ONCE, count))
            insert_each([record(dataset, number, words, draw) for number in numbers])


def record(dataset: Any, number: int, words: list[str], draw: random.Random) -> Any:
    from quality import scoring
    from synthesis.models import Record

    text = " ".join(draw.choices(words, k=30))
    content = {"question": f"What is {number}?", "answer": f"{text}.", "label": words[number % 7]}
    row = Record(dataset=dataset, content=content, content_hash=f"{number:064x}")
    row.score_parts = dict.fromkeys(scoring.PARTS, number % 101)
    row.score = float(number % 101)
    if number % 5 == 0:
        row.status, row.content_hash = Record.Status.DUPLICATE, ""
        row.findings = [{"check": "duplicate", "code": "exact"}]
    return row


if __name__ == "__main__":
    main()
