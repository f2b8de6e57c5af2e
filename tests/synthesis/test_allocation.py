from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.allocation import AllocationError, allocate, shares_of

totals = st.integers(0, 10_000_000)
shares = st.lists(st.decimals(0, 100, places=4), min_size=1, max_size=10).filter(any)


@pytest.mark.parametrize(
    ("total", "percentages", "parts"),
    [
        (1000, [40, 30, 30], [400, 300, 300]),
        # quotas 2.8, 2.1, 2.1
        (7, [40, 30, 30], [3, 2, 2]),
        # quotas 3.33 each: the spare record goes to the first row
        (10, [1, 1, 1], [4, 3, 3]),
        # quotas 0.25 and 0.75
        (1, ["25", "75"], [0, 1]),
        # quotas 124.5, 249, 498.5, 124, 1, 1.5, 1.5: remainders of a half in row order
        (1000, ["12.45", "24.9", "49.85", "12.4", "0.1", "0.15", "0.15"],
         [125, 249, 499, 124, 1, 1, 1]),
        (0, [50, 50], [0, 0]),
        (5, [0, 100], [0, 5]),
    ],
)  # fmt: skip
def test_gives_spare_records_to_the_largest_remainders(total, percentages, parts):
    assert allocate(total, [Decimal(share) for share in percentages]) == parts


@pytest.mark.parametrize(
    ("total", "percentages", "message"),
    [
        (10, [], "cannot split 10 over []"),
        (10, [0, 0], "cannot split 10 over [0, 0]"),
        (10, [110, -10], "cannot split 10 over [110, -10]"),
        (-1, [100], "cannot split -1 over [100]"),
    ],
)
def test_refuses_what_cannot_be_split(total, percentages, message):
    with pytest.raises(AllocationError) as caught:
        allocate(total, percentages)
    assert str(caught.value) == message


@given(totals, shares)
def test_parts_add_up_and_stay_within_one_record_of_their_quotas(total, percentages):
    parts = allocate(total, percentages)
    whole = sum(map(Fraction, percentages))
    quotas = [total * Fraction(share) / whole for share in percentages]
    assert sum(parts) == total
    assert all(abs(part - quota) < 1 for part, quota in zip(parts, quotas, strict=True))


@given(totals, shares)
def test_a_larger_share_never_gets_less(total, percentages):
    parts = allocate(total, percentages)
    rows = sorted(zip(percentages, parts, strict=True))
    assert [part for _share, part in rows] == sorted(part for _share, part in rows)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=10))
def test_counts_are_their_own_allocation(counts):
    assert allocate(sum(counts), counts) == counts


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=10))
def test_shares_of_counts_add_up_to_a_hundred(counts):
    assert sum(shares_of(counts)) == 100


def test_shares_of_counts_have_four_digits():
    assert shares_of([1, 2]) == [Decimal("33.3333"), Decimal("66.6667")]
