from __future__ import annotations

import pytest
from django.utils import translation

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


def nested(depth):
    value = {}
    for _level in range(depth):
        value = {"1": value}
    return value


@pytest.mark.parametrize("field", ["name", "description", "levels"])
def test_survives_objects_nested_without_end(field):
    [sentence] = problems({**dimension("Truth"), field: nested(5000)})
    assert sentence in {
        "Dimension 1 has no name.",
        "Truth: the description must be a text, not too long.",
        "Truth: the description of each level must be a text, not too long.",
    }


@pytest.mark.parametrize(
    "weight",
    [
        pytest.param(0, id="the least"),
        pytest.param(100, id="the most"),
        pytest.param(0.001, id="next to nothing"),
        pytest.param(99.999, id="nearly the most"),
        pytest.param(-0.0, id="negative zero"),
    ],
)
def test_takes_a_weight_of(weight):
    assert problems(dimension("Truth"), dimension("Style", weight=weight)) == []


@pytest.mark.parametrize(
    "weight",
    [
        pytest.param(100.001, id="just over the most"),
        pytest.param(-0.001, id="just under zero"),
        pytest.param(10**400, id="beyond any float"),
        pytest.param(float("inf"), id="infinite"),
        pytest.param("3", id="digits as text"),
        pytest.param("三", id="a Chinese digit"),
        pytest.param(None, id="null"),
        pytest.param([3], id="a list"),
        pytest.param(False, id="a boolean"),
    ],
)
def test_takes_no_weight_of(weight):
    assert problems(dimension("Truth", weight=weight)) == [
        "Truth: the weight must be a number from 0 to 100."
    ]


@pytest.mark.parametrize(
    ("field", "most"), [("name", 80), ("description", 2000), ("levels", 2000)], ids=str
)
def test_takes_texts_up_to_their_length_and_no_longer(field, most):
    def of(text):
        return dimension(**{field: {"1": text, "5": "x"} if field == "levels" else text})

    assert problems(of("字" * most)) == []
    assert len(problems(of("字" * (most + 1)))) == 1


@pytest.mark.parametrize(
    ("first", "second", "is_repeated"),
    [
        ("Truth", "TRUTH", True),
        ("Straße", "STRASSE", True),
        ("正确性", "正确性", True),
        ("正确性", "正确", False),
        ("Truth", "Truths", False),
    ],
)
def test_tells_names_apart_as_people_do(first, second, is_repeated):
    assert bool(problems(dimension(first), dimension(second))) is is_repeated


@pytest.mark.parametrize("levels", [("1", "5"), ("2", "3"), ("1", "2", "3", "4", "5")])
def test_takes_any_two_levels_or_more(levels):
    assert problems(dimension(levels=dict.fromkeys(levels, "So."))) == []


@pytest.mark.parametrize("level", ["0", "6", "05", "五", "５", "1.0", "", "best"])
def test_knows_levels_by_the_digits_1_to_5_alone(level):
    assert problems(dimension("Truth", levels={"1": "a", "5": "b", level: "c"})) == [
        "Truth: levels are an object with a text for the names 1 to 5."
    ]


def test_says_in_chinese_what_is_wrong():
    with translation.override("zh-hans"):
        [sentence] = problems(dimension("正确性", weight="高"))
    assert sentence == "正确性：权重必须是 0 到 100 之间的数。"


def test_takes_twelve_dimensions():
    assert problems(*[dimension(f"Dimension {number}") for number in range(12)]) == []


def test_tidying_twice_changes_nothing():
    once = dimensions.tidy([{"name": " A ", "levels": {5: " good ", "1": " "}}, "x", {}])
    assert dimensions.tidy(once) == once
