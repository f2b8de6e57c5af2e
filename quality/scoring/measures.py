"""What is counted in texts: signs of some classes, words, and runs of words that come again.

Many texts go through numpy together: one by one they would cost many times that.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quality.characters import Codes, codes_of, text_of

Hashes = npt.NDArray[np.uint64]
# Where in an array something stands, in ascending order; or how often in each text.
Places = npt.NDArray[np.int64]

# What is analysed of one text; the rest of a huge one says nothing new.
MAX_CHARACTERS = 20_000
# Bounds the memory, and keeps the number of a text within its bits.
MOST_AT_ONCE = 100_000  # characters
TEXT_BITS = 16

# A word, or one Chinese, Japanese or Korean character.
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
TOKEN = re.compile(rf"[^\W_{_IDEOGRAPHS}]+|[{_IDEOGRAPHS}]")
FIRST_IDEOGRAPH = "\u3040"
WORDS_PER_IDEOGRAPH = 0.6

GRAM = 4
LEAST_GRAMS = 8
LEAST_TOKENS = LEAST_GRAMS + GRAM - 1
MAX_TOKENS = 5000
RUN_LETTERS = 12
LONG_WORD_LETTERS = 31

# What UTF-8 read as GBK makes common.
GBK_SIGNS = "鐨鍦涓鏄浠鎴浣犲锛銆鈥闂绛涔鏈鍙瀹瑙鑳鎬閲绗簡湪槸垜嬪紝"
WORD, IDEOGRAPH, SYMBOL, STOP, UNREADABLE, SUSPECT, BRACKET = (1 << bit for bit in range(7))
_CLASSES = {
    WORD: rf"[^\W_{_IDEOGRAPHS}]+",
    IDEOGRAPH: f"[{_IDEOGRAPHS}]+",
    SYMBOL: r"[^\w\s,.!?;:'\"()\-–—，。！？；：、“”‘’（）《》…]+",
    STOP: r"[.!?。！？；;\n…]+",
    UNREADABLE: "[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff]+",
    BRACKET: r"[(\[{<（“《「【]+",
    # What texts in a wrong encoding are full of; each of them stands in good ones, too.
    SUSPECT: f"[\x80-\xff锟烫屯{GBK_SIGNS}]+",
}
# Stands around each text: it is of none of these classes, and parts words.
_BETWEEN = " "

_random = np.random.default_rng(20_261_124)
_LETTER_FACTORS = _random.integers(2**64, size=MAX_CHARACTERS, dtype=np.uint64) | np.uint64(1)
_TOKEN_FACTORS = _random.integers(2**64, size=GRAM, dtype=np.uint64) | np.uint64(1)


class Measures(NamedTuple):
    symbols: int
    stops: int
    unreadable: int
    suspects: int
    brackets: int
    """Of those that open."""
    tokens: int
    words: float
    """The length in words of English."""
    long_words: int
    """Tokens up to the next that may be words of LONG_WORD_LETTERS or more."""
    letter_runs: int
    """How often one letter, of whatever case, stands RUN_LETTERS times in a row or more."""
    grams: int
    """Runs of GRAM tokens, or single tokens where there are fewer than LEAST_TOKENS."""
    distinct: int
    """Grams that differ from all others."""


def measured(texts: Sequence[str]) -> list[Measures]:
    """Measure texts of at most MAX_CHARACTERS each.

    Cost: some 300 µs, and 40 µs for each 1,000 characters; memory as for MOST_AT_ONCE.
    """
    found: list[Measures] = []
    for some in portions(texts):
        columns = [*signs(some), *token_columns([text.lower() for text in some])]
        rows = zip(*(column.tolist() for column in columns), strict=True)
        found.extend(map(Measures._make, rows))
    return found


def portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for place, text in enumerate(texts):
        if size and size + len(text) >= MOST_AT_ONCE:
            yield texts[start:place]
            start, size = place, 0
        size += len(text) + 1
    if size:
        yield texts[start:]


def signs(texts: Sequence[str]) -> list[Places]:
    """Count the signs of each class."""
    codes, bounds = joined(texts)
    classes = class_table().take(codes)
    wanted = (SYMBOL, STOP, UNREADABLE, SUSPECT, BRACKET)
    return [counted(np.flatnonzero((classes & sign) > 0), bounds) for sign in wanted]


def joined(texts: Sequence[str]) -> tuple[Codes, Places]:
    """Put texts behind one another; say where each begins, and where another would."""
    whole = _BETWEEN.join(["", *texts, ""])
    return codes_of(whole), np.cumsum([1, *map(len, texts)]) + np.arange(len(texts) + 1)


def counted(places: Places, bounds: Places) -> Places:
    """Count the places from each bound to the next."""
    return np.diff(np.searchsorted(places, bounds))


@cache
def class_table() -> npt.NDArray[np.uint8]:
    """Give for every character the classes that it belongs to."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
    characters = text_of(np.arange(len(table), dtype=np.uint32))
    for sign, pattern in _CLASSES.items():
        for run in re.finditer(pattern, characters):
            table[run.start() : run.end()] |= sign
    return table


def token_columns(lowered: Sequence[str]) -> list[npt.NDArray[Any]]:
    """Count the tokens, and the runs of them that differ."""
    codes, bounds = joined(lowered)
    classes = class_table().take(codes)
    is_word = (classes & WORD) > 0
    is_start = (classes & IDEOGRAPH) > 0
    letters = codes * (is_word | is_start)
    is_start[1:] |= is_word[1:] > is_word[:-1]
    # What stands before the texts is a token of none of them.
    is_start[0] = True
    starts = np.flatnonzero(is_start)
    reaches = np.diff(starts, append=len(codes))
    of_text = np.searchsorted(starts, bounds)
    is_ideograph = letters[starts] >= ord(FIRST_IDEOGRAPH)
    counts, ideographs = np.diff(of_text), counted(np.flatnonzero(is_ideograph), of_text)
    return [
        counts,
        (counts - ideographs) + WORDS_PER_IDEOGRAPH * ideographs,
        counted(np.flatnonzero(reaches >= LONG_WORD_LETTERS), of_text),
        counted(letter_runs(codes), bounds),
        *grams(token_hashes(letters, starts, reaches)[1:], counts),
    ]


def letter_runs(codes: Codes) -> Places:
    """Return where a letter has stood RUN_LETTERS times in a row."""
    changes = np.flatnonzero(codes[1:] != codes[:-1])
    return changes[1:][np.diff(changes) >= RUN_LETTERS]


def token_hashes(letters: Codes, starts: Places, reaches: Places) -> Hashes:
    """Hash each token, as the sum of its letters, each times the factor of its place."""
    places = np.arange(len(letters)) - np.repeat(starts, reaches)
    sums = np.cumsum(letters * _LETTER_FACTORS.take(places, mode="clip"))
    found: Hashes = np.diff(sums[starts + reaches - 1], prepend=np.uint64(0))
    return found


def grams(hashes: Hashes, counts: Places) -> tuple[Places, Places]:
    """Count the grams of each text, and the different ones.

    The texts' numbers before the hashes keep those of one text together when all are sorted.
    """
    is_short = counts < LEAST_TOKENS
    sizes = np.where(is_short, counts, np.minimum(counts, MAX_TOKENS) - GRAM + 1)
    numbers = np.repeat(np.arange(len(counts)), counts)
    firsts = np.cumsum(counts) - counts
    is_gram = np.arange(len(hashes)) < (firsts + sizes)[numbers]
    values = np.where(is_short[numbers], hashes, gram_hashes(hashes))
    keys = numbers.astype(np.uint64) << np.uint64(64 - TEXT_BITS) | values >> np.uint64(TEXT_BITS)
    keys = np.sort(keys[is_gram])
    different = np.flatnonzero(np.diff(keys, prepend=keys[:1] + np.uint64(1)))
    return sizes, counted(different, np.append(0, np.cumsum(sizes)))


def gram_hashes(hashes: Hashes) -> Hashes:
    padded = np.append(hashes, np.zeros(GRAM - 1, dtype=np.uint64))
    found = np.zeros(len(hashes), dtype=np.uint64)
    for place, factor in enumerate(_TOKEN_FACTORS):
        found += padded[place : place + len(hashes)] * factor
    return found
