"""Shares and counts as somebody might type them: each either makes a plan or a sentence."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from synthesis import share_rules
from synthesis.models import RatioTask
from synthesis.models.order import MOST_RECORDS
from synthesis.share_rules import RatioRefusedError

SHARES, COUNTS = RatioTask.Split.SHARES, RatioTask.Split.COUNTS


def part(share: str | None = None, count: int | None = None) -> Any:
    return SimpleNamespace(share=None if share is None else Decimal(share), count=count)


def divided(parts: list[Any], split: str, total: int | None = None) -> tuple[list[Any], list[int]]:
    return share_rules.divide(parts, split=split, total=total, found=[{} for _part in parts])


def refused(parts: list[Any], split: str, total: int | None = None) -> RatioRefusedError:
    with pytest.raises(RatioRefusedError) as caught:
        divided(parts, split, total)
    return caught.value


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        (["99"], "99%"),
        (["50", "50.0001"], "100.0001%"),
        (["50", "49.9999"], "99.9999%"),
        (["0", "0"], "0%"),
        (["1E+2", "1E+2"], "200%"),
        (["-50", "100"], "50%"),
        (["100", None, "0.5000"], "100.5%"),
        ([None], "0%"),
        (["1000000000"], "1000000000%"),
    ],
)
def test_a_wrong_sum_of_shares_is_told_in_plain_digits(shares: list[str | None], told: str) -> None:
    error = refused([part(share) for share in shares], SHARES, 10)
    sentence = f"The shares add up to {told}, not to 100%."
    assert (error.whole, error.rows) == ({"categories": [sentence]}, [{} for _share in shares])


@pytest.mark.parametrize("shares", [["100.0000"], ["1E+2"], ["33.3333", "33.3333", "33.3334"]])
def test_a_hundred_is_a_hundred_however_it_is_written(shares: list[str]) -> None:
    found, counts = divided([part(share) for share in shares], SHARES, 100)
    assert (sum(found), sum(counts)) == (100, 100)


def test_shares_want_a_total() -> None:
    error = refused([part("100")], SHARES, None)
    assert error.whole == {"total": ["Say how many records there shall be."]}


def test_a_total_of_nothing_leaves_every_share_empty() -> None:
    sentence = "Of 0 records this share is none. Raise the share or the total."
    assert refused([part("60"), part("40")], SHARES, 0).rows == [{"share": [sentence]}] * 2


def test_a_tiny_share_is_named_and_its_neighbours_are_not() -> None:
    error = refused([part("99.9999"), part("0.0001")], SHARES, 1000)
    sentence = "Of 1000 records this share is none. Raise the share or the total."
    assert error.rows == [{}, {"share": [sentence]}]


@pytest.mark.parametrize(
    ("counts", "total", "sentence"),
    [
        ([4, 3], 8, "The counts add up to 7, not to the total of 8."),
        ([None, 3], 0, "The counts add up to 3, not to the total of 0."),
        (
            [MOST_RECORDS, 1],
            None,
            "The counts add up to 10000001; at most 10000000 are possible.",
        ),
        ([10**9], 10**9, "The counts add up to 1000000000; at most 10000000 are possible."),
    ],
)
def test_counts_that_make_no_total_are_refused(
    counts: list[int | None], total: int | None, sentence: str
) -> None:
    error = refused([part(count=count) for count in counts], COUNTS, total)
    assert error.whole == {"total": [sentence]}


def test_as_many_as_are_possible_are_not_too_many() -> None:
    half = MOST_RECORDS // 2
    parts = [part(count=half), part(count=half)]
    assert divided(parts, COUNTS, MOST_RECORDS) == ([50, 50], [half, half])


def test_typed_shares_do_not_matter_where_counts_decide() -> None:
    parts = [part("-7", 1), part("1000", 3)]
    assert divided(parts, COUNTS) == ([25, 75], [1, 3])


def test_typed_counts_do_not_matter_where_shares_decide() -> None:
    parts = [part("25", 9_999_999_999), part("75", -1)]
    assert divided(parts, SHARES, 8) == ([25, 75], [2, 6])


def test_what_was_found_before_is_not_lost_behind_a_good_sum() -> None:
    found = [{"source": ["Gone."]}, {}]
    with pytest.raises(RatioRefusedError) as caught:
        share_rules.divide([part("50"), part("50")], split=SHARES, total=10, found=found)
    assert (caught.value.whole, caught.value.rows) == ({}, found)


def test_the_sum_is_told_in_chinese() -> None:
    with translation.override("zh-hans"):
        sentence = share_rules.wrong_sum("99")
    assert "99%" in sentence
    assert not sentence.isascii()


@pytest.mark.parametrize("counts", [[1], [1, 1, 1], [9998, 1], [3, 3, 1, 7], [1] * 7, [4999, 5000]])
def test_the_shares_of_counts_make_the_same_counts_again(counts: list[int]) -> None:
    shares, kept = divided([part(count=count) for count in counts], COUNTS)
    assert (sum(shares), kept) == (100, counts)
    again = divided([part(str(share)) for share in shares], SHARES, sum(counts))
    assert again == (shares, counts)
