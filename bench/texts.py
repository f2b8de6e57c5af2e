"""Texts for benches: no sense, but the letters, words and neighbours of real English and Chinese.

Fingerprints of random letters never meet; those of real texts do, for all say "the" and 我们.
So the texts are put together of pairs of words, and of three characters, that stand beside
each other in the project's own documents, with their numbers and stops. They are as long as
short questions and answers are: some 280 characters of English, some 120 of Chinese.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ("README.md", "docs/*.md", "tests/quality/**/*en.txt")
CHINESE = ("README.zh.md", "locale/zh*/LC_MESSAGES/django.po", "tests/quality/**/*zh.txt")
ENDS = " .,;:?!，、；：。"

Content = dict[str, str]


class Language(NamedTuple):
    pieces: list[str]
    question: int  # pieces
    answer: int
    end: str


def english() -> Language:
    words = re.findall(r"[A-Za-z0-9][\w'%-]*[.,;:?!]?", read(ENGLISH), re.ASCII)
    pieces = [f"{one} {other} " for one, other in pairwise(words)]
    return Language(pieces, 5, 20, ".")


def chinese() -> Language:
    runs = re.findall("[\u4e00-\u9fff0-9，、；：。]{3,}", read(CHINESE))
    pieces = [run[at : at + 3] for run in runs for at in range(len(run) - 2)]
    return Language(pieces, 6, 32, "。")


def read(patterns: tuple[str, ...]) -> str:
    paths = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return " ".join(path.read_text(encoding="utf-8") for path in paths)


def contents(seed: int) -> Iterator[Content]:
    """Yield questions and answers without end, English and Chinese in turn."""
    draw = random.Random(seed)
    languages = (english(), chinese())
    while True:
        for language in languages:
            question = "".join(draw.choices(language.pieces, k=language.question)).strip(ENDS)
            answer = "".join(draw.choices(language.pieces, k=language.answer)).strip(ENDS)
            yield {"question": f"{question}?", "answer": f"{answer}{language.end}"}


def edited(content: Content, draw: random.Random) -> Content:
    """Return the content as another model run might have written it: one word fewer, or none."""
    answer = content["answer"]
    if draw.random() < 0.3:
        return {**content, "answer": f"{answer.upper()} "}
    parts = answer.split(" ") if " " in answer else list(answer)
    del parts[draw.randrange(len(parts) - 1)]
    return {**content, "answer": (" " if " " in answer else "").join(parts)}
