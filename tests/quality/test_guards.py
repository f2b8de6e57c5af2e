"""What makes two texts that share almost everything say different things."""

from __future__ import annotations

import pytest

from quality.blocks import Difference
from quality.guards import difference
from quality.likeness import different_blocks
from quality.readings import Reading, Token

BOTH_WAYS = pytest.mark.parametrize("is_swapped", [False, True], ids=["", "swapped"])


def tokens(text: str) -> list[Token]:
    return [token for clause in Reading(text).clauses for token in clause]


def found(one: str, other: str) -> Difference | None:
    ours, theirs = tokens(one), tokens(other)
    return difference(different_blocks(ours, theirs), (len(ours), len(theirs)))


def reason(one: str, other: str) -> str:
    said = found(one, other)
    return said.reason if said else ""


FILLED = "We heard yesterday that {} and thought about it for the rest of a long evening."
GEFUELLT = "我们昨天听说{}，后来整个晚上都在想这件事情。"


@BOTH_WAYS
@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("it took 3 days", "it took 4 days", "number", id="digits"),
        pytest.param("it took three days", "it took 4 days", "number", id="letters and digits"),
        pytest.param("it took three days", "it took 3 days", "", id="the same number in letters"),
        pytest.param("it took 1,000 days", "it took 1000 days", "", id="thousands"),
        pytest.param("it took days", "it took 7 days", "number", id="a number more"),
        pytest.param("a cup broke", "1 cup broke", "", id="one for an article"),
        pytest.param("it is 5 - 3", "it is 5 + 3", "number", id="another sign"),
        pytest.param("it is < 5", "it is > 5", "number", id="less and more"),
        pytest.param("it rose by 5%", "it rose by 5€", "number", id="percent and money"),
        pytest.param("it began at 3:30", "it began at 3:45", "number", id="times"),
        pytest.param("it costs 3.5 now", "it costs 35 now", "number", id="a decimal point"),
        pytest.param("it is possible", "it is not possible", "negation", id="not"),
        pytest.param("they never came", "they came", "negation", id="never"),
        pytest.param("they can go", "they can't go", "negation", id="cannot, shortened"),
        pytest.param("nobody came", "somebody came", "negation", id="nobody"),
        pytest.param("all went without it", "all went with it", "negation", id="without"),
        pytest.param("the key is B", "the key is C", "option", id="options"),
        pytest.param("it weighs 5 kg", "it weighs 5 g", "unit", id="weights"),
        pytest.param("it lasts 5 minutes", "it lasts 5 hours", "unit", id="times with units"),
        pytest.param("he met Anna there", "he met Robert there", "name", id="persons"),
        pytest.param("he flew to Rome", "he flew to Oslo", "name", id="cities"),
        pytest.param("he met Robert there", "he met Robret there", "", id="a name mistyped"),
        pytest.param("he met Ana there", "he met Anna and Bob there", "name", id="one more name"),
        pytest.param("prices rise again", "prices fall again", "opposite", id="opposites"),
        pytest.param("it is legal there", "it is illegal there", "opposite", id="a prefix"),
        pytest.param("he was careful", "he was careless", "opposite", id="an ending"),
        pytest.param("the gates opened", "the gates closed", "opposite", id="forms of opposites"),
        pytest.param("it is big", "it is large", "", id="synonyms"),
        pytest.param("it is really big", "it is big", "", id="a filler"),
    ],
)
def test_english_texts_differ_by(one, other, expected, is_swapped):
    pair = (other, one) if is_swapped else (one, other)
    assert reason(*map(FILLED.format, pair)) == expected


@BOTH_WAYS
@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("他买了三本书", "他买了五本书", "number", id="numerals"),
        pytest.param("他买了三本书", "他买了3本书", "", id="the same number in digits"),
        pytest.param("他住在十二楼", "他住在12楼", "", id="twelve"),
        pytest.param("路有三公里", "路有三公尺", "unit", id="lengths"),
        pytest.param("药要5毫克", "药要5毫升", "unit", id="a dose by weight and by volume"),
        pytest.param("路有5厘米", "路有5毫米", "unit", id="parts of a metre"),
        pytest.param("他扛了20公斤", "他走了20公里", "unit", id="weight and way"),
        pytest.param("药能吃", "药不能吃", "negation", id="not"),
        pytest.param("他来过", "他没来过", "negation", id="has not"),
        pytest.param("他很高兴", "他非常高兴", "", id="very"),
        pytest.param("价格上涨了", "价格下跌了", "opposite", id="rise and fall"),
        pytest.param("他在北京工作", "他在上海工作", "name", id="cities"),
        pytest.param("王芳来了", "李娜来了", "name", id="persons"),
        pytest.param("他很快乐", "他很开心", "", id="synonyms"),
    ],
)
def test_chinese_texts_differ_by(one, other, expected, is_swapped):
    pair = (other, one) if is_swapped else (one, other)
    assert reason(*map(GEFUELLT.format, pair)) == expected


@pytest.mark.parametrize(
    ("one", "other", "ours", "theirs"),
    [
        pytest.param("it took 3 days", "it took 1,400 days", "3", "1,400", id="as written"),
        pytest.param("it took days", "it took 7 days", "", "7", id="on one side only"),
        pytest.param("he met Anna there", "he met Robert there", "Anna", "Robert", id="with case"),
        pytest.param("prices rise now", "prices fall now", "rise", "fall", id="words"),
    ],
)
def test_says_what_stands_on_each_side(one, other, ours, theirs):
    said = found(FILLED.format(one), FILLED.format(other))
    assert said is not None
    assert (said.ours, said.theirs) == (ours, theirs)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("it took 3 days", "it is not 4 days", id="a number before a negation"),
        pytest.param("he met Anna at 3", "he met Robert at 4", id="a number before a name"),
    ],
)
def test_names_the_number_first(first, second):
    assert reason(FILLED.format(first), FILLED.format(second)) == "number"


@BOTH_WAYS
@pytest.mark.parametrize(
    "addition",
    [
        pytest.param("It was said that 12 men never saw Robert again there.", id="English"),
        pytest.param("据说那12个人从来没有再见过他们的队长。", id="Chinese"),
    ],
)
def test_a_sentence_that_was_added_is_judged_by_its_numbers_alone(addition, is_swapped):
    text = FILLED.format("prices rise")
    pair = (text, f"{text} {addition}")
    assert reason(*(reversed(pair) if is_swapped else pair)) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("what is 5 minus 12", "what is 12 minus 5", id="a subtraction"),
        pytest.param("divide 8 by 4 now", "divide 4 by 8 now", id="a division"),
    ],
)
def test_numbers_that_change_places_make_another_sum(one, other):
    assert reason(one, other) == reason(other, one) == "number"


@pytest.mark.parametrize(
    "question", ["他是不是来了", "你能不能来", "他来没来过"], ids=["is", "can", "came"]
)
def test_a_choice_of_yes_and_no_denies_nothing(question):
    plain = question[0] + question[3:]
    assert reason(GEFUELLT.format(question), GEFUELLT.format(plain)) != "negation"


@pytest.mark.parametrize(
    "word", ["非常", "无论", "不过", "不仅", "特别", "区别", "未来", "级别", "非洲", "识别"]
)
def test_a_character_of_another_word_denies_nothing(word):
    assert reason(GEFUELLT.format(f"{word}他也来"), GEFUELLT.format("他也来")) != "negation"


@pytest.mark.parametrize("text", ["", "tea", "绿茶", FILLED.format("12 men met Anna")])
def test_a_text_does_not_differ_from_itself(text):
    assert found(text, text) is None
