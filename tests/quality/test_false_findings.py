"""What the starter rules say about ordinary texts, and what they find among defects."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from quality import rule_starters
from quality.content import Action, ActiveRule, Definition, apply, finder
from quality.rule_starters import POLICY_RULES, RULES
from quality.validators import FormatRules, check
from synthesis.models import Record

FOLDER = Path(__file__).parent / "ordinary"
PROMPTS = {
    "en": ("Write {count} short texts about {topic} for a school book. Reply with JSON only.",),
    "zh": ("请围绕{topic}写{count}段适合课本的短文，语言要通顺自然，只输出 JSON。",),
}
MOST_FALSE = 0.02
FEWEST_FOUND = 0.95


@cache
def ordinary(language: str) -> list[str]:
    lines = (FOLDER / f"{language}.txt").read_text("utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines]


@cache
def rules(policy: str) -> tuple[ActiveRule, ...]:
    return tuple(
        ActiveRule(name=code, action=Action(action), find=finder(definition(code)))
        for code, action in POLICY_RULES[policy].items()
    )


def definition(code: str) -> Definition:
    row = RULES[code]
    parts = {name: row[name] for name in ("kind", "data_types") if name in row}
    return Definition(words=rule_starters.words(code).splitlines(), **parts)


def judged(texts: list[str], language: str, policy: str = "standard", **form) -> list[Record]:
    records = [Record(content={"text": text}) for text in texts]
    check(records, {"required": ["text"]}, FormatRules(expected_language=language, **form))
    apply(records, rules(policy), PROMPTS[language])
    return records


def share_found(records: list[Record]) -> float:
    return sum(record.status != "accepted" for record in records) / len(records)


@pytest.mark.parametrize("policy", list(POLICY_RULES))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_ordinary_texts_are_left_alone(language: str, policy: str) -> None:
    texts = ordinary(language)
    assert len(set(texts)) == 100
    flagged = [
        (record.content, record.findings)
        for record in judged(texts, language, policy)
        if record.findings
    ]
    assert len(flagged) < MOST_FALSE * len(texts), flagged


def loops(text: str, number: int) -> str:
    head = text[: 8 + number % 20]
    return head * (6 + number % 5)


def long_loops(text: str, number: int) -> str:
    return text + text[-(10 + number % 10) :] * 12


def runs(text: str, number: int) -> str:
    place = number % max(len(text), 1)
    return text[:place] + "abc哈嗯！"[number % 6] * (12 + number % 30) + text[place:]


REFUSALS = {
    "en": (
        "I'm sorry, but I can't assist with that request.",
        "As an AI language model, I cannot provide opinions on this topic.",
        "I apologize, but I'm unable to generate content of this kind.",
        "Sorry, I can't help with that request.",
        "I cannot fulfill this request.",
        "Unfortunately, I am not able to provide any information about it.",
        "I'm just an AI assistant and have no personal experience.",
        "As a large language model, I don't have feelings.",
        "As of my last knowledge update, this was not known.",
        "I’m sorry, but I cannot discuss this subject.",
    ),
    "zh": (
        "抱歉，我无法提供这方面的内容。",
        "作为一个人工智能语言模型，我没有个人观点。",
        "很抱歉，我不能回答这个问题。",
        "对不起，我无法生成此类内容。",
        "我无法满足您的请求。",
        "作为AI助手，我不能参与政治讨论。",
        "非常抱歉，我没办法协助您完成这项任务。",
        "我是一个人工智能助手，没有情感。",
        "作为一个大型语言模型，我不具备这种能力。",
        "我无法回答这个问题，让我们换个话题吧。",
    ),
}
PLACEHOLDERS = {
    "en": (
        "[insert name]",
        "[Your Company Name]",
        "Lorem ipsum dolor sit amet",
        "XXX",
        "TODO: finish",
        "<insert answer here>",
        "[Company Name]",
        "placeholder text",
        "[date of the meeting]",
        "[Recipient's name]",
    ),
    "zh": (
        "此处填写答案",
        "【请填写姓名】",
        "请在此处输入内容",
        "（待补充）",
        "XXX",
        "某某公司",
        "[插入日期]",
        "在这里填写理由",
        "占位文本",
        "答案待补充",
    ),
}


def refusals(text: str, number: int, language: str) -> str:
    return f"{REFUSALS[language][number % 10]} {text[: number * 2]}"


def placeholders(text: str, number: int, language: str) -> str:
    half = len(text) // 2
    return f"{text[:half]} {PLACEHOLDERS[language][number % 10]} {text[half:]}"


def too_short(text: str, number: int) -> str:
    return text[: number % 8]


DEFECTS = {
    "loops": loops,
    "long loops": long_loops,
    "runs": runs,
    "too short": too_short,
    "refusals": refusals,
    "placeholders": placeholders,
}


@pytest.mark.parametrize("kind", list(DEFECTS))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_defects_are_found(language: str, kind: str) -> None:
    spoil = DEFECTS[kind]
    more = (language,) if kind in {"refusals", "placeholders"} else ()
    texts = [text for text in ordinary(language) if len(text) > 20]
    broken = [spoil(text, number, *more) for number, text in enumerate(texts)]
    records = judged(broken, language, min_characters=8)
    missed = [record.content for record in records if record.status == "accepted"]
    assert share_found(records) >= FEWEST_FOUND, missed


@pytest.mark.parametrize(("language", "expected"), [("en", "zh"), ("zh", "en")])
def test_the_wrong_language_is_found(language: str, expected: str) -> None:
    texts = [text for text in ordinary(language) if len(text) > 20]
    records = judged(texts, expected)
    missed = [record.content for record in records if record.status == "accepted"]
    assert share_found(records) >= FEWEST_FOUND, missed
