from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from synthesis.models import Batch, Call, Record, Run
from synthesis.templatetags import synthesis_admin as tags


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"),
        (Decimal(0), "0.00 USD"),
        (Decimal("0.00000012"), "0.00 USD"),
        (Decimal("0.000291"), "0.000291 USD"),
        (Decimal("0.30000000"), "0.30 USD"),
        (Decimal("12.5"), "12.50 USD"),
        (Decimal(1200), "1200.00 USD"),
    ],
)
def test_writes_money_with_the_digits_it_needs(amount: Decimal | None, text: str) -> None:
    assert tags.money(amount, "USD") == text


@pytest.mark.parametrize(("share", "text"), [(None, "–"), (1.0, "100.0%"), (0.9999, "99.9%")])
def test_writes_shares_in_percent(share: float | None, text: str) -> None:
    assert tags.percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0, "0:00"), (75, "1:15"), (3675, "1:01:15"), (-1, "0:00")]
)
def test_writes_time_spans(seconds: int | None, text: str) -> None:
    assert tags.duration(None if seconds is None else timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("content", "raw", "text"),
    [
        ({"question": "Why\nso?", "tags": ["a"]}, "", 'Why so? · ["a"]'),
        (None, "Sorry", "Sorry"),
        ("x" * 200, "", "x" * 100 + "…"),
        ([1, 2], "", "[1, 2]"),
    ],
)
def test_sums_a_record_up_in_a_line(content: Any, raw: str, text: str) -> None:
    assert tags.short(Record(content=content, raw=raw)) == text


def test_lists_fields_with_short_values_in_one_line() -> None:
    long = list(range(40))
    shown = dict(tags.pairs({"text": "a\nb", "tags": ["a", "b"], "long": long}))
    assert shown["text"] == "a\nb"
    assert shown["tags"] == '["a", "b"]'
    assert shown["long"].startswith("[\n  0,")


def test_lists_nothing_for_no_content() -> None:
    assert tags.pairs(None) == []


def test_draws_nothing_for_an_empty_part() -> None:
    assert tags.segment("accepted", 0, 10, "accepted") == ""
    assert tags.segment("accepted", 1, 0, "accepted") == ""


@pytest.mark.parametrize(
    "states",
    [Run.Status, Record.Status, Batch.State, Call.State],
    ids=lambda kind: kind.__qualname__,
)
def test_has_a_colour_for_every_state(states: Any) -> None:
    assert set(states.values) <= set(tags.CHIPS)
