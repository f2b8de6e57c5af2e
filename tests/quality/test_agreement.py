from __future__ import annotations

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
        best = max(agreement.mark_at(mark, labelled).agreed for mark, _approved in labelled)
        assert found.agreed == best
