from __future__ import annotations

import pytest

from quality import dimensions
from tests.factories import dimension

SHAPE = "Dimensions are a JSON list of objects with name, weight, description and levels."


def problems(*rows):
    return dimensions.problems(dimensions.tidy(list(rows)))


def test_finds_nothing_wrong_with_described_dimensions():
    assert problems(dimension("Truth"), dimension("Style", weight=0.5)) == []


@pytest.mark.parametrize("given", [None, "text", {"name": "Truth"}, ["Truth"], [[]]])
def test_refuses_what_is_no_list_of_objects(given):
    assert dimensions.problems(dimensions.tidy(given)) == [SHAPE]


def test_refuses_a_rubric_without_dimensions():
    assert problems() == ["A rubric needs at least one dimension. Add one."]


def test_refuses_more_than_a_judge_can_tell_apart():
    rows = [dimension(f"Dimension {number}") for number in range(13)]
    assert problems(*rows) == ["A rubric has at most 12 dimensions; this one has 13."]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "  "}, "Dimension 1 has no name."),
        ({"name": 7}, "Dimension 1 has no name."),
        ({"name": "x" * 81}, "The name of dimension 1 is longer than 80 characters."),
        ({"weight": -1}, "Truth: the weight must be a number from 0 to 100."),
        ({"weight": 101}, "Truth: the weight must be a number from 0 to 100."),
        ({"weight": "much"}, "Truth: the weight must be a number from 0 to 100."),
        ({"weight": True}, "Truth: the weight must be a number from 0 to 100."),
        ({"weight": float("nan")}, "Truth: the weight must be a number from 0 to 100."),
        ({"description": 5}, "Truth: the description must be a text, not too long."),
        ({"description": "x" * 2001}, "Truth: the description must be a text, not too long."),
        ({"needs_source": "no"}, "Truth: “needs_source” must be true or false."),
        ({"colour": "red"}, "Truth: it has fields that no dimension has."),
        ({"levels": []}, "Truth: levels are an object with a text for the names 1 to 5."),
        ({"levels": {"6": "x"}}, "Truth: levels are an object with a text for the names 1 to 5."),
        (
            {"levels": {"1": "bad", "5": 5}},
            "Truth: the description of each level must be a text, not too long.",
        ),
        (
            {"levels": {"1": "bad"}},
            "Truth: describe at least two of the levels 1 to 5, or judges will not agree.",
        ),
        (
            {"levels": {"1": "bad", "5": " "}},
            "Truth: describe at least two of the levels 1 to 5, or judges will not agree.",
        ),
    ],
)
def test_says_what_is_wrong_with_a_dimension(fields, sentence):
    assert problems({**dimension("Truth"), **fields}) == [sentence]


def test_says_all_that_is_wrong_at_once():
    assert len(problems(dimension("", weight=1), dimension("Truth", weight=-1, levels={}))) == 3


def test_refuses_two_dimensions_of_one_name():
    twice = [dimension("Truth"), dimension("truth "), dimension("TRUTH")]
    assert problems(*twice) == ["Two dimensions are called “TRUTH”. Give each a name of its own."]


def test_refuses_weights_that_are_all_zero():
    assert problems(dimension("Truth", weight=0), dimension("Style", weight=0)) == [
        "All weights are 0. Give at least one dimension a weight above 0."
    ]


def test_refuses_a_rubric_that_only_judges_records_with_a_source():
    assert problems(dimension("Grounding", needs_source=True), dimension("Style", weight=0)) == [
        "Every dimension with a weight needs a source text. Add one that any record can be judged"
        " by."
    ]


def test_fills_what_may_be_left_out():
    [row] = dimensions.tidy([{"name": " Truth ", "levels": {5: " good ", "1": "bad", "3": ""}}])
    assert row == {
        "name": "Truth",
        "weight": 1,
        "description": "",
        "levels": {"1": "bad", "5": "good"},
        "needs_source": False,
    }


@pytest.mark.parametrize(("has_source", "names"), [(True, ["A", "B"]), (False, ["A"])])
def test_asks_for_grounding_only_where_there_is_a_source(has_source, names):
    rows = [dimension("A"), dimension("B", needs_source=True)]
    assert [row["name"] for row in dimensions.asked(rows, has_source=has_source)] == names
