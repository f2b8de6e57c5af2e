"""What of a record is text, and which part each text plays: question, answer, label, aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from quality.scoring.measures import FIRST_IDEOGRAPH, MAX_CHARACTERS, TOKEN, Measures, measured

# What is read of one record; the rest of a huge one says nothing new.
MAX_LEAVES = 200
MAX_DEPTH = 8
OPENING_CHARACTERS, OPENING_LETTERS = 48, 24
_ASCII_SIGNS = bytes(code for code in range(128) if not chr(code).isalpha())
# Keeps what is known of them inside the processor's cache.
CHARACTERS_AT_ONCE = 50_000


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
# A line that begins as only code does.
_CODE_LINE = (
    r"[^\S\n]*(?:def |class |import |from \w+ import|#include|public |private |func |function "
    r"|SELECT\b|INSERT INTO|CREATE TABLE|const |let |var |<\?php|<html)"
)
FIRST_CODE_LINE, LATER_CODE_LINE = re.compile(_CODE_LINE), re.compile(rf"\n{_CODE_LINE}")


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
    """A text that says something."""

    __slots__ = ("is_code", "is_cut_short", "length", "measures", "name", "text", "words")

    measures: Measures
    words: float

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.length = len(text)
        self.is_cut_short = self.length > MAX_CHARACTERS
        self.text = text[:MAX_CHARACTERS]
        self.is_code = name in CODE_NAMES or is_code(self.text)

    @property
    def longest_word(self) -> str:
        words = [word for word in TOKEN.findall(self.text.lower()) if word < FIRST_IDEOGRAPH]
        return max(words, key=len, default="")


def is_code(text: str) -> bool:
    if "```" in text or FIRST_CODE_LINE.match(text):
        return True
    return "\n" in text and LATER_CODE_LINE.search(text) is not None


class Leaves:
    """The values of a record, wherever they lie."""

    def __init__(self, content: Any, labels: frozenset[str] = frozenset()) -> None:
        self.leaves: list[Leaf] = []
        self.is_conversation = False
        self.has_label = False
        self._collect("", content, labels, 0)
        self.prose = [leaf for leaf in self.leaves if leaf.is_prose]
        self.opening = opening_of(self.prose)

    def _collect(self, name: str, value: Any, labels: frozenset[str], depth: int) -> None:
        if len(self.leaves) >= MAX_LEAVES or depth > MAX_DEPTH:
            return
        if isinstance(value, str):
            is_label = name in LABELS or name in labels
            if is_label and value:
                self.has_label = True
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


def opening_of(prose: Iterable[Leaf]) -> str:
    """Return the first letters of the longest text, without case, spaces and digits."""
    texts = [leaf.text for leaf in prose if leaf.name not in EXEMPT]
    start = max(texts, key=len, default="")[:OPENING_CHARACTERS].lower()
    if start.isascii():
        return start.encode().translate(None, _ASCII_SIGNS)[:OPENING_LETTERS].decode()
    # An ideograph says about as much as three letters.
    return "".join(islice(filter(str.isalpha, start), OPENING_LETTERS // 3))


class Reading(Leaves):
    """A record taken apart; `read` measures its texts."""

    def __init__(self, content: Any, labels: frozenset[str] = frozenset()) -> None:
        super().__init__(content, labels)
        self.texts = [Text(leaf.name, leaf.text) for leaf in self.prose]
        # The texts that should be good; the bad half of a pair should not.
        self.judged = [text for text in self.texts if text.name not in EXEMPT] or self.texts
        self.main = max(self.judged, key=attrgetter("length"), default=None)

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


def read(contents: Iterable[Any], labels: frozenset[str] = frozenset()) -> Iterator[Reading]:
    """Take records apart and measure their texts, those of many records at once."""
    some: list[Reading] = []
    size = 0
    for content in contents:
        reading = Reading(content, labels)
        some.append(reading)
        size += len(reading.leaves) + sum([text.length for text in reading.texts])
        if size >= CHARACTERS_AT_ONCE:
            measure([text for reading in some for text in reading.texts])
            yield from some
            some, size = [], 0
    measure([text for reading in some for text in reading.texts])
    yield from some


def measure(texts: Sequence[Text]) -> None:
    for text, found in zip(texts, measured([text.text for text in texts]), strict=True):
        text.measures, text.words = found, found.words
