"""A text as the comparison reads it: its words, numbers and signs, clause by clause."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from quality import vocabulary
from quality.normalise import CJK, THOUSANDS, in_one_script, normalise

ALL_BITS = 2**64 - 1
FARTHEST = 24  # of 64 bits; texts that share nothing differ in about 32, repeats in about 12
NEAREST = 10  # up to here nearly all are repeats, and a look at their words is one too many
# Of the words; a comparison calls texts new that share less than half of their tokens.
FEWEST_WORDS_SHARED = 0.4
MOST_REMEMBERED = 20_000  # words: the same ones come again and again
LONGEST_REMEMBERED = 30  # characters
NUMERALS = "零〇一二两三四五六七八九十百千万亿"
DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}


def marks() -> str:
    """Return the signs that stand on a letter, for a class of characters.

    Vowels and tones of Hindi, Thai and their like; those of Latin letters, at the start of
    what Unicode calls marks, are looks.
    """
    codes = range(0x370, 0x10000)  # beyond, a class would be searched through sign by sign
    return "".join(sign for sign in map(chr, codes) if unicodedata.category(sign) in ("Mn", "Mc"))


MARKS = marks()
UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Tibetan, Burmese, Khmer
MARKED = re.compile(f"[{MARKS}{UNSPACED}]")  # the texts without any are read faster
LETTERS = rf"[^\W\d_{CJK}]+"
LETTER = rf"[^\W\d_{CJK}{UNSPACED}]"
MARKED_LETTERS = rf"{LETTER}+(?:[{MARKS}]+{LETTER}*)*"
SYLLABLE = rf"[{UNSPACED}][{MARKS}]*"
OPERAND = r"(?=[\d(]|[A-Za-z](?!\w))"  # on the right of a sign
TOKEN = rf"""
    (?P<plain>NO_NUMERALS)
    | (?P<number>\d+(?:[.,:/]\d+)*)
    | (?P<numeral>[{NUMERALS}]+)
    | (?P<cjk>[{CJK}])
    | (?P<syllable>SYLLABLE)
    | (?P<word>LETTERS(?:['’]LETTERS)*)
    | (?P<sign>[+=<>^%×÷±≤≥≠≈√$€£¥°℃]|!=|(?<=[\d)])\s?[-*/]\s?(?=[\d(])|(?<!\w)-(?=\d)
        | (?<=[\w)])(?:\*\*|[ ]\*\*[ ]){OPERAND} | (?<=(?<!\w)[A-Za-z])(?:\*|[ ]\*[ ]){OPERAND})
    | (?P<stop>[.!?;。！？；\n]+)
    | (?P<pause>[,，、:：|—]+)
    """

WORD = rf"[^\W_{CJK}]+|[{CJK}]|[-+=<>^%×÷±≤≥≠≈√$€£¥°℃*/]"
ALPHANUMERIC = rf"[^\W_{CJK}{UNSPACED}]"
WORDS = {
    False: re.compile(WORD),
    True: re.compile(rf"{ALPHANUMERIC}+(?:[{MARKS}]+{ALPHANUMERIC}*)*|{SYLLABLE}|{WORD}"),
}


class Token(NamedTuple):
    text: str
    """As it is compared: folded, and a number as its digits."""
    kind: str
    """word, cjk, number or sign."""
    shown: str
    is_name: bool
    """A word with a capital where a sentence would not put one."""
    starts: bool
    """The first word of its sentence."""


@dataclass(frozen=True, eq=False)
class Reading:
    text: str
    simhash: int | None = None
    """Of the whole text; None where nobody knows it."""

    def is_far_from(self, other: Reading) -> bool:
        """Tell, without reading them closely, that two texts have too little in common."""
        if self.simhash is not None and other.simhash is not None:
            bits = ((self.simhash ^ other.simhash) & ALL_BITS).bit_count()
            if bits > FARTHEST:
                return True
            if bits <= NEAREST:
                return False
        return self.share_of_words(other) < FEWEST_WORDS_SHARED

    def share_of_words(self, other: Reading) -> float:
        """Return at least the share of words that a comparison would find in both."""
        total = len(self.words) + len(other.words)
        ours = sum(map(frozenset(other.words).__contains__, self.words))
        theirs = sum(map(frozenset(self.words).__contains__, other.words))
        return 2 * min(ours, theirs) / total if total else 1.0

    @cached_property
    def plain(self) -> str:
        return in_one_script(self.text)

    @cached_property
    def words(self) -> list[str]:
        """The words, characters and signs of the text: no tokens yet, but soon found."""
        text = self.plain.casefold()
        return WORDS[is_marked(text)].findall(text)

    @cached_property
    def normal(self) -> str:
        return normalise(self.text)

    @cached_property
    def clauses(self) -> list[list[Token]]:
        """The clauses of the text, none of them empty."""
        return clauses_of(self.plain)

    @cached_property
    def clause_texts(self) -> list[tuple[str, ...]]:
        return [tuple([token.text for token in clause]) for clause in self.clauses]

    @cached_property
    def size(self) -> int:
        """In tokens."""
        return sum(map(len, self.clauses))

    @cached_property
    def markers(self) -> frozenset[int]:
        """The places of the clauses that only number a list: 1. 2. 3."""
        alone = {
            place: clause[0]
            for place, clause in enumerate(self.clauses)
            if len(clause) == 1 and clause[0].kind == "number" and clause[0].starts
        }
        values = {token.text for token in alone.values()}
        steps = {str(number) for number in range(1, len(alone) + 2)}
        is_list = 1 < len(alone) == len(values) and values <= steps
        return frozenset(alone) if is_list else frozenset()


def is_marked(text: str) -> bool:
    return not text.isascii() and MARKED.search(text) is not None


@cache
def token_pattern(has_marks: bool) -> re.Pattern[str]:
    harmless = sorted(vocabulary.listed("no_numerals_zh"), key=len, reverse=True)
    whole = TOKEN.replace("NO_NUMERALS", "|".join(harmless))
    whole = whole.replace("SYLLABLE", SYLLABLE if has_marks else "(?!)")
    return re.compile(
        whole.replace("LETTERS", MARKED_LETTERS if has_marks else LETTERS), re.VERBOSE
    )


def clauses_of(plain: str) -> list[list[Token]]:
    clauses: list[list[Token]] = [[]]
    starts = True
    for match in token_pattern(is_marked(plain)).finditer(plain):
        kind, found = match.lastgroup, match[0]
        if kind in ("stop", "pause"):
            starts = starts or kind == "stop" or found[0] in ":："
            if clauses[-1]:
                clauses.append([])
        else:
            read = remembered_tokens_of if len(found) <= LONGEST_REMEMBERED else tokens_of
            clauses[-1].extend(read(found, kind or "", starts))
            starts = False
    return clauses if clauses[-1] else clauses[:-1]


def tokens_of(found: str, kind: str, starts: bool) -> tuple[Token, ...]:
    if kind == "plain":
        return tuple(Token(sign, "cjk", sign, False, False) for sign in found)
    if kind in ("word", "syllable"):
        return (word_token(found, starts),)
    if kind == "numeral":
        return (Token(counted(found), "number", found, False, starts),)
    text = THOUSANDS.sub("", found) if kind == "number" else "".join(found.split())
    return (Token(text, kind, found, False, starts),)


remembered_tokens_of = lru_cache(maxsize=MOST_REMEMBERED)(tokens_of)


def word_token(found: str, starts: bool) -> Token:
    text = found.casefold().replace("'", "").replace("’", "")
    if number := vocabulary.written_numbers().get(text):
        return Token(number, "number", found, False, starts)
    has_capital = found[0].isupper() and found != "I"
    is_name = has_capital and (not starts or (len(found) > 1 and found.isupper()))
    return Token(text, "word", found, is_name or found[1:] != found[1:].lower(), starts)


def counted(numeral: str) -> str:
    """Return a Chinese numeral's digits; one that cannot be read stays as it is."""
    if all(sign in DIGITS for sign in numeral):
        return "".join(str(DIGITS[sign]) for sign in numeral)
    total = section = digit = 0
    smallest = {False: 10_000, True: 10**12}  # units inside a section, and those that end one
    for sign in numeral:
        unit = UNITS.get(sign, 0)
        if (not unit and digit) or unit >= smallest[unit >= 10_000]:
            return numeral
        if not unit:
            digit = DIGITS[sign]
        elif unit < 10_000:
            section, digit, smallest[False] = section + (digit or 1) * unit, 0, unit
        else:
            total, section, digit = total + (section + digit or 1) * unit, 0, 0
            smallest = {False: 10_000, True: unit}
    return str(total + section + digit)
