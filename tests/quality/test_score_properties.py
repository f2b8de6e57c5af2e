"""What no record may show of the rule score, however it is made."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import scoring
from quality.scoring import HEADROOM, PARTS, Openings, Weights
from quality.scoring.parts import falling, rising
from quality.scoring.texts import Leaves
from synthesis.models import Record

EN = "Green tea is picked by hand in spring and dried within the day."
ZH = "绿茶在春天由人工采摘，并在当天烘干。"
WORDS = re.findall(
    r"\w+",
    "green tea is picked by hand in spring and dried within one day so that its leaves keep their"
    " colour while black tea rests much longer before anybody rolls or fires it over coals",
)

texts = st.text(st.sampled_from("ab Z.,!?\n茶水。，😀1{}[]\\n\ufffd\x00…"), max_size=30)
contents = st.recursive(
    texts | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["question", "answer", "text", "label", "input", "role", "a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
points = st.dictionaries(
    st.sampled_from(list(PARTS)), st.integers(0, 100), min_size=len(PARTS), max_size=len(PARTS)
)
weights = (
    st.dictionaries(st.sampled_from(list(PARTS)), st.integers(0, 100), min_size=1)
    .filter(lambda chosen: any(chosen.values()))
    .map(Weights.of)
)


def part(name: str, content: Any) -> int:
    return scoring.score(content).parts[name]


def qa(answer: Any, question: str = "What is green tea made of?") -> dict[str, Any]:
    return {"question": question, "answer": answer}


@given(contents)
def test_every_content_has_six_parts_from_0_to_100(content):
    found = scoring.score(content)
    assert list(found.parts) == list(PARTS)
    assert all(type(value) is int and 0 <= value <= 100 for value in found.parts.values())
    assert 0 <= found.total <= 100


@given(contents)
def test_the_same_content_has_the_same_score(content):
    assert scoring.score(content) == scoring.score(content)


@given(points, weights)
def test_the_total_is_never_outside_its_parts(parts, chosen):
    counted = [parts[name] for name, weight in vars(chosen).items() if weight]
    found = scoring.total(parts, chosen)
    assert min(counted) - 0.1 <= found <= max(counted) + 0.1
    assert found <= min(counted) + HEADROOM


@given(points, weights, st.sampled_from(list(PARTS)), st.integers(0, 100))
def test_a_better_part_never_costs_points(parts, chosen, name, more):
    better = {**parts, name: min(100, parts[name] + more)}
    assert scoring.total(better, chosen) >= scoring.total(parts, chosen)


@given(points, weights, st.sampled_from([0.5, 2, 10]))
def test_only_the_proportions_of_weights_count(parts, chosen, factor):
    other = Weights.of({name: weight * factor for name, weight in vars(chosen).items()})
    assert scoring.total(parts, other) == pytest.approx(scoring.total(parts, chosen), abs=0.11)


@given(points, weights, st.integers(0, 100))
def test_a_part_without_weight_changes_nothing(parts, chosen, value):
    idle = {name: value for name, weight in vars(chosen).items() if not weight}
    assert scoring.total({**parts, **idle}, chosen) == scoring.total(parts, chosen)


@pytest.mark.parametrize(
    ("worst", "total"),
    [(0, 40.0), (1, 41.0), (59, 93.9), (60, 94.0), (99, 99.9), (100, 100.0)],
)
def test_the_worst_part_holds_the_total_down(worst, total):
    # By the weights alone, 15 of 100 for the worst part: 85 + 0.15 × worst.
    parts = {**dict.fromkeys(PARTS, 100), "format": worst}
    assert scoring.total(parts, Weights()) == min(total, round(85 + 0.15 * worst, 1))


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-5, 5), st.floats(0.01, 5))
def test_falling_never_rises(one, other, best, span):
    low, high = sorted([one, other])
    assert falling(low, best, best + span) >= falling(high, best, best + span)


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0.01, 10))
def test_rising_never_falls(one, other, full):
    low, high = sorted([one, other])
    assert rising(low, full) <= rising(high, full)


@pytest.mark.parametrize(
    ("value", "found"), [(0, 100), (0.2, 100), (0.4, 50), (0.6, 0), (1, 0), (-3, 100)]
)
def test_falls_in_a_straight_line_between_its_ends(value, found):
    assert falling(value, 0.2, 0.6) == pytest.approx(found)


@pytest.mark.parametrize(("value", "found"), [(-1, 0), (0, 0), (3, 50), (6, 100), (600, 100)])
def test_rises_in_a_straight_line_to_its_end(value, found):
    assert rising(value, 6) == pytest.approx(found)


@pytest.mark.parametrize("text", [EN, ZH], ids=["en", "zh"])
def test_saying_it_again_never_helps_the_repetition(text):
    found = [part("repetition", qa(text * times)) for times in range(1, 9)]
    assert all(one >= other for one, other in pairwise(found))
    assert (found[0], found[-1]) == (100, 0)


def test_more_words_never_hurt_the_length():
    found = [part("length", qa(" ".join(WORDS[:count]) + ".")) for count in range(1, len(WORDS))]
    assert all(one <= other for one, other in pairwise(found))
    assert (found[0], found[-1]) == (10, 100)


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("   \n", 0, id="blank"),
        pytest.param("　", 0, id="a full-width space"),
        pytest.param(None, 0, id="null"),
        pytest.param([], 0, id="an empty list"),
        pytest.param({}, 0, id="an empty object"),
        pytest.param("N/A", 0, id="nothing in letters"),
        pytest.param("TODO", 0, id="a promise"),
        pytest.param("待补充", 0, id="a promise in Chinese"),
        pytest.param("……", 0, id="dots"),
        pytest.param("___", 0, id="a line to fill in"),
        pytest.param(0, 100, id="zero"),
        pytest.param(False, 100, id="no"),
        pytest.param("0", 100, id="zero as text"),
        pytest.param("No.", 100, id="no as text"),
        pytest.param(EN, 100, id="a sentence"),
        pytest.param(ZH, 100, id="a Chinese sentence"),
        pytest.param(f"{EN[:-1]} and", 10, id="an open end"),
        pytest.param(f"{EN[:-1]},", 10, id="a comma"),
        pytest.param(f"{EN} (see", 10, id="an open bracket"),
        pytest.param(f"{ZH}因为", 10, id="an open Chinese end"),
        pytest.param(f"{ZH}（见", 10, id="an open Chinese bracket"),
        pytest.param("```python\nprint(1)", 10, id="code that goes on"),
        pytest.param("She left :(", 100, id="a sad face"),
    ],
)
def test_completeness_of_an_answer(answer, points):
    assert part("completeness", qa(answer)) == points


@pytest.mark.parametrize(
    "name", ["input", "context", "system", "history", "notes", "输入", "上下文", "备注"]
)
def test_an_optional_field_may_be_empty(name):
    assert part("completeness", {**qa(EN), name: ""}) == 100
    assert part("completeness", {**qa(EN), f"{name}2": ""}) == 0


@pytest.mark.parametrize(
    ("text", "points"),
    [
        pytest.param(EN, 100, id="English"),
        pytest.param(ZH, 100, id="Chinese"),
        pytest.param("Café, naïve, Ångström, señor: they are all right.", 100, id="accents"),
        pytest.param("Чай пьют с мёдом и лимоном.", 100, id="Russian"),
        pytest.param("お茶は春に摘まれます。", 100, id="Japanese"),
        pytest.param("2 + 2 = 4", 100, id="a sum"),
        pytest.param("😀😀😀 so good, we came back twice", 100, id="some emoji"),
        pytest.param("\ufffd" * 20, 0, id="nothing but lost letters"),
        pytest.param("@#$%^&*()_+@#$%", 0, id="nothing but signs"),
        pytest.param("锟斤拷锟斤拷锟斤拷", 0, id="Chinese decoded twice"),
        pytest.param(f"see {'x' * 40} there, it is one word", 40, id="one endless word"),
    ],
)
def test_readability_of(text, points):
    assert part("readability", {"text": text}) == points


def test_more_lost_letters_never_read_better():
    found = [part("readability", {"text": EN + "\ufffd" * lost}) for lost in range(8)]
    assert all(one >= other for one, other in pairwise(found))
    assert found[0] == 100 > found[1]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        pytest.param(EN, 100, id="prose"),
        pytest.param("Dear [insert name], welcome.", 20, id="a gap"),
        pytest.param("你好，【请填写姓名】先生。", 20, id="a Chinese gap"),
        pytest.param("Tea from {region} is best.", 20, id="a variable"),
        pytest.param("Tea from {{ region }} is best.", 20, id="a variable in two braces"),
        pytest.param("Answer: it is a drink.", 50, id="a label"),
        pytest.param("回答：这是一种饮料。", 50, id="a Chinese label"),
        pytest.param('{"answer": "a drink"}', 50, id="JSON in the text"),
        pytest.param("One\\ntwo", 60, id="an escaped line end"),
        pytest.param("Tea &amp; milk", 60, id="an escaped sign"),
        pytest.param("See [1] and {1, 2}.", 100, id="brackets of a text"),
        pytest.param("XL and XX are sizes.", 100, id="sizes"),
    ],
)
def test_form_of(text, points):
    assert part("format", {"text": text}) == points


@given(st.lists(st.sampled_from("abcde"), min_size=20, max_size=60))
def test_the_share_of_an_opening_is_counted(letters):
    openings = Openings({"text": letter * 30} for letter in letters)
    for letter in set(letters):
        leaves = Leaves({"text": letter * 30})
        assert openings.share(leaves) == letters.count(letter) / len(letters)


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        pytest.param("Tea is old.", "TEA IS OLD.", True, id="case"),
        pytest.param("Tea is 12.", "Tea is 99.", True, id="digits"),
        pytest.param("Tea  is\told.", "Tea is old.", True, id="spaces"),
        pytest.param("Tea, is: old!", "Tea is old", True, id="signs"),
        pytest.param("Tea is old.", "Coffee is old.", False, id="other words"),
        pytest.param("茶是一种饮料，很老。", "茶是一种饮料，很新。", False, id="a Chinese letter"),
        pytest.param(f"{'a' * 24}x", f"{'a' * 24}y", True, id="beyond the opening"),
    ],
)
def test_openings_are_alike_whatever_the(one, other, is_alike):
    assert (Leaves({"a": one}).opening == Leaves({"a": other}).opening) is is_alike


@pytest.mark.parametrize(
    ("minimum", "status"), [(None, "accepted"), (50, "accepted"), (50.1, "rejected")]
)
def test_a_score_at_its_minimum_is_enough(minimum, status):
    record = Record(content=qa("Drink", "What is tea?"))
    scoring.apply([record], Weights(), minimum)
    assert (record.score, record.status) == (50.0, status)


@given(contents)
def test_every_score_can_be_stored(content):
    record = Record(content=content)
    scoring.apply([record], Weights(), 50)
    json.dumps([record.score, record.score_parts, record.findings], allow_nan=False)
