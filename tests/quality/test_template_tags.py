"""What the quality pages make of records, scores and shares, without a page around it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from quality import scoring
from quality.templatetags import evaluations, findings, reviews, scores, waterfalls
from synthesis.models import Run

pytestmark = pytest.mark.any_database

HELLO = {"role": "user", "content": "Hello"}
ANSWER = {"role": "assistant", "content": "Good day"}
TURNS = [("user", "Hello"), ("assistant", "Good day")]


@pytest.mark.parametrize(
    ("share", "width"),
    [
        (0, "0.0"),
        (1, "100.0"),
        (0.5, "50.0"),
        (1 / 3, "33.3"),
        (2 / 3, "66.7"),
        (1.0001, "100.0"),
        (-0.2, "0.0"),
        (1e-9, "0.0"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans", "de"])
def test_a_bar_is_as_wide_as_its_share_in_any_language(
    share: float, width: str, language: str
) -> None:
    with translation.override(language):
        assert evaluations.svg_width(share) == width


class TestTurns:
    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            pytest.param([HELLO, ANSWER], TURNS, id="role and content"),
            pytest.param(
                [{"from": "user", "value": "Hello"}, {"from": "assistant", "value": "Good day"}],
                TURNS,
                id="from and value",
            ),
            pytest.param(
                [
                    {"speaker": "user", "text": "Hello"},
                    {"speaker": "assistant", "text": "Good day"},
                ],
                TURNS,
                id="speaker and text",
            ),
            pytest.param(
                [HELLO, {"from": "assistant", "value": "Good day"}], TURNS, id="both ways at once"
            ),
            pytest.param([{**HELLO, "weight": 1}], TURNS[:1], id="with more beside it"),
            pytest.param([{"role": "user", "content": ""}], [("user", "")], id="who says nothing"),
            pytest.param(
                [{"role": None, "from": "user", "content": "Hello"}],
                TURNS[:1],
                id="the first name that holds a text",
            ),
        ],
    )
    def test_are_read_from(self, rows: Any, expected: list[tuple[str, str]]) -> None:
        assert reviews.turns(rows) == expected

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("user: Hello", id="a text"),
            pytest.param(HELLO, id="one turn without a list"),
            pytest.param([], id="an empty list"),
            pytest.param(["Hello", "Good day"], id="texts"),
            pytest.param([HELLO, "Good day"], id="a turn and a text"),
            pytest.param([HELLO, {"role": "assistant"}], id="a turn without words"),
            pytest.param([{"content": "Hello"}], id="words without a speaker"),
            pytest.param([{"role": "user", "content": ["Hello"]}], id="words in parts"),
            pytest.param([{"role": 1, "content": "Hello"}], id="a number that speaks"),
            pytest.param([[HELLO]], id="a list of lists"),
            pytest.param([None], id="nothing"),
            pytest.param(7, id="a number"),
        ],
    )
    def test_are_not_seen_in(self, value: Any) -> None:
        assert reviews.turns(value) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(None, [], id="no content"),
        pytest.param({}, [], id="an empty object"),
        pytest.param({"a": "x", "b": "y"}, [("a", "x"), ("b", "y")], id="texts in their order"),
        pytest.param({"a": 1.5}, [("a", "1.5")], id="a number"),
        pytest.param({"a": True, "b": None}, [("a", "true"), ("b", "null")], id="as JSON has it"),
        pytest.param({"a": {"b": "茶"}}, [("a", '{"b": "茶"}')], id="an object, not escaped"),
        pytest.param({"a": ["x", 1]}, [("a", '["x", 1]')], id="a list that is no dialogue"),
        pytest.param({"a": ""}, [("a", "")], id="an empty text"),
        pytest.param("Tea.", [("", "Tea.")], id="a text alone"),
        pytest.param(["x"], [("", '["x"]')], id="a list alone"),
        pytest.param(0, [("", "0")], id="zero is a content"),
        pytest.param(False, [("", "false")], id="and so is no"),
    ],
)
def test_a_content_is_listed_by_its_fields(content: Any, expected: list[tuple[str, str]]) -> None:
    assert [(part.name, part.text) for part in reviews.parts(content)] == expected


def test_a_dialogue_is_shown_as_turns_and_not_as_text_too() -> None:
    [part] = reviews.parts({"messages": [HELLO, ANSWER]})
    assert (part.name, part.text, part.turns) == ("messages", "", TURNS)


def test_a_dialogue_may_be_the_whole_record() -> None:
    [part] = reviews.parts([HELLO, ANSWER])
    assert (part.name, part.turns) == ("", TURNS)


class TestScoreRows:
    @pytest.mark.parametrize("name", scoring.PARTS)
    def test_every_part_has_a_name_and_an_explanation(self, name: str) -> None:
        [row] = scores.score_rows({name: 55})
        assert (row.label.isascii(), row.value) == (True, 55)
        assert row.explanation.endswith(".")
        with translation.override("zh-hans"):
            [row] = scores.score_rows({name: 55})
        assert not row.label.isascii()
        assert row.explanation.endswith("。")

    def test_keeps_the_order_in_which_they_are_stored(self) -> None:
        names = list(reversed(scoring.PARTS))
        rows = scores.score_rows({name: place for place, name in enumerate(names)})
        assert [row.value for row in rows] == list(range(len(names)))

    def test_leaves_out_parts_of_other_days(self) -> None:
        assert scores.score_rows({"beauty": 3}) == []
        assert scores.score_rows({}) == []


class TestWaterfall:
    @pytest.mark.parametrize("run", [None, Run()], ids=["no run", "a run that made nothing"])
    def test_shows_no_steps_of_nothing(self, run: Run | None) -> None:
        assert waterfalls.run_waterfall(run) == {"steps": []}


@pytest.mark.parametrize(
    ("finding", "english"),
    [
        ({"check": "review", "code": "rejected"}, "A reviewer rejected it."),
        ({"check": "schema", "code": "not_an_object"}, "The record is not a JSON object."),
        ({"check": "later", "code": "odd"}, "Found by a check: later:odd."),
        ({}, "Found by a check: :."),
    ],
    ids=["review", "schema", "unknown", "empty"],
)
def test_a_finding_is_a_sentence(finding: dict[str, Any], english: str) -> None:
    say = findings.register.filters["sentence"]
    assert say(finding) == english
    with translation.override("zh-hans"):
        assert not say(finding).isascii()
