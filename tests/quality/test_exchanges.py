"""Words that stand in each other's place: a rewording, or another record's payload."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.blocks import Difference
from quality.exchanges import are_alike, difference, is_typo
from quality.likeness import different_blocks
from quality.readings import Reading, Token

BOTH_WAYS = pytest.mark.parametrize("is_swapped", [False, True], ids=["", "swapped"])
FRAME = "Before we left the house I asked whether {} would do, and she said that it might."
RAHMEN = "出门之前我问她{}行不行，她想了想说也许可以试一试。"
words = st.text(st.sampled_from("abcdef"), min_size=1, max_size=9)


def tokens(text: str) -> list[Token]:
    return [token for clause in Reading(text).clauses for token in clause]


def exchange(one: str, other: str) -> Difference | None:
    ours, theirs = tokens(one), tokens(other)
    return difference(different_blocks(ours, theirs), (len(ours), len(theirs)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("teh", "the", id="two letters in the other order"),
        pytest.param("recieve", "receive", id="ie for ei"),
        pytest.param("electricty", "electricity", id="a letter left out"),
        pytest.param("adress", "address", id="a double letter"),
        pytest.param("metforminn", "metformin", id="a letter too many"),
        pytest.param("fotosynthesis", "photosynthesis", id="two letters of a long word"),
    ],
)
def test_a_slip_is_a_word_mistyped(one, other):
    assert is_typo(one, other)
    assert is_typo(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("hot", "cold", id="other letters"),
        pytest.param("light", "right", id="two real words"),
        pytest.param("zq", "zx", id="too short to tell"),
        pytest.param("qwertz", "qwasdz", id="two letters of a short word"),
        pytest.param("ibuprofen", "metformin", id="two drugs"),
        pytest.param("", "the", id="nothing"),
    ],
)
def test_two_words_are_no_slip(one, other):
    assert not is_typo(one, other)
    assert not is_typo(other, one)


@given(words, words)
def test_words_are_alike_from_both_sides(one, other):
    assert is_typo(one, other) == is_typo(other, one)
    assert are_alike(one, other) == are_alike(other, one)


@given(words)
def test_a_word_is_like_itself(word):
    assert are_alike(word, word)


@BOTH_WAYS
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("aspirin", "insulin", id="drugs"),
        pytest.param("zyrtec", "valsartan", id="words of no list"),
        pytest.param(
            "the small brown wooden chair", "some quick cold lemon soup", id="many words for many"
        ),
    ],
)
def test_another_payload_makes_another_record(one, other, is_swapped):
    pair = (other, one) if is_swapped else (one, other)
    found = exchange(*map(FRAME.format, pair))
    assert found is not None
    assert found.reason == "payload"


@BOTH_WAYS
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("a big bag", "a large bag", id="a synonym"),
        pytest.param("the bag", "a bag", id="an article"),
        pytest.param("a bag", "a very good bag", id="words added"),
        pytest.param("a leather bag", "a lether bag", id="a slip"),
        pytest.param("a bag of it", "some bag of that", id="small words"),
    ],
)
def test_a_rewording_makes_no_other_record(one, other, is_swapped):
    pair = (other, one) if is_swapped else (one, other)
    assert exchange(*map(FRAME.format, pair)) is None


@BOTH_WAYS
@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        pytest.param("北京", "上海", "name", id="cities"),
        pytest.param("王芳", "李娜", "name", id="persons"),
        pytest.param("王芳", "王娜", "name", id="one family"),
        pytest.param("最大", "最小", "opposite", id="most and least"),
        pytest.param("上涨", "下跌", "opposite", id="up and down"),
        pytest.param("光伏发电技术", "垃圾分类处理", "payload", id="long words"),
    ],
)
def test_another_chinese_word_makes_another_record(one, other, reason, is_swapped):
    pair = (other, one) if is_swapped else (one, other)
    found = exchange(*map(RAHMEN.format, pair))
    assert found is not None
    assert found.reason == reason


@BOTH_WAYS
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("如何做", "怎样做", id="a synonym"),
        pytest.param("主要的", "关键的", id="an adjective"),
        pytest.param("电池", "电迟", id="a character mistyped"),
        pytest.param("这样", "这样子", id="a character more"),
    ],
)
def test_a_chinese_rewording_makes_no_other_record(one, other, is_swapped):
    pair = (other, one) if is_swapped else (one, other)
    assert exchange(*map(RAHMEN.format, pair)) is None


@pytest.mark.parametrize(
    ("frame", "one", "other"),
    [
        pytest.param("We sell {0}. Our {0} comes fresh. Buy {0} here.", "milk", "fish", id="en"),
        pytest.param("这里卖{0}，买{0}的人很多，{0}很新鲜。", "鱼", "菜", id="zh"),
    ],
)
def test_one_exchange_made_again_and_again_is_the_payload(frame, one, other):
    found = exchange(frame.format(one), frame.format(other))
    assert found == Difference("payload", one, other)


@pytest.mark.parametrize("text", ["", "tea", FRAME.format("it"), RAHMEN.format("这样")])
def test_nothing_is_exchanged_in_the_same_text(text):
    assert exchange(text, text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("we drink tea", "we drink"), ("", "tea"), ("我们喝茶", "我们喝")],
    ids=["left out", "from nothing", "left out of Chinese"],
)
def test_what_is_on_one_side_only_is_no_exchange(one, other):
    assert exchange(one, other) is None
    assert exchange(other, one) is None
