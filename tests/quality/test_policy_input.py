"""What a policy refuses before any record is judged by it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from providers.models import LanguageModel
from quality.content import loading
from quality.models import ContentRule, QualityPolicy, Rubric
from quality.scoring import Weights

pytestmark = pytest.mark.any_database

WEIGHTS = (
    "The weights are an object that gives parts of the score a number from 0 to 1000, not all of"
    " them 0. The parts are: completeness, length, repetition, diversity, readability, format."
)
RULES = "Each rule is an object with rule and action: reject, flag or mask."


def problems(**fields: Any) -> dict[str, list[str]]:
    """Say what is wrong with a policy, field by field."""
    try:
        QualityPolicy(name="Ours", **fields).clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param([], id="a list without parts"),
        pytest.param("length", id="a text"),
        pytest.param(5, id="a number"),
        pytest.param({"length": True}, id="a boolean"),
        pytest.param({"length": "5"}, id="digits as text"),
        pytest.param({"length": "五"}, id="a Chinese digit"),
        pytest.param({"length": None}, id="null"),
        pytest.param({"length": [5]}, id="a list of a weight"),
        pytest.param({"length": -0.5}, id="below zero"),
        pytest.param({"length": 1000.5}, id="above the most"),
        pytest.param({"length": 1e308, "format": 1e308}, id="more than a float holds"),
        pytest.param({"length": 10**400, "format": 1.5}, id="an integer without end"),
        pytest.param({"length": float("nan")}, id="not a number"),
        pytest.param({"length": float("inf")}, id="infinite"),
        pytest.param({"length": 0, "format": 0.0}, id="nothing but zero"),
        pytest.param({"Length": 1}, id="another spelling"),
        pytest.param({"length": 1, "beauty": 0}, id="a part that there is not"),
    ],
)
def test_refuses_as_weights(weights):
    assert problems(weights=weights) == {"weights": [WEIGHTS]}


@pytest.mark.parametrize(
    ("weights", "length"),
    [
        pytest.param({}, 15, id="none, which means the usual ones"),
        pytest.param({"length": 1}, 1, id="one part"),
        pytest.param({"length": 1000, "format": 0}, 1000, id="the most and the least"),
        pytest.param({"length": 0.001}, 0.001, id="a small one"),
        pytest.param({"format": 3}, 0, id="another part"),
    ],
)
def test_takes_as_weights(weights, length):
    assert problems(weights=weights) == {}
    assert Weights.of(weights).length == length


@pytest.mark.django_db
class TestRules:
    @pytest.mark.parametrize(
        "number",
        [
            pytest.param(lambda pk: str(pk), id="digits as text"),
            pytest.param(lambda pk: float(pk), id="a float"),
            pytest.param(lambda pk: pk + 0.5, id="a fraction"),
            pytest.param(lambda pk: True, id="a boolean"),
            pytest.param(lambda pk: None, id="null"),
            pytest.param(lambda pk: [pk], id="a list"),
            pytest.param(lambda pk: {"id": pk}, id="an object"),
            pytest.param(lambda pk: "words", id="a name"),
        ],
    )
    def test_refuses_as_the_number_of_a_rule(self, number):
        rule = ContentRule.objects.create(name="Words", words="fool")
        chosen = [{"rule": number(rule.pk), "action": "flag"}]
        assert problems(rules=chosen) == {"rules": [RULES]}

    @pytest.mark.parametrize(
        "rules",
        [
            pytest.param({}, id="an empty object"),
            pytest.param({"rule": 1, "action": "flag"}, id="a rule without a list"),
            pytest.param("flag", id="a text"),
            pytest.param(7, id="a number"),
            pytest.param(None, id="null"),
            pytest.param([7], id="bare numbers"),
            pytest.param([["rule", "action"]], id="pairs"),
            pytest.param([{"rule": 1}], id="no action"),
            pytest.param([{"action": "flag"}], id="no rule"),
            pytest.param([{"rule": 1, "action": "delete"}], id="another action"),
            pytest.param([{"rule": 1, "action": "Flag"}], id="another spelling"),
            pytest.param([{"rule": 1, "action": None}], id="action null"),
            pytest.param([{"rule": 1, "action": ["flag"]}], id="a list of actions"),
        ],
    )
    def test_refuses_as_rules(self, rules):
        assert problems(rules=rules) == {"rules": [RULES]}

    @pytest.mark.parametrize("number", [0, -1, 999_999, 10**30])
    def test_names_the_rule_that_there_is_not(self, number):
        assert problems(rules=[{"rule": number, "action": "flag"}]) == {
            "rules": [f"There is no content rule with the number {number}."]
        }

    def test_names_every_rule_that_there_is_not(self):
        rule = ContentRule.objects.create(name="Words", words="fool")
        chosen = [{"rule": pk, "action": "flag"} for pk in (rule.pk, 70_001, 70_002)]
        assert problems(rules=chosen) == {
            "rules": ["There is no content rule with the number 70001, 70002."]
        }

    @pytest.mark.parametrize(
        ("kind", "can_be_masked"),
        [
            ("words", True),
            ("personal", True),
            ("url", True),
            ("expression", True),
            ("refusal", False),
            ("ai_speak", False),
            ("placeholder", False),
            ("leakage", False),
            ("language", False),
            ("repetition", False),
        ],
    )
    def test_masks_only_what_has_a_place(self, kind, can_be_masked):
        rule = ContentRule.objects.create(name="Ours", kind=kind)
        found = problems(rules=[{"rule": rule.pk, "action": "mask"}])
        sentence = "Only what words, personal data, addresses and expressions find can be masked."
        assert found == ({} if can_be_masked else {"rules": [sentence]})

    def test_what_is_taken_is_found_when_records_come(self):
        rules = [
            ContentRule.objects.create(name=name, words="fool") for name in ("One", "Two", "Three")
        ]
        chosen = [{"rule": rule.pk, "action": "flag"} for rule in rules[:2]]
        assert problems(rules=chosen) == {}
        assert [active.name for active in loading.active(chosen)] == ["One", "Two"]


class TestJudges:
    RUBRIC = Rubric(pk=1, is_enabled=True)
    OFF = Rubric(pk=2, is_enabled=False)
    FIRST, SECOND = LanguageModel(pk=1), LanguageModel(pk=2)

    @pytest.mark.parametrize(
        ("fields", "found"),
        [
            pytest.param(
                {"second_judge_model": SECOND},
                {"judge_model": ["A second judge needs a first one."]},
                id="the second alone",
            ),
            pytest.param(
                {"judge_model": FIRST},
                {"rubric": ["A judge needs a rubric to score by. Choose one."]},
                id="no rubric",
            ),
            pytest.param(
                {"judge_model": FIRST, "rubric": OFF},
                {"rubric": ["This rubric is switched off. Enable it or choose another."]},
                id="a rubric that is off",
            ),
            pytest.param(
                {"rubric": OFF},
                {"rubric": ["This rubric is switched off. Enable it or choose another."]},
                id="a rubric that is off, with nobody to use it",
            ),
            pytest.param(
                {"judge_model": FIRST, "second_judge_model": FIRST, "rubric": RUBRIC},
                {"second_judge_model": ["The second judge must be another model."]},
                id="one model twice",
            ),
            pytest.param({"rubric": RUBRIC}, {}, id="a rubric without a judge"),
            pytest.param(
                {"judge_model": FIRST, "second_judge_model": SECOND, "rubric": RUBRIC},
                {},
                id="two judges and a rubric",
            ),
        ],
    )
    def test_of_a_policy(self, fields, found):
        assert problems(**fields) == found


@pytest.mark.parametrize(
    ("least", "most", "is_refused"),
    [(5, 4, True), (5, 5, False), (None, 4, False), (5, None, False), (1, 0, True)],
)
def test_the_longest_record_is_not_shorter_than_the_shortest(least, most, is_refused):
    sentence = "The longest record is shorter than the shortest one."
    found = problems(min_characters=least, max_characters=most)
    assert found == ({"max_characters": [sentence]} if is_refused else {})


def test_says_everything_at_once():
    found = problems(weights={"beauty": 1}, rules="x", min_characters=2, max_characters=1)
    assert sorted(found) == ["max_characters", "rules", "weights"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"rules": "x"},
            "每条规则是包含 rule 和 action（reject、flag 或 mask）的对象。",
        ),
        ({"min_characters": 2, "max_characters": 1}, "单条最长长度小于单条最短长度。"),
        ({"second_judge_model": LanguageModel(pk=1)}, "设置第二评审之前需要先设置第一评审。"),
    ],
)
def test_says_it_in_chinese(fields, sentence):
    with translation.override("zh-hans"):
        [[found]] = problems(**fields).values()
    assert found == sentence
