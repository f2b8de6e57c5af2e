"""Each kind of rule on sentences that are its business, and on ones that only look so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.content import Action, Kind, apply, checksums, expressions, finder
from quality.content.rules import Definition
from synthesis.models import Record
from tests.quality.content.finding import found, rule

HITS = {
    Kind.REFUSAL: (
        "I am sorry, but I am unable to provide that information.",
        "I won't create content of that kind.",
        "I’m unable to help with that request.",
        "Sorry — I can't generate this.",
        "I will not engage in this discussion.",
        "**I'm sorry**, but I can't help with that request.",
        "I'm afraid I can't help with that.",
        "My apologies, I cannot answer that question.",
        "抱歉，我不能提供该信息。",
        "对不起，我无法继续讨论这个话题。",
        "不好意思，我没办法回答这个问题。",
        "很抱歉，我没有办法完成这个任务。",
        "我不能协助您完成这件事。",
        "很抱歉，作为人工智能，我不能回答。",
        "这违反了我的使用政策。",
        "这违反了我们的内容政策。",
        "这违反相关使用准则。",
        "抱歉,我不能帮助您。",
    ),
    Kind.AI_SPEAK: (
        "I'm just a language model.",
        "I am an AI developed by a company.",
        "My training data ends in 2021.",
        "My last update was in September.",
        "I do not have access to the internet.",
        "I don't have personal experiences.",
        "作为一款AI助手，我很乐意帮忙。",
        "我只是一个语言模型。",
        "我是由某公司开发的人工智能助手。",
        "截至我的知识更新，情况如此。",
        "我没有情感，也没有意识。",
    ),
    Kind.PLACEHOLDER: (
        "Hello [Name],",
        "[Company Name] was founded",
        "Write to <your email>",
        "[Enter your name]",
        "<enter a value>",
        "- TODO: add it",
        "FIXME: later",
        "请在这里填写内容",
        "【插入图片】",
        "（此处省略）",
        "[姓名]",
        "某某大学",
    ),
}
MISSES = {
    Kind.REFUSAL: (
        "He is unable to provide for his family.",
        "We cannot answer every letter.",
        "Sorry I'm late, the train stood still.",
        "Unfortunately, the shop cannot provide bags.",
        "I'm afraid of spiders, and I cannot swim.",
        "他抱歉地说，自己不能提供证据。",
        "我们无法完成这项工程。",
        "无法回答的问题叫悖论。",
        "没办法，天又下雨了。",
        "我不能吃辣。",
        "他违反了交通规则。",
    ),
    Kind.AI_SPEAK: (
        "As an aid worker, I saw it.",
        "As an air pilot I fly.",
        "I am an airline clerk.",
        "My last update of the phone failed.",
        "As an AI researcher she wrote ten papers.",
        "Artificial light is bad for sleep.",
        "作为一个爱茶的人，我很高兴。",
        "人工智能正在改变世界。",
        "大模型的训练数据来自网络。",
        "作为一名AI工程师，他写代码。",
    ),
    Kind.PLACEHOLDER: (
        "See [1] and [2], [sic].",
        "Press [Enter] to go on.",
        "Type <Enter> twice.",
        "a[date] = 1",
        "<name>Anna</name>",
        "My todo list is long.",
        "XX and XXL are sizes.",
        "填写表格时请用黑笔。",
        "他在此处停留，省略了早饭。",
        "- [ ] an open task",
    ),
}


def pairs(table: dict[Kind, tuple[str, ...]]) -> list[Any]:
    return [
        pytest.param(kind, text, id=f"{kind.value}: {text[:30]}")
        for kind, texts in table.items()
        for text in texts
    ]


@pytest.mark.parametrize(("kind", "text"), pairs(HITS))
def test_finds(kind, text):
    assert [code for code, _shown in found(kind, text)][:1] == [kind.value]


@pytest.mark.parametrize(("kind", "text"), pairs(MISSES))
def test_leaves_alone(kind, text):
    assert found(kind, text) == []


@pytest.mark.parametrize(("kind", "text"), pairs(HITS)[::4])
def test_finds_it_in_any_text_of_a_record_and_names_the_field(kind, text):
    record = Record(content={"question": "Why?", "turns": [{"text": "Fine."}, {"text": text}]})
    apply([record], [rule(kind, Action.REJECT)])
    assert (record.status, record.findings[0]["field"]) == ("rejected", "turns[1].text")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    "text", ["", " ", "\n", "😀", "?", "。", "\u202e", "\ufffd", "0"], ids=ascii
)
def test_finds_nothing_where_there_is_nothing(kind, text):
    assert found(kind, text, words=["fool"], expression="fool", languages=["en"]) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_finder(kind):
    assert callable(finder(Definition(kind=kind, words=["x"], expression="x")))


# Languages

ZH = "绿茶在采摘之后不久就要杀青，这样才能保持颜色，也能留住香气，喝起来更清爽一些。"
EN = "Green tea is heated soon after it was picked, which keeps the colour of the leaves."
DE = "Der grüne Tee wird bald nach dem Pflücken erhitzt, damit die Blätter ihre Farbe behalten."


@pytest.mark.parametrize(
    ("text", "languages", "value"),
    [
        pytest.param(ZH, ["zh"], None, id="Chinese where it is expected"),
        pytest.param(ZH, ["en"], "zh", id="Chinese for English"),
        pytest.param(EN, ["en"], None, id="English where it is expected"),
        pytest.param(EN, ["zh"], "en", id="English for Chinese"),
        pytest.param(DE, ["en", "zh"], "de", id="German for either"),
        pytest.param(DE, ["de"], None, id="German where it is expected"),
        pytest.param("OK", ["zh"], None, id="too little to tell"),
        pytest.param("def f(x): return x", ["zh"], None, id="a line of code"),
        pytest.param(f"{ZH} {EN}", ["zh"], None, id="both, one of them expected"),
        pytest.param("12 + 5 = 17", ["zh"], None, id="a sum"),
    ],
)
def test_tells_a_text_in_another_language(text, languages, value):
    expected = [("language", value)] if value else []
    assert found(Kind.LANGUAGE, text, languages=languages) == expected


# Leakage

PROMPT = "You are a patient teacher of chemistry. Write {count} questions for pupils of the ninth"
ZH_PROMPT = "你是一位有耐心的化学老师，请围绕给出的主题为九年级学生编写若干道有答案的练习题。"


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        pytest.param(PROMPT, True, id="the whole prompt"),
        pytest.param(f"Sure! {PROMPT} grade.", True, id="the prompt inside"),
        pytest.param(PROMPT.upper(), True, id="in capitals"),
        pytest.param(PROMPT.replace(" ", "\n"), True, id="on many lines"),
        pytest.param(PROMPT[:40], False, id="its first words"),
        pytest.param("A patient teacher of chemistry smiled.", False, id="some of its words"),
        pytest.param(ZH_PROMPT, True, id="a Chinese prompt"),
        pytest.param(f"好的。{ZH_PROMPT[5:]}", True, id="most of a Chinese prompt"),
        pytest.param(ZH_PROMPT[:12], False, id="a few Chinese words"),
        pytest.param("化学老师编写练习题。", False, id="some of its Chinese words"),
    ],
)
def test_finds_the_instructions_in_a_record(text, is_found):
    prompts = (PROMPT, ZH_PROMPT)
    assert bool(found(Kind.LEAKAGE, text, prompts)) is is_found


@given(st.integers(0, 20), st.integers(60, len(PROMPT)))
def test_finds_any_long_piece_of_a_prompt(start, size):
    piece = PROMPT[start : start + size]
    # A run twice as long as a window is found for certain; sixty letters are enough to tell.
    assert bool(found(Kind.LEAKAGE, f"So: {piece}", (PROMPT,))) is (len(piece) >= 60)


# Numbers that prove themselves


@given(st.text("0123456789", min_size=12, max_size=18).filter(lambda text: len(set(text)) > 1))
def test_one_of_ten_digits_completes_a_card(digits):
    fits = [digit for digit in "0123456789" if checksums.is_bank_card(digits + digit)]
    assert len(fits) == 1


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 14), st.integers(1, 9))
def test_no_slip_of_one_digit_leaves_a_card(digits, place, step):
    whole = next(digits + digit for digit in "0123456789" if luhn(digits + digit))
    other = str((int(whole[place]) + step) % 10)
    assert not checksums.is_bank_card(whole[:place] + other + whole[place + 1 :])


def luhn(digits: str) -> bool:
    """Check a number as the standard puts it: from the right, every second one doubled."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@given(st.dates(), st.integers(0, 999))
def test_one_of_eleven_signs_completes_an_id_card(day, serial):
    head = f"110105{day:%Y%m%d}".replace(" ", "0").zfill(14) + f"{serial:03d}"
    fits = [sign for sign in "0123456789X" if checksums.is_id_card(head[-17:] + sign)]
    assert len(fits) == 1


@pytest.mark.parametrize(
    "number",
    ["110105194902300023", "110105190002290028", "110105199913010022", "110105199900100021"],
    ids=["30 February", "29 February 1900", "month 13", "day 0"],
)
def test_a_day_that_there_is_not_is_no_birthday(number):
    head = number[:17]
    assert not any(checksums.is_id_card(head + sign) for sign in "0123456789X")


# Expressions


@pytest.mark.parametrize(
    ("expression", "text", "shown"),
    [
        (r"\d{3}", "a 123 b 456", "123, 456"),
        ("(?i)tea", "Tea and TEA and tea", "Tea, TEA, tea"),
        (r"^第.章", "第一章", "第一章"),
        (r"\p{Han}+", "tea 茶叶", "茶叶"),
        ("😀+", "a😀😀b", "😀😀"),
        (r"\bcafé\b", "un café!", "café"),
        ("a|b|c|d|e", "edcba", "e, d, c"),
    ],
)
def test_finds_what_an_expression_fits(expression, text, shown):
    assert found(Kind.EXPRESSION, text, expression=expression) == [("expression", shown)]


@pytest.mark.parametrize(
    "expression",
    [
        "(a+)+$",
        "(a|a)+$",
        r"(\w+\s?)+:",
        r"(\d+)*x$",
        "(x+x+)+y",
        "([a-z]+)*[0-9]$",
        "(一+)+$",
    ],
)
def test_refuses_an_expression_that_hangs(expression):
    with pytest.raises(expressions.ExpressionError, match="takes too long"):
        expressions.check(expression)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("(", "cannot be read"),
        ("[", "cannot be read"),
        ("a{2,1}", "cannot be read"),
        ("(?P<x>a)(?P<x", "cannot be read"),
        (r"\p{Nonsense}", "cannot be read"),
        ("*", "cannot be read"),
        ("(" * 450, "cannot be read"),
        ("x" * 501, "longer than 500 characters"),
        ("", "fits the empty text"),
        ("x?", "fits the empty text"),
        ("(a|)", "fits the empty text"),
        ("^", "fits the empty text"),
        (r"\b|", "fits the empty text"),
    ],
)
def test_refuses_an_expression_that_is_none(expression, words):
    with pytest.raises(expressions.ExpressionError, match=words):
        expressions.check(expression)
