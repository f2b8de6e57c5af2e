"""What judges really send: odd, hostile, half right. A score is read exactly or not at all."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import dimensions, judge
from tests.factories import dimension

ASKED = [dimension("正确性", weight=3), dimension("Style", weight=1)]
GOOD = {"reason": "对。", "score": 5}
POOR = {"reason": "Stiff.", "score": 3}
ROW = {"record": 1, "d1": GOOD, "d2": POOR}
POINTS = 87.5

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "5", "五"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["verdicts", "record", "d1", "score"]), inner, max_size=4)
    ),
    max_leaves=12,
)
levels = st.sampled_from(dimensions.LEVELS)
weights = st.integers(1, 100) | st.floats(0.01, 100)


def reply(**fields: Any) -> str:
    return json.dumps({"verdicts": [{**ROW, **fields}]})


def problem(text: str, count: int = 1, finish_reason: Any = "stop") -> str:
    with pytest.raises(judge.UnreadableVerdictError) as caught:
        judge.read(text, ASKED, count, finish_reason)
    return caught.value.code


def points(text: str, count: int = 1, finish_reason: Any = "stop") -> list[float]:
    return [verdict.score for verdict in judge.read(text, ASKED, count, finish_reason)]


def rows(*pairs: tuple[int, float]) -> list[dict[str, Any]]:
    return [{"score": score, "weight": weight} for score, weight in pairs]


def object_of(score: str) -> str:
    """Write a reply whose first score is these very characters."""
    return reply(d1={"reason": "So.", "score": "HERE"}).replace('"HERE"', score)


@pytest.mark.parametrize(
    "score",
    [
        pytest.param("5.0", id="a float"),
        pytest.param("5e0", id="an exponent"),
        pytest.param('"5"', id="digits as text"),
        pytest.param('"5/5"', id="a fraction as text"),
        pytest.param('"五"', id="a Chinese digit"),
        pytest.param('"５"', id="a full-width digit"),
        pytest.param('"five"', id="a word"),
        pytest.param('"优"', id="a grade"),
        pytest.param("-5", id="below the levels"),
        pytest.param("10", id="of ten"),
        pytest.param("100", id="in percent"),
        pytest.param("1e999", id="beyond any float"),
        pytest.param("9" * 500, id="five hundred digits"),
        pytest.param("NaN", id="not a number"),
        pytest.param("-Infinity", id="infinite"),
        pytest.param("[5]", id="in a list"),
        pytest.param('{"value": 5}', id="in an object"),
        pytest.param("false", id="a boolean"),
        pytest.param("null", id="null"),
    ],
)
def test_takes_no_score_that_is(score):
    assert problem(object_of(score)) == "no_score"


@pytest.mark.parametrize(
    "score",
    [
        pytest.param("９", id="a full-width digit"),
        pytest.param("五", id="a Chinese digit"),
        pytest.param("05", id="a leading zero"),
        pytest.param("5 of 5", id="prose"),
        pytest.param("5,", id="an empty field after it"),
        pytest.param("9" * 5000, id="digits without end"),
    ],
)
def test_takes_no_object_whose_score_is(score):
    assert problem(object_of(score)) == "not_json"


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n\t\u3000", id="blank in two scripts"),
        pytest.param("\x00\x00", id="nothing that can be stored"),
        pytest.param(" \x00 ", id="blank beside what cannot be stored"),
        pytest.param(None, id="null"),
        pytest.param(["Right."], id="a list"),
        pytest.param({"text": "Right."}, id="an object"),
        pytest.param(True, id="a boolean"),
    ],
)
def test_takes_no_reason_that_is(reason):
    assert problem(reply(d1={"reason": reason, "score": 5})) == "no_reason"


@pytest.mark.parametrize(
    ("reason", "stored"),
    [
        pytest.param("  Right.\n", "Right.", id="blanks around it"),
        pytest.param("好。" * 1500, "好。" * 1000, id="three thousand characters"),
        pytest.param("😀 fine", "😀 fine", id="an emoji"),
        pytest.param("half \ud83d", "half \ufffd", id="half an emoji"),
        pytest.param("</script>{{x}}", "</script>{{x}}", id="markup as it is"),
        pytest.param('{"verdicts": []}', '{"verdicts": []}', id="a quoted reply"),
        pytest.param("line\nbreak", "line\nbreak", id="a line break"),
    ],
)
def test_keeps_a_reason_with(reason, stored):
    [verdict] = judge.read(reply(d1={"reason": reason, "score": 5}), ASKED, 1)
    assert verdict.scores[0]["reason"] == stored


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"d3": GOOD}, id="a dimension that was not asked"),
        pytest.param({"d0": "x", "overall": 1}, id="a total of its own"),
        pytest.param({"d1": {**GOOD, "confidence": 0.2}}, id="a confidence"),
        pytest.param({"d1": {**GOOD, "weight": 0}}, id="a weight of its own"),
        pytest.param({"d1": {**GOOD, "name": "Style"}}, id="another name"),
        pytest.param({"passed": False, "threshold": 100}, id="a decision of its own"),
    ],
)
def test_lets_nothing_that_was_not_asked_change_the_score(fields):
    [verdict] = judge.read(reply(**fields), ASKED, 1)
    assert verdict.score == POINTS
    assert [(row["name"], row["weight"]) for row in verdict.scores] == [("正确性", 3), ("Style", 1)]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(5, id="a bare score"),
        pytest.param("5", id="a text"),
        pytest.param([GOOD], id="a list"),
        pytest.param(None, id="null"),
        pytest.param(True, id="a boolean"),
    ],
)
def test_takes_no_dimension_that_is(given):
    assert problem(reply(d2=given)) == "no_dimension"


@pytest.mark.parametrize(
    "name",
    ["D1", "d01", "正确性", "d1 ", "dimension_1", "ｄ1"],
)
def test_knows_a_dimension_only_by_the_key_it_was_asked_by(name):
    given = {key: value for key, value in ROW.items() if key != "d1"}
    assert problem(json.dumps({"verdicts": [{**given, name: GOOD}]})) == "no_dimension"


def test_names_the_dimension_that_is_missing():
    with pytest.raises(judge.UnreadableVerdictError) as caught:
        judge.read(reply(d1=None), ASKED, 1)
    assert str(caught.value) == "The judge's answer lacks a dimension. 正确性"


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("1", id="text"),
        pytest.param(1.0, id="a float"),
        pytest.param(True, id="a boolean"),
        pytest.param(None, id="null"),
        pytest.param(0, id="counted from zero"),
        pytest.param(-1, id="negative"),
        pytest.param(10**30, id="huge"),
        pytest.param([1], id="a list"),
    ],
)
def test_takes_no_record_number_that_is(number):
    assert problem(reply(record=number)) == "wrong_records"


@pytest.mark.parametrize(
    ("numbers", "count"),
    [
        pytest.param([1], 2, id="one of two"),
        pytest.param([1, 2], 1, id="one too many"),
        pytest.param([1, 1], 2, id="one of them twice"),
        pytest.param([1, 3], 2, id="a gap"),
        pytest.param([0, 1], 2, id="counted from zero"),
        pytest.param([1, 1, 2], 2, id="a repeat beside all"),
        pytest.param([], 1, id="none"),
        pytest.param(list(range(1, 20)), 20, id="nineteen of twenty"),
    ],
)
def test_wants_each_record_once(numbers, count):
    text = json.dumps({"verdicts": [{**ROW, "record": number} for number in numbers]})
    assert problem(text, count) == "wrong_records"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps({"Verdicts": [ROW]}), id="another name"),
        pytest.param(json.dumps({"verdicts": None}), id="null"),
        pytest.param(json.dumps({"verdicts": {"1": ROW}}), id="by number"),
        pytest.param(json.dumps({"verdicts": [[ROW]]}), id="a list in a list"),
        pytest.param(json.dumps({"verdicts": [ROW, None]}), id="null among them"),
        pytest.param(json.dumps({"result": {"verdicts": [ROW]}}), id="an envelope"),
        pytest.param(json.dumps(ROW), id="the bare verdict"),
        pytest.param(json.dumps([ROW]), id="a bare list"),
        pytest.param(reply()[1:], id="no beginning"),
        pytest.param(reply()[:-2], id="no end"),
        pytest.param(json.dumps({"verdicts": json.dumps([ROW])}), id="JSON in a text"),
    ],
)
def test_wants_the_verdicts_where_they_were_asked_for(text):
    assert problem(text) == "wrong_records"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("   \n ", id="blank"),
        pytest.param("5", id="a number"),
        pytest.param("null", id="null"),
        pytest.param('"5"', id="a text"),
        pytest.param("{}", id="an empty object"),
        pytest.param("正确性：5 分，文风：3 分。", id="Chinese prose"),
        pytest.param("I'm sorry, but I cannot judge this.", id="a refusal in words"),
        pytest.param(str({"verdicts": [ROW]}), id="Python for JSON"),
        pytest.param("{verdicts: []}", id="names without quotes"),
        pytest.param(f"<think>{reply()}</think>", id="only a thought"),
        pytest.param(f"<think>{reply()}", id="a thought that does not end"),
        pytest.param(f"{reply()}\n{reply(d1=POOR)}", id="two answers"),
        pytest.param(f'Example: {{"a": 1}}\n{reply()}', id="an example before it"),
        pytest.param(reply().replace('"d2"', '"d1"'), id="a dimension twice"),
        pytest.param(reply().replace('"score": 3', '"score": 3, "score": 5'), id="a score twice"),
        pytest.param(reply().replace('{"verdicts"', '{"verdicts": [], "verdicts"'), id="both"),
        pytest.param(reply().replace("Stiff.", 'Stiff "very".'), id="quotes without a mark"),
        pytest.param(reply() + '{"verdicts": [', id="a second answer cut off"),
    ],
)
def test_takes_for_no_object(text):
    assert problem(text) == "not_json"


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("\ufeff%s", id="a byte order mark"),
        pytest.param("```\n%s\n```", id="a fence without a name"),
        pytest.param("~~~json\n%s\n~~~", id="a fence of tildes"),
        pytest.param("评审结果如下：\n%s\n以上。", id="Chinese prose"),
        pytest.param("Scores in [1, 5].\n%s", id="brackets in prose"),
        pytest.param("<thinking>Is {it} right?</thinking>\n%s", id="a thought with braces"),
        pytest.param("Well... </think>%s", id="only the end of a thought"),
        pytest.param("[%s]", id="a list around it"),
        pytest.param("\r\n%s\r\n", id="line ends of Windows"),
    ],
)
def test_reads_the_one_object_through(frame):
    assert points(frame % reply()) == [POINTS]


def test_reads_real_line_breaks_inside_a_reason():
    assert points(reply().replace("Stiff.", "Stiff.\nVery.")) == [POINTS]


@pytest.mark.parametrize("finish_reason", ["stop", "other"])
def test_reads_a_whole_answer_however_its_vendor_ends_it(finish_reason):
    assert points(reply(), finish_reason=finish_reason) == [POINTS]


@given(st.lists(st.tuples(levels, levels), min_size=1, max_size=20), st.randoms())
def test_reads_any_number_of_verdicts_in_any_order(scores, random):
    verdicts = [
        {
            "record": number,
            "d1": {"reason": "x", "score": first},
            "d2": {"reason": "y", "score": second},
        }
        for number, (first, second) in enumerate(scores, start=1)
    ]
    random.shuffle(verdicts)
    found = judge.read(json.dumps({"verdicts": verdicts}), ASKED, len(scores))
    assert [tuple(row["score"] for row in verdict.scores) for verdict in found] == scores


@given(json_values, st.integers(1, 3))
def test_no_value_at_all_breaks_the_reader(value, count):
    text = json.dumps({"verdicts": value})
    try:
        found = judge.read(text, ASKED, count)
    except judge.UnreadableVerdictError as error:
        assert error.code in judge.PROBLEMS
    else:
        assert len(found) == count


@given(st.integers(0, len(reply())), st.text('{}[]":,15 五\\', max_size=6), st.integers(0, 3))
def test_no_slip_in_a_reply_makes_another_score(place, slip, cut):
    text = reply()[:place] + slip + reply()[place + cut :]
    try:
        [verdict] = judge.read(text, ASKED, 1)
    except judge.UnreadableVerdictError:
        return
    assert all(row["score"] in dimensions.LEVELS and row["reason"] for row in verdict.scores)
    assert verdict.score == judge.weighted(verdict.scores)


@given(st.lists(st.tuples(levels, weights), min_size=1, max_size=12))
def test_weighs_as_exact_arithmetic_does(pairs):
    total = sum(Fraction(weight) for _score, weight in pairs)
    exact = sum(Fraction(weight) * (score - 1) for score, weight in pairs) * 25 / total
    assert judge.weighted(rows(*pairs)) == pytest.approx(float(exact), abs=0.0051)
    assert 0 <= judge.weighted(rows(*pairs)) <= 100


@given(st.lists(st.tuples(levels, st.integers(1, 50)), min_size=1, max_size=8), st.integers(2, 9))
def test_only_the_proportions_of_weights_count(pairs, factor):
    heavier = [(score, weight * factor) for score, weight in pairs]
    assert judge.weighted(rows(*heavier)) == pytest.approx(judge.weighted(rows(*pairs)), abs=0.011)


@given(st.lists(st.tuples(st.integers(1, 4), weights), min_size=1, max_size=8), st.data())
def test_a_better_score_in_one_dimension_never_costs_points(pairs, data):
    place = data.draw(st.integers(0, len(pairs) - 1))
    better = [(score + (at == place), weight) for at, (score, weight) in enumerate(pairs)]
    assert judge.weighted(rows(*better)) >= judge.weighted(rows(*pairs))


@given(st.lists(st.tuples(levels, weights), min_size=1, max_size=8), levels)
def test_a_dimension_without_weight_changes_nothing(pairs, score):
    assert judge.weighted(rows(*pairs, (score, 0))) == judge.weighted(rows(*pairs))


@given(levels, st.lists(weights, min_size=1, max_size=12))
def test_equal_scores_give_their_level_whatever_the_weights(level, given_weights):
    pairs = [(level, weight) for weight in given_weights]
    assert judge.weighted(rows(*pairs)) == (level - 1) * 25
