"""Several writers with the same texts, at once and in other orders, keep each text once."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest
from django.db import connections

from bench.texts import contents, edited
from quality.dedup import duplicate_of
from synthesis.models import Dataset, Record
from tests import factories

WRITERS = 4
AT_ONCE = 20
TEXTS = [*islice(contents(5), 100)]


def near_twins():
    """A fifth of the texts in other words, as far as these say the same in either order."""
    draw = random.Random(6)  # noqa: S311  no secret
    pairs = [(text, edited(text, draw)) for text in TEXTS[::5]]
    return [
        (text, twin)
        for text, twin in pairs
        if duplicate_of([text["answer"], twin["answer"]]) == [None, 0]
        and duplicate_of([twin["answer"], text["answer"]]) == [None, 0]
    ]


def write(dataset: Dataset, texts: list[dict[str, str]], seed: int) -> None:
    mine = random.Random(seed).sample(texts, len(texts))  # noqa: S311  no secret
    try:
        for start in range(0, len(mine), AT_ONCE):
            rows = [Record(dataset=dataset, content=text) for text in mine[start : start + AT_ONCE]]
            Record.objects.write(rows, dataset=dataset)
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_four_writers_keep_each_text_once():
    dataset, twins = factories.dataset(), near_twins()
    texts = TEXTS + [twin for _text, twin in twins]
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, dataset, texts, seed) for seed in range(WRITERS)]:
            done.result()
    kept = list(dataset.records.accepted().values_list("content", flat=True))
    assert len(twins) > 10
    assert Counter(dataset.records.values_list("status", flat=True)) == {
        "accepted": len(TEXTS),
        "duplicate": WRITERS * len(texts) - len(TEXTS),
    }
    assert all((text in kept) != (twin in kept) for text, twin in twins)
