"""Duplicate, variant or new: pairs as they come, in both languages."""

from __future__ import annotations

import pytest

from quality.likeness import compare
from quality.readings import Reading, counted

EN = "Explain how a solar panel turns sunlight into electricity, and name two things that limit it."
ZH = "请解释太阳能电池板如何把阳光转化为电能，并说出影响效率的主要因素。"
TASK = (
    "You are a careful editor. Read the text below, correct its spelling, keep its tone, "
    "and answer with the corrected text only. Text: "
)


def verdict(one: str, other: str) -> tuple[str, str]:
    likeness = compare(Reading(one), Reading(other))
    return likeness.verdict.value, likeness.reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EN, EN.replace("electricity", "electricty")),
        (EN, "Please " + EN[0].lower() + EN[1:]),
        (EN, EN.replace("turns", "converts")),
        (EN, EN + " Thanks!"),
        (EN, EN.replace("solar panel", "typical solar panel")),
        (ZH, ZH.replace("主要", "关键")),
        (ZH, "你好，" + ZH),
        (ZH, ZH.replace("如何", "怎样")),
        (ZH, ZH.replace("转化", "转换")),
        ("如果明天下雨，我就留在家里看书。", "我就留在家里看书，如果明天下雨。"),
        (
            "1. Wash the rice. 2. Add water. 3. Boil it slowly.",
            "1. Wash the rice. 3. Boil it slowly.",
        ),
    ],
)
def test_finds_what_was_only_reworded(one, other):
    assert verdict(one, other) == ("duplicate", "")


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("What is 12 + 5?", "What is 12 + 6?", "number"),
        ("What is 5 minus 12?", "What is 12 minus 5?", "number"),
        ("The box holds three red apples.", "The box holds five red apples.", "number"),
        ("The meeting is on Monday at noon.", "The meeting is on Friday at noon.", "number"),
        ("小明买了三本书，送给了同学。", "小明买了五本书，送给了同学。", "number"),
        ("这条路长一百二十公里，要走很久。", "这条路长一百三十公里，要走很久。", "number"),
        ("Prices rose by 5% in the first year.", "Prices rose by 7% in the first year.", "number"),
        ("Take 3,5 ml every evening.", "Take 35 ml every evening.", "number"),
        ("Pick the rows 1,2,3 of the table.", "Pick the rows 12,3 of the table.", "number"),
        ("Take 5 mg of it every morning.", "Take 5 kg of it every morning.", "unit"),
        ("You should share this key.", "You should not share this key.", "negation"),
        ("这种药可以和牛奶一起服用。", "这种药不可以和牛奶一起服用。", "negation"),
        ("Find the maximum of this curve.", "Find the minimum of this curve.", "opposite"),
        ("求该函数在区间上的最大值。", "求该函数在区间上的最小值。", "opposite"),
        ("The right answer is A: it is round.", "The right answer is C: it is round.", "option"),
        ("Where did Marie Curie go to school?", "Where did Alan Turing go to school?", "name"),
        ("张伟昨天在会上介绍了新的方案。", "李娜昨天在会上介绍了新的方案。", "name"),
        ("请介绍北京的著名景点和美食。", "请介绍上海的著名景点和美食。", "name"),
        ("Can I take ibuprofen with some milk?", "Can I take metformin with some milk?", "payload"),
    ],
)  # fmt: skip
def test_keeps_what_says_another_thing(one, other, reason):
    assert verdict(one, other) == ("variant", reason)


CITY = "{0}\n{0}是这座城市的特色，出发前请查询官方信息，留意开放时间。\n这里有哪些值得去的{0}？"


@pytest.mark.parametrize("other", ["公园", "湖"])
def test_takes_one_exchange_made_everywhere_for_another_record(other):
    assert verdict(CITY.format("桥"), CITY.format(other)) == ("variant", "payload")


def test_takes_characters_exchanged_here_and_there_for_slips():
    mistyped = ZH.replace("电池", "电迟").replace("影响", "影想")
    assert verdict(ZH, mistyped) == ("duplicate", "")


def test_keeps_records_apart_that_share_a_long_instruction():
    one = TASK + "Teh cat sat on the mat and watched a bird in the old tree."
    other = TASK + "We will recieve the goods next week if no storm delays ships."
    assert verdict(one, other)[0] != "duplicate"


def test_calls_unrelated_texts_new():
    assert verdict(EN, "Write a short poem about the sea in winter.") == ("new", "")


@pytest.mark.parametrize("text", ["", "😀", "?!", "\x00\x07", "哈" * 300, "a " * 50_000])
def test_any_text_repeats_itself_and_nothing_else(text):
    assert verdict(text, text)[0] == "duplicate"
    assert verdict(text, EN) == ("new", "")


@pytest.mark.parametrize(
    ("numeral", "digits"),
    [
        ("二十三", "23"),
        ("三百零五", "305"),
        ("一万二千", "12000"),
        ("二〇二六", "2026"),
        ("十", "10"),
    ],
)
def test_reads_chinese_numerals(numeral, digits):
    assert counted(numeral) == digits


@pytest.mark.parametrize(
    ("one", "other"), [("学校午餐", "在家上学"), ("在家上学", "学校午餐"), ("光伏发电", "电子垃圾")]
)
def test_words_that_share_a_character_are_exchanged_all_the_same(one, other):
    pattern = "请用五句通俗的话，给从来没听说过的人讲清楚什么是{}。"
    found = compare(Reading(pattern.format(one)), Reading(pattern.format(other)))
    assert (found.verdict, found.ours, found.theirs) == ("variant", one, other)
