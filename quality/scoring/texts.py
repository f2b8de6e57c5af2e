"""What of a record is text, and which part each text plays: question, answer, label, aside."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, NamedTuple

# What is analysed of one text, and of one record; the rest of a huge record says nothing new.
MAX_CHARACTERS = 20_000
MAX_LEAVES = 200
MAX_DEPTH = 8
OPENING_CHARACTERS, OPENING_LETTERS = 48, 24

# A word, or one Chinese, Japanese or Korean character.
TOKEN = re.compile(
    r"[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
FIRST_IDEOGRAPH = "\u3040"
WORDS_PER_IDEOGRAPH = 0.6


def named(names: str) -> frozenset[str]:
    return frozenset(names.split())


QUESTIONS = named("question instruction prompt query user 问题 指令 提问 题目 提示")
ANSWERS = named(
    "answer output response completion reply solution chosen assistant"
    " 回答 答案 输出 回复 解答 答复"
)
LABELS = named(
    "label category class sentiment tag type role from lang language level difficulty subject"
    " topic intent emotion grade score rating id url source name title key option correct"
    " 标签 类别 分类 情感 类型 角色 语言 难度 科目 主题 意图 情绪 等级 评分 来源 名称 标题 选项"
)
# May be empty in good records: the optional input of an instruction, for one.
OPTIONAL = named(
    "input context system history note notes comment hint tags metadata extra thinking 输入 上下文"
    " 背景 系统 备注 提示词 历史"
)
MATERIAL = named("input 输入")
# The worse half of a preference pair is bad on purpose.
EXEMPT = frozenset(("rejected", "bad", "worse", "拒绝", "较差"))
CODE_NAMES = frozenset(("code", "sql", "script", "program", "代码", "程序"))
CODE = re.compile(
    r"```|^\s*(?:def |class |import |from \w+ import|#include|public |private |func |function "
    r"|SELECT\b|INSERT INTO|CREATE TABLE|const |let |var |<\?php|<html)",
    re.MULTILINE,
)


class Leaf(NamedTuple):
    """One value of a record, with the name of the field that it lies in."""

    name: str
    text: str
    is_text: bool
    is_label: bool = False

    @property
    def is_prose(self) -> bool:
        is_blank = not self.text or self.text.isspace()
        return self.is_text and not self.is_label and not is_blank


class Text:
    """A text that says something, with its tokens."""

    __slots__ = ("is_code", "is_cut_short", "length", "longest", "name", "text", "tokens", "words")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.length = len(text)
        self.is_cut_short = self.length > MAX_CHARACTERS
        self.text = text = text[:MAX_CHARACTERS]
        self.tokens = tokens = TOKEN.findall(text.lower())
        words = tokens
        if not text.isascii():
            words = [token for token in tokens if token < FIRST_IDEOGRAPH]
        self.longest: str = max(words, key=len, default="")
        # The length in words of English.
        self.words = len(words) + WORDS_PER_IDEOGRAPH * (len(tokens) - len(words))
        self.is_code = name in CODE_NAMES or CODE.search(text) is not None


class Leaves:
    """The values of a record, wherever they lie."""

    def __init__(self, content: Any, labels: frozenset[str] = frozenset()) -> None:
        self.leaves: list[Leaf] = []
        self.is_conversation = False
        self.has_label = False
        self._collect("", content, labels, 0)

    def _collect(self, name: str, value: Any, labels: frozenset[str], depth: int) -> None:
        if len(self.leaves) >= MAX_LEAVES or depth > MAX_DEPTH:
            return
        if isinstance(value, str):
            is_label = name in LABELS or name in labels
            self.has_label = self.has_label or (is_label and bool(value))
            self.leaves.append(Leaf(name, value, True, is_label))
        elif isinstance(value, dict) and value:
            self._collect_fields(value, labels, depth)
        elif isinstance(value, list) and value:
            for item in value:
                self._collect(name, item, labels, depth + 1)
        else:
            text = "" if value is None or value in ({}, []) else str(value)
            self.leaves.append(Leaf(name, text, False))

    def _collect_fields(self, fields: dict[str, Any], labels: frozenset[str], depth: int) -> None:
        role = fields.get("role", fields.get("from"))
        if isinstance(role, str) and depth:
            self.is_conversation = True
        for name, value in fields.items():
            self._collect(name.lower(), value, labels, depth + 1)

    @cached_property
    def opening(self) -> str:
        """The first letters of the longest text, without case, spaces and digits."""
        texts = [leaf.text for leaf in self.leaves if leaf.is_prose and leaf.name not in EXEMPT]
        start = max(texts, key=len, default="")[:OPENING_CHARACTERS].lower()
        letters = "".join(filter(str.isalpha, start))
        # An ideograph says about as much as three letters.
        return letters[:OPENING_LETTERS] if start.isascii() else letters[: OPENING_LETTERS // 3]


class Reading(Leaves):
    """A record taken apart, its texts in tokens."""

    def __init__(self, content: Any, labels: frozenset[str] = frozenset()) -> None:
        super().__init__(content, labels)
        self.texts = [Text(leaf.name, leaf.text) for leaf in self.leaves if leaf.is_prose]
        # The texts that should be good; the bad half of a pair should not.
        self.judged = [text for text in self.texts if text.name not in EXEMPT] or self.texts
        self.main = max(self.judged, key=lambda text: text.length, default=None)

    @property
    def question(self) -> str:
        return next((text.text for text in self.texts if text.name in QUESTIONS), "")

    @property
    def given_words(self) -> float:
        """The length of the material that an instruction comes with."""
        return sum(text.words for text in self.texts if text.name in MATERIAL)

    @property
    def answers(self) -> list[Text]:
        return [text for text in self.judged if text.name in ANSWERS]
