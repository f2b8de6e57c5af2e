"""Which part each text of a record plays, and how records begin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import diversity
from quality.scoring import Openings, Weights, is_weight
from quality.scoring.measures import MAX_CHARACTERS, measured
from quality.scoring.parts import form, is_choice, is_hollow, is_short_by_nature, readability
from quality.scoring.texts import MAX_DEPTH, MAX_LEAVES, Leaves, Reading, Text, read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("green tea leaves", 3, id="English"),
        pytest.param("don't", 2, id="an apostrophe parts"),
        pytest.param("绿茶", 1.2, id="Chinese"),
        pytest.param("喝 green tea", 2.6, id="both"),
        pytest.param("café", 1, id="an accent"),
        pytest.param("お茶", 1.2, id="Japanese"),
        pytest.param("녹차", 1.2, id="Korean"),
        pytest.param("12 cups", 2, id="a number"),
        pytest.param("a_b", 2, id="an underscore parts"),
        pytest.param("... !!!", 0, id="signs"),
    ],
)
def test_counts_words_as_long_as_english_ones(text, words):
    assert measured([text])[0].words == pytest.approx(words)


@pytest.mark.parametrize(
    ("name", "text", "is_code"),
    [
        pytest.param("", "def f(x):\n    return x", True, id="Python"),
        pytest.param("", "SELECT a FROM t", True, id="SQL"),
        pytest.param("", "Use this:\n```\nls\n```", True, id="a fence"),
        pytest.param("", "#include <stdio.h>", True, id="C"),
        pytest.param("sql", "anything", True, id="a field of code"),
        pytest.param("代码", "anything", True, id="a Chinese field of code"),
        pytest.param("", "Run this:\n\n  import tea", True, id="a later line"),
        pytest.param("", "\n\n def f(x):", True, id="behind empty lines"),
        pytest.param("", "We import tea.\rclass", False, id="no line of its own"),
        pytest.param("", "We select tea from the shop.", False, id="prose"),
        pytest.param("", "Let us define a class of teas.", False, id="words of code in prose"),
    ],
)
def test_knows_code_by_its_beginnings_or_its_name(name, text, is_code):
    assert Text(name, text).is_code is is_code


def test_reads_only_the_beginning_of_a_huge_text():
    text = Text("", "a " * MAX_CHARACTERS)
    assert (text.is_cut_short, text.length, len(text.text)) == (True, 40_000, MAX_CHARACTERS)
    assert not Text("", "a" * MAX_CHARACTERS).is_cut_short


@pytest.mark.parametrize(
    ("content", "leaves"),
    [
        pytest.param({"A": "x"}, [("a", "x", True)], id="names in lower case"),
        pytest.param({"a": ["x", 1]}, [("a", "x", True), ("a", "1", False)], id="a list"),
        pytest.param({"a": {"b": "x"}}, [("b", "x", True)], id="a field inside"),
        pytest.param({"a": None}, [("a", "", False)], id="null"),
        pytest.param({"a": 0}, [("a", "0", False)], id="zero"),
        pytest.param({"a": False}, [("a", "False", False)], id="no"),
        pytest.param({"a": []}, [("a", "", False)], id="an empty list"),
        pytest.param("x", [("", "x", True)], id="no object"),
    ],
)
def test_takes_the_values_wherever_they_lie(content, leaves):
    assert [tuple(leaf)[:3] for leaf in Leaves(content).leaves] == leaves


def test_takes_no_more_than_a_record_may_need():
    assert len(Leaves({"a": ["x"] * (MAX_LEAVES + 5)}).leaves) == MAX_LEAVES


@pytest.mark.parametrize(("depth", "count"), [(MAX_DEPTH, 1), (MAX_DEPTH + 1, 0)])
def test_goes_only_so_deep(depth, count):
    content: object = "x"
    for _level in range(depth):
        content = [content]
    assert len(Leaves(content).leaves) == count


@pytest.mark.parametrize(
    ("content", "is_conversation"),
    [
        pytest.param({"messages": [{"role": "user", "content": "Hi"}]}, True, id="role"),
        pytest.param({"conversations": [{"from": "human", "value": "Hi"}]}, True, id="from"),
        pytest.param({"role": "nurse", "text": "Hi"}, False, id="a record with a role"),
        pytest.param({"flights": [{"from": 3, "to": 5}]}, False, id="numbers"),
        pytest.param({"text": "Hi"}, False, id="a text"),
    ],
)
def test_knows_a_conversation_by_its_roles(content, is_conversation):
    assert Leaves(content).is_conversation is is_conversation


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        pytest.param(
            {"question": "Why?", "answer": "So."}, ("Why?", ["So."], 0), id="question and answer"
        ),
        pytest.param({"问题": "为何？", "回答": "因此。"}, ("为何？", ["因此。"], 0), id="Chinese"),
        pytest.param(
            {"instruction": "Turn it.", "input": "one two", "output": "two one"},
            ("Turn it.", ["two one"], 2),
            id="with material",
        ),
        pytest.param(
            {"prompt": "Why?", "chosen": "So.", "rejected": "No."},
            ("Why?", ["So."], 0),
            id="a pair of answers",
        ),
        pytest.param({"text": "Tea"}, ("", [], 0), id="neither"),
        pytest.param({"QUESTION": "Why?"}, ("Why?", [], 0), id="capitals"),
    ],
)
def test_tells_questions_answers_and_material(content, parts):
    (reading,) = read([content])
    answers = [text.text for text in reading.answers]
    assert (reading.question, answers, reading.given_words) == parts


def test_the_worse_half_of_a_pair_is_judged_only_where_nothing_else_is():
    pair = Reading({"chosen": "Good.", "rejected": "Bad."})
    assert [text.name for text in pair.judged] == ["chosen"]
    assert [text.name for text in Reading({"rejected": "Bad."}).judged] == ["rejected"]


@pytest.mark.parametrize("name", ["label", "category", "title", "标签", "来源"])
def test_a_label_is_no_prose(name):
    reading = Reading({name: "positive", "text": "I like it."})
    assert (reading.has_label, [text.name for text in reading.texts]) == (True, ["text"])


def test_an_empty_label_is_none():
    assert not Reading({"label": "", "text": "I like it."}).has_label


@pytest.mark.parametrize(
    ("text", "is_it"), [("B", True), ("(C)", True), ("D.", True), ("b", False), ("AB", False)]
)
def test_a_choice_is_one_capital_letter(text, is_it):
    assert is_choice(text) is is_it


@pytest.mark.parametrize(
    ("text", "question", "is_it"),
    [
        pytest.param("Yes.", "Is tea hot?", True, id="yes when asked"),
        pytest.param("Yes.", "What is tea?", False, id="yes when not asked"),
        pytest.param("是的", "茶热吗？", True, id="a Chinese yes"),
        pytest.param("12 cups", "How much?", True, id="a number"),
        pytest.param("tea, milk", "Name drinks.", True, id="a list"),
        pytest.param("B", "Which one?", True, id="an option"),
        pytest.param("Tea", "What is it?", False, id="a word"),
    ],
)
def test_an_answer_may_be_short_by_nature(text, question, is_it):
    assert is_short_by_nature(text, question) is is_it


@pytest.mark.parametrize(
    ("text", "is_text", "is_it"),
    [
        pytest.param("", True, True, id="empty"),
        pytest.param(" \n\u3000", True, True, id="blank"),
        pytest.param("TODO", True, True, id="a placeholder"),
        pytest.param("None", False, False, id="no text at all"),
        pytest.param("-" * 60, True, False, id="a long line"),
        pytest.param("-" * 59, True, True, id="a line to fill in"),
    ],
)
def test_a_value_is_hollow(text, is_text, is_it):
    assert is_hollow(text, is_text) is is_it


@pytest.mark.parametrize("part", [readability, form], ids=["readability", "format"])
def test_a_record_without_texts_loses_nothing_for_them(part):
    assert part(Reading({"a": 1}), None) == 100


@pytest.mark.parametrize(
    "value",
    [True, "5", None, -1, 1001, float("nan"), float("inf"), [5]],
    ids=repr,
)
def test_is_no_weight(value):
    assert not is_weight(value)


@pytest.mark.parametrize("value", [0, 1, 0.5, 1000], ids=repr)
def test_is_a_weight(value):
    assert is_weight(value)


def test_weights_of_one_part_are_those_of_it_alone():
    assert {name for name, value in vars(Weights.of({"length": 3})).items() if value} == {"length"}


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_openings_counted_at_once_or_one_by_one_are_the_same(letters):
    contents = [{"text": letter * 9} for letter in letters]
    one_by_one = Openings()
    for content in contents:
        one_by_one.add(Leaves(content))
    at_once, read_before = Openings(contents), Openings.of(letter * 9 for letter in letters)
    assert one_by_one.counts == at_once.counts == read_before.counts
    assert one_by_one.total == at_once.total == read_before.total == len(letters)


@pytest.mark.parametrize(
    ("content", "opening"),
    [
        pytest.param({"a": "Tea", "b": "Green tea"}, "greentea", id="of the longest text"),
        pytest.param({"a": "x" * 40}, "x" * 24, id="24 letters"),
        pytest.param({"a": "茶" * 40}, "茶" * 8, id="8 ideographs"),
        pytest.param({"label": "positive", "a": "No"}, "no", id="of no label"),
        pytest.param({"chosen": "No", "rejected": "Never ever"}, "no", id="of no bad answer"),
        pytest.param({"a": 17}, "", id="of no text"),
        pytest.param({"a": "12 34"}, "", id="of digits"),
    ],
)
def test_opening(content, opening):
    assert Leaves(content).opening == opening


@pytest.mark.parametrize(
    ("texts", "size", "share"),
    [
        pytest.param([["a", "a", "a"]], 1, 1 / 3, id="one word thrice"),
        pytest.param([["a", "b"], ["a", "b"]], 2, 1 / 2, id="two texts alike"),
        pytest.param([["a", "b"], ["b", "a"]], 2, 1.0, id="another order"),
        pytest.param([["a"], []], 2, None, id="too short"),
        pytest.param([], 1, None, id="no texts"),
    ],
)
def test_the_share_of_different_runs_of_words(texts, size, share):
    assert diversity.distinct_share(texts, size) == share


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=5), st.integers(1, 4))
def test_saying_everything_twice_halves_the_share(texts, size):
    once = diversity.distinct_share(texts, size)
    twice = diversity.distinct_share(texts * 2, size)
    assert twice == (once and pytest.approx(once / 2))


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        pytest.param("a b c d", "a b c d", 1.0, id="the same"),
        pytest.param("a b c d", "d c b a", 0.0, id="turned round"),
        pytest.param("a b", "a b", 1.0, id="two short ones alike"),
        pytest.param("a b", "a c", 0.0, id="two short ones"),
        pytest.param("a b c d", "a b c e", 1 / 3, id="one of three triples"),
    ],
)
def test_two_texts_are_alike_by_their_triples(one, other, likeness):
    found = diversity.self_similarity([one.split(), other.split()])
    assert found == (pytest.approx(likeness), pytest.approx(likeness))
