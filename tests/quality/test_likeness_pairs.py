"""Pairs of texts whichever comes first, and what no pair may show."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.likeness import Verdict, compare
from quality.normalise import normalise
from quality.readings import Reading

WORDS = ["tea", "milk", "hot", "is", "the", "12", "Anna", "not", "cup", "one", "leaves", "green"]
HANZI = list("茶很热不是三杯牛奶和绿叶的小明")

sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join) | st.lists(
    st.sampled_from(HANZI), min_size=1, max_size=14
).map("".join)


def verdict(one: str, other: str) -> str:
    return compare(Reading(one), Reading(other)).verdict.value


BOTH_WAYS = pytest.mark.parametrize("is_swapped", [False, True], ids=["", "swapped"])


@BOTH_WAYS
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "The meeting starts at 9 in room 4 of the old hall.",
            "The meeting starts at 10 in room 4 of the old hall.",
            id="an hour",
        ),
        pytest.param(
            "Water boils at 100 degrees at the level of the sea.",
            "Water boils at 90 degrees at the level of the sea.",
            id="a temperature",
        ),
        pytest.param(
            "The train to Berlin leaves from the first platform today.",
            "The train to Munich leaves from the first platform today.",
            id="a city",
        ),
        pytest.param(
            "The price has risen since the end of the last year.",
            "The price has fallen since the end of the last year.",
            id="an opposite",
        ),
        pytest.param(
            "You can open the window while the engine is running.",
            "You cannot open the window while the engine is running.",
            id="a negation",
        ),
        pytest.param(
            "Turn the screw to the left until you hear a click.",
            "Turn the screw to the right until you hear a click.",
            id="left and right",
        ),
        pytest.param(
            "The bridge is 12 km long and crosses the whole bay.",
            "The bridge is 12 m long and crosses the whole bay.",
            id="a unit",
        ),
        pytest.param(
            "这座桥建于1990年，全长三公里。", "这座桥建于1992年，全长三公里。", id="a year"
        ),
        pytest.param(
            "会议在下午三点开始，请准时。", "会议在下午五点开始，请准时。", id="an hour in Chinese"
        ),
        pytest.param(
            "这种蘑菇可以直接食用，味道好。", "这种蘑菇不可以直接食用，味道好。", id="not"
        ),
        pytest.param(
            "请计算这组数据的最大值是多少。", "请计算这组数据的最小值是多少。", id="most and least"
        ),
        pytest.param(
            "王芳在学校教数学已经很多年了。", "李娜在学校教数学已经很多年了。", id="a name"
        ),
        pytest.param(
            "从北京出发的火车晚上到达终点站。", "从上海出发的火车晚上到达终点站。", id="a place"
        ),
    ],
)
def test_says_another_thing(one, other, is_swapped):
    pair = (other, one) if is_swapped else (one, other)
    assert verdict(*pair) == "variant"


@BOTH_WAYS
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "Explain in short how a heat pump warms a house in winter.",
            "Explain briefly how a heat pump warms a house in winter.",
            id="a synonym",
        ),
        pytest.param(
            "Explain how a heat pump warms a house in winter.",
            "Please explain how a heat pump warms a house in winter.",
            id="a courtesy",
        ),
        pytest.param(
            "Explain how a heat pump warms a house in winter.",
            "Explain how a heat pump warms a hosue in winter.",
            id="a slip",
        ),
        pytest.param(
            "Wash the rice, add the water, and boil it slowly.",
            "Add the water, wash the rice, and boil it slowly.",
            id="clauses in another order",
        ),
        pytest.param(
            "The colour of the sky is blue because air scatters light.",
            "The color of the sky is blue because air scatters light.",
            id="another spelling",
        ),
        pytest.param(
            "请解释热泵在冬天如何给房子供暖。",
            "请解释热泵在冬天怎样给房子供暖。",
            id="a Chinese synonym",
        ),
        pytest.param(
            "請解釋熱泵在冬天如何給房子供暖。",
            "请解释热泵在冬天如何给房子供暖。",
            id="another script",
        ),
        pytest.param(
            "热泵在冬天给房子供暖，很省电。", "热泵在冬天给房子供暖，很省电！！", id="signs"
        ),
        pytest.param(
            "他买了12本书，都送给了同学们。",
            "他买了十二本书，都送给了同学们。",
            id="a number in letters",
        ),
        pytest.param(
            "She has twelve books about the sea.", "She has 12 books about the sea.", id="twelve"
        ),
        pytest.param(
            "ＡＢＣ is a series of letters, not more.",
            "ABC is a series of letters, not more.",
            id="width",
        ),
    ],
)
def test_says_the_same(one, other, is_swapped):
    pair = (other, one) if is_swapped else (one, other)
    assert verdict(*pair) == "duplicate"


TOPICS = [
    "Green tea is made of leaves that were heated soon after they were picked.",
    "A diesel motor burns its fuel by the heat of strongly compressed air.",
    "The senate of Rome met in a house beside the forum every month.",
    "绿茶在采摘之后不久就要杀青，这样才能保持颜色。",
    "柴油机依靠压缩空气产生的热量点燃燃料。",
    "罗马的元老院每个月都在广场旁边的房子里开会。",
]


@pytest.mark.parametrize(
    ("one", "other"), [pair for pair in product(TOPICS, TOPICS) if pair[0] != pair[1]]
)
def test_texts_about_other_things_are_new(one, other):
    assert verdict(one, other) == "new"


@given(sentences)
def test_every_text_repeats_itself(text):
    found = compare(Reading(text), Reading(text))
    assert (found.verdict, found.similarity) == (Verdict.DUPLICATE, 1.0)


@given(sentences, sentences)
def test_the_similarity_is_the_same_from_both_sides(one, other):
    there, back = compare(Reading(one), Reading(other)), compare(Reading(other), Reading(one))
    assert there.similarity == pytest.approx(back.similarity)
    assert 0 <= there.similarity <= 1


@given(sentences, sentences, st.floats(0.3, 1), st.floats(0.3, 1))
def test_a_stricter_threshold_never_finds_more_duplicates(one, other, first, second):
    low, high = sorted([first, second])
    if compare(Reading(one), Reading(other), high).verdict == Verdict.DUPLICATE:
        assert compare(Reading(one), Reading(other), low).verdict == Verdict.DUPLICATE


@given(sentences, st.sampled_from(["!", " !", "\n", "…", "\u3000", "\u200b", " 😀"]))
def test_what_is_only_looks_makes_no_other_text(text, looks):
    assert verdict(text, text + looks) == "duplicate"


@given(sentences, sentences)
def test_full_width_characters_change_no_verdict(one, other):
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in other)
    assert verdict(one, wide) == verdict(one, other)


@given(sentences, sentences)
def test_a_variant_says_what_differs(one, other):
    found = compare(Reading(one), Reading(other))
    if found.verdict == Verdict.VARIANT:
        assert found.reason
        assert found.ours or found.theirs
    else:
        assert (found.reason, found.ours, found.theirs) == ("", "", "")


@given(sentences)
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Hello, World!", "hello world", id="case and signs"),
        pytest.param("a  b\tc\n", "a b c", id="blanks"),
        pytest.param("“quoted”", "'quoted'", id="quotes"),
        pytest.param("don't", "don’t", id="apostrophes"),
        pytest.param("2019—2020", "2019-2020", id="dashes"),
        pytest.param("1,000,000", "1000000", id="thousands"),
        pytest.param("開發軟體", "开发软体", id="scripts"),
        pytest.param("第 3 章", "第3章", id="blanks around digits in Chinese"),
        pytest.param("**bold**", "bold", id="Markdown"),
        pytest.param("# Title", "Title", id="a heading"),
        pytest.param("ﬁne", "fine", id="a ligature"),
        pytest.param("x\u00ady", "x y", id="a soft hyphen"),
        pytest.param("①", "1", id="a number in a circle"),
        pytest.param("a\ufe0f", "a", id="a selector"),
    ],
)
def test_is_only_looks(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("1.5", "15", id="a decimal point"),
        pytest.param("3:30", "3.30", id="a time"),
        pytest.param("5-3", "53", id="a minus"),
        pytest.param("5-3", "5+3", id="a sum"),
        pytest.param("a/b", "ab", id="a slash"),
        pytest.param("a&b", "ab", id="an ampersand"),
        pytest.param("x_1", "x1", id="an underscore"),
        pytest.param("user@host", "userhost", id="an at"),
        pytest.param("C#", "C", id="a sharp"),
        pytest.param("C++", "C", id="pluses"),
        pytest.param("2**3", "2*3", id="a power"),
        pytest.param("10²", "102", id="a power written small"),
        pytest.param("½", "12", id="a half"),
        pytest.param("!=", "==", id="unequal"),
        pytest.param("5%", "5", id="percent"),
        pytest.param("resume", "résumé", id="accents"),
        pytest.param("ice cream", "icecream", id="a blank between words"),
        pytest.param("😀", "😢", id="emoji"),
    ],
)
def test_is_meant(one, other):
    assert normalise(one) != normalise(other)
