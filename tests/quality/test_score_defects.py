"""Marks of broken texts, each on the texts that show it and on those that only look so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.scoring import defects
from quality.scoring.texts import Text, measure

EN = "Green tea is picked by hand in spring and dried within the day."
ZH = "绿茶在春天由人工采摘，并在当天烘干。"
any_text = st.text(max_size=60)


def read(text: str) -> Text:
    found = Text("", text)
    measure([found])
    return found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("cafÃ© crÃ¨me", id="UTF-8 as Latin-1"),
        pytest.param("donâ€™t", id="an apostrophe of Windows"),
        pytest.param("ï»¿text", id="a byte order mark"),
        pytest.param("lost \ufffd letters", id="a lost letter"),
        pytest.param("bell \x07", id="a control character"),
        pytest.param("private \ue000", id="a private character"),
        pytest.param("锟斤拷锟斤拷", id="UTF-8 twice through GBK"),
        pytest.param("烫烫烫烫", id="memory never written"),
        pytest.param("ÖÐ¹úÈËÃñ", id="GBK as Latin-1"),
    ],
)
def test_some_of_the_text_cannot_be_read(text):
    assert 0 < defects.unreadable_share(read(text)) <= 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(EN, id="English"),
        pytest.param(ZH, id="Chinese"),
        pytest.param("line one\nline two\ttabbed\r\n", id="blanks"),
        pytest.param("Ångström, señor, naïve, Übung, São Paulo", id="accents"),
        pytest.param("£5 or €6, 20°C ± 1", id="signs of Latin-1"),
        pytest.param("Чай и лимон", id="Russian"),
        pytest.param("お茶を飲む", id="Japanese"),
        pytest.param("😀 👍🏽", id="emoji"),
        pytest.param("开水很烫，小心烫手。", id="hot water"),
        pytest.param("一锅汤", id="a rare character of such texts"),
    ],
)
def test_all_of_the_text_can_be_read(text):
    assert defects.unreadable_share(read(text)) == 0


@given(st.text(min_size=1, max_size=60))
def test_the_unreadable_share_is_a_share(text):
    assert 0 <= defects.unreadable_share(read(text)) <= 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Tea, milk,", id="a comma"),
        pytest.param("There are three kinds:", id="a colon"),
        pytest.param("Tea and", id="and"),
        pytest.param("It grows in the", id="an article"),
        pytest.param("It is WHICH", id="capitals"),
        pytest.param("Tea (green", id="a bracket"),
        pytest.param("f(x[1", id="two brackets"),
        pytest.param("他说：“你好", id="a quote"),
        pytest.param("《红楼梦", id="a title"),
        pytest.param("【提示", id="a Chinese bracket"),
        pytest.param("茶和", id="a Chinese and"),
        pytest.param("比如", id="for example"),
        pytest.param("他走了，", id="a Chinese comma"),
        pytest.param("```\ncode", id="a fence"),
        pytest.param("Tea —", id="a dash"),
        pytest.param("tea, milk,  \n", id="blanks behind a comma"),
    ],
)
def test_a_text_stops_in_the_middle(text):
    assert defects.is_open(read(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("  \n", id="blanks"),
        pytest.param(EN, id="a sentence"),
        pytest.param(ZH, id="a Chinese sentence"),
        pytest.param("f(x) = [1, 2]", id="closed brackets"),
        pytest.param("So sad :(", id="a sad face"),
        pytest.param("So sad :-(", id="a sad face with a nose"),
        pytest.param("So sad ;[ and tired", id="a face in the middle"),
        pytest.param("```\ncode\n```", id="a closed fence"),
        pytest.param("“你好”", id="a closed quote"),
        pytest.param("Atlanta", id="a word that ends like one"),
        pytest.param("茶", id="tea"),
        pytest.param("a) tea b) milk", id="letters of a list"),
    ],
)
def test_a_text_stops_where_it_may(text):
    assert not defects.is_open(read(text))


@given(any_text)
def test_a_full_stop_closes_what_has_no_bracket(text):
    plain = "".join(sign for sign in text if sign.isalnum() or sign == " ")
    assert not defects.is_open(read(f"{plain}."))


@pytest.mark.parametrize(
    ("text", "is_unended"),
    [
        pytest.param("Tea is old", True, id="no full stop"),
        pytest.param("Tea is old.", False, id="a full stop"),
        pytest.param("茶很老", True, id="no Chinese full stop"),
        pytest.param("茶很老。", False, id="a Chinese full stop"),
        pytest.param("Tea is old!", False, id="a shout"),
        pytest.param("Tea is old 😀", False, id="an emoji"),
        pytest.param("Tea is old (very)", False, id="a bracket"),
        pytest.param("See https://tea.example/old", False, id="an address"),
        pytest.param("Kinds.\n- green tea", False, id="a list"),
        pytest.param("Kinds.\n3. green tea", False, id="a numbered list"),
        pytest.param("soft rain\nold cat", False, id="a poem"),
        pytest.param("Soft rain.\nThe old cat", True, id="a last line of prose"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_the_last_sentence_lacks_its_end(text, is_unended):
    assert defects.is_unended(text) is is_unended


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Dear [insert name],", id="insert"),
        pytest.param("Call [your number].", id="your"),
        pytest.param("Hello <your name>!", id="angle brackets"),
        pytest.param("Tea from {region}.", id="a variable"),
        pytest.param("Tea from {{ region }}.", id="a variable of a template"),
        pytest.param("Lorem ipsum dolor sit.", id="dummy text"),
        pytest.param("【请填写姓名】先生", id="Chinese"),
        pytest.param("Order number XXXX", id="letters to replace"),
        pytest.param("[ADD DATE]", id="capitals"),
    ],
)
def test_a_gap_is_left_to_fill_in(text):
    assert defects.is_unfilled(read(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(EN, id="prose"),
        pytest.param("See [1] and [Smith 2020].", id="sources"),
        pytest.param("The set {1, 2, 3}.", id="a set"),
        pytest.param("x < y > z", id="comparisons"),
        pytest.param("Super Bowl XXX1", id="a code"),
        pytest.param("[yourself] and [insertion]", id="words that begin so"),
        pytest.param("【注意】水很烫", id="a Chinese heading"),
        pytest.param("", id="nothing"),
    ],
)
def test_no_gap_is_left(text):
    assert not defects.is_unfilled(read(text))


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("Tea. Milk", True),
        ("Tea", False),
        ("3.5 cups", False),
        ("茶。", True),
        ("tea.example", False),
        ("Really? Yes", True),
        ("“Tea.” he said", True),
    ],
)
def test_tells_a_text_of_sentences(text, has):
    assert defects.has_sentences(text) is has


@pytest.mark.parametrize(
    "text",
    [
        "TODO",
        "n/a",
        " None. ",
        "null",
        "xxxx",
        "待补充",
        "（略）",
        "...",
        "___",
        "Lorem ipsum dolor",
    ],
)
def test_a_placeholder_says_nothing(text):
    assert defects.PLACEHOLDER.match(text)


@pytest.mark.parametrize(
    "text", ["None of them", "TODO list", "nothing", "null and void", "略显不足", "同上海", "5.0"]
)
def test_a_text_that_begins_like_a_placeholder_says_something(text):
    assert not defects.PLACEHOLDER.match(text)


@given(any_text)
def test_any_text_can_be_looked_at(text):
    found = (defects.is_open(read(text)), defects.is_unended(text), defects.is_unfilled(read(text)))
    assert set(found) <= {True, False}
