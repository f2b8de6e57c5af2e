"""What stands in a task's form where its source makes up the records wanted."""

from __future__ import annotations

import pytest

from synthesis.admin.task_target import MadeUp, made_up
from synthesis.models import Source

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("items", "each", "expected"),
    [
        (24, 6, MadeUp(144, "Items of the source: 24; records of each: 6.")),
        (24, None, MadeUp(None, "")),
        (0, 6, "The source “Tea” holds nothing to generate from. Load it first."),
        (20_000, 1000, "That makes 20000000 records; a run can want at most 10000000."),
    ],
)
def test_a_source_makes_up_its_items_times_their_records(items, each, expected):
    found = made_up(Source(name="Tea", item_count=items), each)
    assert expected in (found, found.sentence)
