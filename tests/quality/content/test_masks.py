"""What a mask leaves: no part of what was found, and every other character where it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.content import Action, Kind, apply
from quality.content.subject import Subject, fold, plain
from quality.content.texts import paths, replaced, texts
from synthesis.models import Record
from tests.quality.content.finding import rule

PERSONAL = rule(Kind.PERSONAL, Action.MASK)
DIGITS = rule(Kind.EXPRESSION, Action.MASK, expression=r"\d")

letters = st.text(st.sampled_from("aZé茶😀İ１Ａ　’\u202e\n .,ß"), max_size=12)
contents = st.recursive(
    letters | st.none() | st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(letters, inner, max_size=3),
    max_leaves=8,
)


def words(*listed: str, name: str = "") -> Any:
    return rule(Kind.WORDS, Action.MASK, name=name, words=listed)


def masked(content: Any, *rules: Any) -> Any:
    record = Record(content=content)
    apply([record], rules)
    return record.content


@pytest.mark.parametrize(
    ("text", "listed", "expected"),
    [
        pytest.param("你是傻瓜", ["傻", "傻瓜"], "你是**", id="a word that begins another"),
        pytest.param("你是傻瓜", ["瓜", "傻瓜"], "你是**", id="a word that ends another"),
        pytest.param("大傻瓜蛋", ["傻瓜", "大傻瓜蛋"], "****", id="a word inside another"),
        pytest.param("a bad bad luck", ["bad", "bad luck"], "a *** ********", id="words in words"),
        pytest.param("傻瓜子", ["傻瓜", "瓜子"], "**", id="two that overlap"),
        pytest.param("傻瓜傻瓜", ["傻瓜"], "****", id="two side by side"),
        pytest.param("FOOL Fool fool", ["fool"], "**** **** ****", id="any case"),
        pytest.param("ｆｏｏｌ", ["fool"], "****", id="full-width letters"),
        pytest.param("fool", ["ＦＯＯＬ"], "****", id="a full-width list"),
        pytest.param("it’s", ["it's"], "****", id="a curly apostrophe"),
        pytest.param("😀fool😀", ["fool"], "😀****😀", id="emoji around"),
        pytest.param("😀😀", ["😀"], "**", id="emoji themselves"),
        pytest.param("İİ fool", ["fool"], "İİ ****", id="letters that grow in lower case"),
        pytest.param("茶fool茶", ["fool"], "茶****茶", id="Chinese around a Latin word"),
        pytest.param("foolish tomfool", ["fool"], "foolish tomfool", id="inside other words"),
        pytest.param("fool2 2fool", ["fool"], "fool2 2fool", id="joined with digits"),
        pytest.param("fool_x fool-x", ["fool"], "****_x ****-x", id="joined with signs"),
    ],
)
def test_words_are_covered_whole(text, listed, expected):
    assert masked({"a": text}, words(*listed)) == {"a": expected}


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([words("jane"), PERSONAL], id="the shorter rule first"),
        pytest.param([PERSONAL, words("jane")], id="the longer rule first"),
    ],
)
def test_of_two_rules_that_overlap_nothing_stays_in_sight(rules):
    assert masked({"a": "to jane@acme.io!"}, *rules) == {"a": "to [email]!"}


def test_covers_every_place_of_a_text_that_is_full_of_them():
    assert masked({"a": "7 " * 3000}, DIGITS) == {"a": "[removed] " * 3000}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("😀😀13812345678😀", "😀😀138****5678😀", id="emoji around"),
        pytest.param("👨‍👩‍👧13812345678", "👨‍👩‍👧138****5678", id="a joined emoji before"),
        pytest.param("İ13812345678", "İ138****5678", id="a letter that grows in lower case"),
        pytest.param("１３８ １２３４ ５６７８", "138******5678", id="full-width digits"),
        pytest.param("微信13812345678号", "微信138****5678号", id="Chinese around"),
        pytest.param("jane@a.io,bob@b.io", "[email],[email]", id="two beside each other"),
        pytest.param("jane＠acme.io", "[email]", id="a full-width sign"),
        pytest.param("8.8.4.4和8.8.8.8", "[ip]和[ip]", id="Chinese between"),
        pytest.param("e\u030113812345678", "e\u0301138****5678", id="an accent of its own"),
        pytest.param("\u202e13812345678", "\u202e138****5678", id="a mark that turns the text"),
    ],
)
def test_places_agree_whatever_stands_around(text, expected):
    assert masked({"a": text}, PERSONAL) == {"a": expected}


@pytest.mark.parametrize(
    "name", ["check", "code", "action", "field", "rule_name", "value", "detail", "limit"]
)
def test_only_what_a_finding_quotes_is_masked(name):
    finding = {"check": "schema", "code": "schema", name: "secret"}
    record = Record(content={}, status="malformed", findings=[finding])
    apply([record], [words("secret")])
    is_quoted = name in {"value", "detail", "limit"}
    assert record.findings == [{**finding, name: "******" if is_quoted else "secret"}]


def test_masking_leaves_what_is_no_text():
    content = {"a": [1, None, True, 2.5, {"b": "fool"}], "fool": {}}
    assert masked(content, words("fool")) == {
        "a": [1, None, True, 2.5, {"b": "****"}],
        "fool": {},
    }


def test_masking_does_not_change_the_content_that_was_given():
    content = {"a": ["fool"]}
    masked(content, words("fool"))
    assert content == {"a": ["fool"]}


@pytest.mark.parametrize(
    "text", ["13812345678", "jane@acme.io", "8.8.4.4", "4111 1111 1111 1111", "11010519491231002X"]
)
def test_masking_again_changes_nothing(text):
    once = masked({"a": f"x {text} y"}, PERSONAL)
    assert masked(once, PERSONAL) == once


@given(contents)
def test_texts_and_paths_go_together(content):
    assert len(texts(content)) == len(list(paths(content)))


@given(contents)
def test_replacing_nothing_gives_the_same_content(content):
    assert replaced(content, {}) == content


@given(contents, st.data())
def test_replacing_a_text_changes_that_one_alone(content, data):
    before = texts(content)
    if before:
        number = data.draw(st.integers(0, len(before) - 1))
        after = texts(replaced(content, {number: "new"}))
        assert after == [*before[:number], "new", *before[number + 1 :]]


@given(letters)
def test_every_form_of_a_text_is_as_long_as_the_text(text):
    subject = Subject([text, text])
    assert len(subject.joined) == len(subject.plain) == len(subject.folded) == 2 * len(text) + 1


@given(letters)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)) == plain(text)


@given(st.lists(letters, min_size=1, max_size=4), st.data())
def test_a_place_in_the_joined_texts_is_a_place_in_one_of_them(parts, data):
    subject = Subject(parts)
    number = data.draw(st.integers(0, len(parts) - 1))
    inside = data.draw(st.integers(0, len(parts[number])))
    start = sum(len(part) + 1 for part in parts[:number])
    assert subject.number_at(start + inside) == number


@given(st.lists(letters, min_size=1, max_size=3), st.lists(st.integers(0, 3), max_size=4))
def test_masking_digits_keeps_every_other_character(parts, places):
    content = [f"{part}{'7' * places.count(number)}" for number, part in enumerate(parts)]
    found = masked(content, rule(Kind.EXPRESSION, Action.MASK, expression="7"))
    assert [text.replace("[removed]", "") for text in found] == parts
