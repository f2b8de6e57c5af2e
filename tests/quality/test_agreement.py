from __future__ import annotations

from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import agreement

# Cohen's own kind of example: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no.
TABLE = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
labels = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60)


def test_counts_agreement_beyond_chance():
    # observed 35/50, by chance (25·30 + 25·20)/50² = 0.5
    assert agreement.kappa(TABLE) == pytest.approx(0.4)
    assert agreement.agreed_share(TABLE) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("pairs", "value"),
    [
        ([("a", "a"), ("b", "b")], 1),
        ([("a", "b"), ("b", "a")], -1),
        ([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")], 0),
        ([], None),
        ([("a", "a"), ("a", "a")], None),
    ],
)
def test_knows_complete_chance_and_missing_agreement(pairs, value):
    assert agreement.kappa(pairs) == value


def test_nothing_has_no_share():
    assert agreement.agreed_share([]) is None


def test_a_near_miss_weighs_less_than_a_far_one():
    near = [(1, 2), (2, 2), (4, 4), (5, 5)]
    far = [(1, 5), (2, 2), (4, 4), (5, 5)]
    assert agreement.weighted_kappa(near) > agreement.weighted_kappa(far)


@pytest.mark.parametrize(
    ("pairs", "power", "value"),
    [
        ([(1, 1), (5, 5)], 2, 1),
        ([(1, 5), (5, 1)], 2, -1),
        # distances 1, 0, 0 of 3; by chance (0+1+1 + 1+0+0 + 2+1+1)/3 = 7/3
        ([(1, 2), (2, 2), (3, 1)], 1, 1 - 3 / (7 / 3)),
        ([], 2, None),
        ([(3, 3), (3, 3)], 2, None),
    ],
)
def test_weighs_numbers_by_their_distance(pairs, power, value):
    found = agreement.weighted_kappa(pairs, power=power)
    assert found == (value if value is None else pytest.approx(value))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_two_values_need_no_weights(pairs):
    plain, weighted = agreement.kappa(pairs), agreement.weighted_kappa(pairs)
    assert plain == (weighted if plain is None else pytest.approx(weighted))


def test_suggests_the_mark_between_good_and_poor():
    labelled = [(30, False), (55, False), (60, True), (80, True)]
    found = agreement.suggested_mark(labelled)
    assert (found.threshold, found.agreement, found.kappa) == (60, 1, 1)


def test_says_what_the_mark_would_have_done():
    found = agreement.suggested_mark([(20, True), (40, False), (50, False), (70, True), (90, True)])
    assert found == agreement.Mark(
        threshold=70, passed_approved=2, passed_rejected=0, failed_approved=1, failed_rejected=2
    )
    assert (found.total, found.agreed) == (5, 4)


@pytest.mark.parametrize("labelled", [[], [(10, True), (90, True)], [(10, False)]])
def test_suggests_nothing_where_people_said_only_one_thing(labelled):
    assert agreement.suggested_mark(labelled) is None


@given(labels)
def test_no_other_mark_agrees_more_often(labelled):
    found = agreement.suggested_mark(labelled)
    if found is not None:
        marks = [0, 100, *(score for score, _approved in labelled)]
        assert found.agreed == max(agreement.mark_at(mark, labelled).agreed for mark in marks)


@given(labels)
def test_of_equal_marks_the_strictest_that_something_passes_is_suggested(labelled):
    found = agreement.suggested_mark(labelled)
    if found is not None and found.passed_approved + found.passed_rejected:
        stricter = {score for score, _approved in labelled if score > found.threshold}
        assert all(agreement.mark_at(mark, labelled).agreed < found.agreed for mark in stricter)


@pytest.mark.parametrize(
    ("labelled", "threshold", "agreed"),
    [
        pytest.param([(50, False), (50, False), (50, True)], 50.01, 2, id="one score for all"),
        pytest.param([(100, False), (100, False), (100, True)], 100, 1, id="none above 100"),
        pytest.param([(90, False), (80, False), (10, True)], 90.01, 2, id="a judge upside down"),
        pytest.param([(20, True), (40, False)], 20, 1, id="no gain in letting nothing pass"),
        pytest.param([(59.99, False), (60, True)], 60, 2, id="a hundredth apart"),
        pytest.param([(60, False), (60, True), (70, True)], 70, 2, id="the strictest of two"),
        pytest.param([(0, True), (0, False), (100, True)], 100, 2, id="the ends of the scale"),
    ],
)
def test_suggests_for(labelled, threshold, agreed):
    found = agreement.suggested_mark(labelled)
    assert (found.threshold, found.agreed) == (threshold, agreed)


def test_the_order_of_the_records_changes_no_suggestion():
    labelled = [(20, True), (40, False), (50, False), (70, True), (40, True)]
    assert agreement.suggested_mark(labelled) == agreement.suggested_mark(labelled[::-1])


pairs_of_scores = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=30)


def textbook_kappa(pairs, weight):
    """Compute 1 − Σ w·observed / Σ w·expected over the whole table of categories."""
    size = len(pairs)
    values = {value for pair in pairs for value in pair}
    cells = [(left, right) for left in values for right in values]
    seen = sum(Fraction(weight(*cell) * pairs.count(cell), size) for cell in cells)
    by_chance = sum(
        weight(*cell)
        * Fraction(sum(left == cell[0] for left, _right in pairs), size)
        * Fraction(sum(right == cell[1] for _left, right in pairs), size)
        for cell in cells
    )
    return None if by_chance == 0 else float(1 - seen / by_chance)


@pytest.mark.parametrize(
    ("found", "weight"),
    [
        pytest.param(agreement.kappa, lambda a, b: int(a != b), id="plain"),
        pytest.param(agreement.weighted_kappa, lambda a, b: (a - b) ** 2, id="squared"),
        pytest.param(
            partial(agreement.weighted_kappa, power=1), lambda a, b: abs(a - b), id="linear"
        ),
    ],
)
def test_kappa_is_what_the_textbook_computes(found, weight):
    @given(pairs_of_scores)
    def check(pairs):
        expected = textbook_kappa(pairs, weight)
        value = found(pairs)
        assert value == (expected if expected is None else pytest.approx(expected, abs=1e-9))

    check()


@given(pairs_of_scores)
def test_agreement_has_no_sides(pairs):
    swapped = [(right, left) for left, right in pairs]
    assert agreement.agreed_share(swapped) == agreement.agreed_share(pairs)
    for found in (agreement.kappa, agreement.weighted_kappa):
        one, other = found(pairs), found(swapped)
        assert one == (other if other is None else pytest.approx(other))


@given(pairs_of_scores)
def test_no_agreement_is_above_complete(pairs):
    for value in (agreement.kappa(pairs), agreement.weighted_kappa(pairs)):
        assert value is None or value <= 1
