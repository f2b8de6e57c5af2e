"""A verdict is read strictly: whatever is missing, doubled or out of range is no verdict."""

from __future__ import annotations

import json

import pytest

from quality import judge
from tests.factories import dimension

ASKED = [dimension("Truth", weight=3), dimension("Style", weight=1)]
GOOD = {"reason": "Right.", "score": 5}
POOR = {"reason": "Stiff.", "score": 3}


def row(number=1, **given):
    return {"record": number, "d1": GOOD, "d2": POOR, **given}


def text(*rows):
    return json.dumps({"verdicts": list(rows)})


def read(reply, count=1, finish_reason="stop"):
    return judge.read(reply, ASKED, count, finish_reason)


def code(reply, count=1, finish_reason="stop"):
    with pytest.raises(judge.UnreadableVerdictError) as caught:
        read(reply, count, finish_reason)
    return caught.value.code


def test_weighs_the_scores_into_one_from_0_to_100():
    [verdict] = read(text(row()))
    # (3 × 4 + 1 × 2) of (3 + 1) × 4 points
    assert verdict.score == 87.5
    assert verdict.scores == [
        {"name": "Truth", "weight": 3, "score": 5, "reason": "Right."},
        {"name": "Style", "weight": 1, "score": 3, "reason": "Stiff."},
    ]


@pytest.mark.parametrize(("score", "points"), [(1, 0), (2, 25), (3, 50), (4, 75), (5, 100)])
def test_spreads_the_levels_over_the_whole_range(score, points):
    given = {"reason": "So.", "score": score}
    assert read(text(row(d1=given, d2=given)))[0].score == points


def test_rounds_to_a_hundredth():
    third = [dimension(name, weight=1) for name in "ABC"]
    given = {"record": 1, "d1": GOOD, "d2": GOOD, "d3": {"reason": "So.", "score": 2}}
    assert judge.read(text(given), third, 1)[0].score == 75
    scores = [{"weight": 1, "score": 5}, {"weight": 2, "score": 1}]
    assert judge.weighted(scores) == 33.33


def test_puts_verdicts_in_the_order_of_the_records():
    found = read(text(row(2, d1=POOR), row(1)), count=2)
    assert [verdict.scores[0]["score"] for verdict in found] == [5, 3]


@pytest.mark.parametrize(
    "frame",
    ["```json\n%s\n```", "Here is my verdict:\n%s\nDone.", "<think>Hm {x}</think>%s", " %s"],
)
def test_reads_through_fences_prose_and_thoughts(frame):
    assert read(frame % text(row()))[0].score == 87.5


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ("", "not_json"),
        ("Good record, 5 of 5.", "not_json"),
        (text(row())[:-5], "not_json"),
        (text(row()).replace('"score": 5', '"score": 5,,'), "not_json"),
        (text(row()) + text(row()), "not_json"),
        ('{"verdicts": [], "verdicts": []}', "not_json"),
        ("[" * 5000, "not_json"),
        ('{"a":' * 5000, "not_json"),
        ('{"verdict": 5}', "wrong_records"),
        ('{"verdicts": {"record": 1}}', "wrong_records"),
        ('{"verdicts": [5]}', "wrong_records"),
        (text(), "wrong_records"),
        (text(row(), row()), "wrong_records"),
        (text(row(2)), "wrong_records"),
        (text(row(True)), "wrong_records"),
        (text(row("1")), "wrong_records"),
        (text({"record": 1, "d1": GOOD}), "no_dimension"),
        (text(row(d2=5)), "no_dimension"),
        (text(row(d2={"reason": "So.", "score": 0})), "no_score"),
        (text(row(d2={"reason": "So.", "score": 6})), "no_score"),
        (text(row(d2={"reason": "So.", "score": 4.0})), "no_score"),
        (text(row(d2={"reason": "So.", "score": "4"})), "no_score"),
        (text(row(d2={"reason": "So.", "score": True})), "no_score"),
        (text(row(d2={"reason": "So.", "score": None})), "no_score"),
        (text(row(d2={"reason": "So."})), "no_score"),
        (text(row(d2={"score": 4})), "no_reason"),
        (text(row(d2={"reason": "  ", "score": 4})), "no_reason"),
        (text(row(d2={"reason": 4, "score": 4})), "no_reason"),
    ],
)
def test_takes_nothing_else_for_a_verdict(reply, problem):
    assert code(reply) == problem


@pytest.mark.parametrize(("reason", "problem"), [("refused", "refused"), ("length", "cut_off")])
def test_takes_no_verdict_from_an_answer_that_did_not_end(reason, problem):
    assert code(text(row()), finish_reason=reason) == problem


def test_wants_a_verdict_for_each_record_of_a_call():
    assert code(text(row(1)), count=2) == "wrong_records"


def test_names_the_dimension_in_its_sentence():
    with pytest.raises(judge.UnreadableVerdictError) as caught:
        read(text(row(d2={"reason": "So.", "score": 9})))
    sentence = "The judge gave a score that is not a whole number from 1 to 5. Style"
    assert str(caught.value) == sentence


def test_cleans_and_cuts_the_reasons():
    reason = "a\x00b" + "c" * 5000
    [verdict] = read(text(row(d1={"reason": reason, "score": 5})))
    assert verdict.scores[0]["reason"].startswith("abc")
    assert len(verdict.scores[0]["reason"]) <= 2000
