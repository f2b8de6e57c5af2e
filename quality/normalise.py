"""One form for texts that differ only in looks.

Width, case, blanks, punctuation and traditional characters are looks. Digits and the
signs that carry meaning between them are not: 12+5 is neither 1+25 nor 12-5, 3.5 is not 35.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import opencc

from quality.characters import Codes, codes_of, handfuls, text_of
from quality.content.texts import texts

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
# Read before NFKC, which would make 10² a 102 and 1½ an 11/2.
BEFORE_NFKC = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹¼½¾]")
SPELT = str.maketrans(
    {sign: f"^{unicodedata.normalize('NFKC', sign)}" for sign in "⁰¹²³⁴⁵⁶⁷⁸⁹"}
    | {"¼": " 1/4", "½": " 1/2", "¾": " 3/4"}
)
DASHES = "‐‑‒–—―−─"
APOSTROPHES = "'’‘ʼ`"
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
CONTEXTUAL = ".,:/*#&!@_~-"
# What stands on the right of a sign; a longer word may be one in bold. A bracket is a blank.
OPERAND = r" {1,2}(?:\d|[A-Za-z](?!\w))"
MEANT = "|".join(
    [
        r"(?<=\d)[.:](?=\d)|(?<!\w)\.(?=\d)",
        r"(?<!\w)-(?=\d)|(?<=[\d)])-(?=\d)|(?<=[\d)] )-(?= ?\d)|(?<=[\d)])-(?= \d)",
        r"(?<=\d)~(?=\d)|!(?==)",
        r"(?<=[0-9A-Za-z)])\*(?=\*?[0-9A-Za-z(])|(?<=[0-9A-Za-z)]\*)\*(?=[0-9A-Za-z(])",
        rf"(?:(?<=(?<!\w)[A-Za-z] )|(?<=(?<!\w)[A-Za-z]  ))[*/](?={OPERAND})",
        rf"(?:(?<=\w )|(?<=\w  ))\*(?=\*{OPERAND})|(?:(?<=\w \*)|(?<=\w  \*))\*(?={OPERAND})",
        r"(?<=[\d)] )[*/](?= [\w(])|(?<=\w)[/&@](?=\w)|(?<=[A-Za-z])#(?!\w)|(?<=\w)_(?=\w)",
    ]
)
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
MEANINGS = re.compile(MEANT)
END = "\n"  # behind each of many texts; in them it is a blank like any other
WORD, DIGIT, CHINESE, SIGN, SIGN_BEFORE_MINUS = 1, 2, 4, 8, 16


def normalise(text: str) -> str:
    """Return the form in which texts are compared and hashed.

    A text of nothing but punctuation keeps it, for nothing else tells it from another.
    """
    return normalise_all([text])[0]


def normalise_all(texts: Sequence[str]) -> list[str]:
    """Normalise texts, many together at a tenth of what they cost one by one."""
    forms = [form for some in handfuls(texts) for form in spread(some)]
    return [form or " ".join(text.split()) for form, text in zip(forms, texts, strict=True)]


def spread(texts: Sequence[str]) -> list[str]:
    codes = in_plain_signs(texts)
    codes = without_apostrophes(codes)
    codes = without_thousands(codes)
    blank_out_looks(codes)
    return text_of(without_blanks(codes)).casefold().split(END)[:-1]


def in_plain_signs(texts: Sequence[str]) -> Codes:
    """Write texts with plain and simplified characters; each of them ends with END."""
    joined = END.join([*texts, ""])
    if not joined.isascii() and BEFORE_NFKC.search(joined):
        texts = [text.translate(SPELT) for text in texts]
        joined = END.join([*texts, ""])
    codes = plain_signs().take(codes_of(joined))
    codes[np.cumsum([len(text) + 1 for text in texts]) - 1] = ord(END)
    plain = text_of(codes)
    if unicodedata.is_normalized("NFKC", plain):
        return codes
    return codes_of("".join([f"{composed(text)}{END}" for text in plain.split(END)[:-1]])).copy()


def composed(text: str) -> str:
    if unicodedata.is_normalized("NFKC", text):
        return text
    return replaced(unicodedata.normalize("NFKC", text), plain_signs())


def without_apostrophes(codes: Codes) -> Codes:
    """Take out the apostrophes inside of words; the others are blanks."""
    at = np.flatnonzero(codes == ord("'"))
    inside = are(WORD, codes[at - 1]) & are(WORD, codes[at + 1])
    codes[at] = ord(" ")
    return np.delete(codes, at[inside])


def without_thousands(codes: Codes) -> Codes:
    """Take out the commas of numbers."""
    at = np.flatnonzero(codes == ord(","))
    digits = [are(DIGIT, codes.take(at + step, mode="clip")) for step in (-1, 1, 2, 3, 4)]
    return np.delete(codes, at[np.logical_and.reduce([*digits[:4], ~digits[4]])])


def blank_out_looks(codes: Codes) -> None:
    """Make blanks of the signs that mean nothing where they stand."""
    at = np.flatnonzero(contextual().take(codes))
    signs, behind = codes[at], codes[at + 1]
    # Most are stops and commas, which need no closer look.
    is_stop = ((signs == ord(".")) | (signs == ord(":"))) & ~are(DIGIT, behind)
    is_look = is_stop | (signs == ord(",")) | ((signs == ord("!")) & (behind != ord("=")))
    text = text_of(codes)
    looks = [place for place in at[~is_look].tolist() if not MEANINGS.match(text, place)]
    codes[at[is_look]] = codes[looks] = ord(" ")


def without_blanks(codes: Codes) -> Codes:
    """Leave one blank between words, and none at the ends, at signs and at Chinese."""
    idle = codes == ord(" ")
    idle[1:] &= idle[:-1] | (codes[:-1] == ord(END))
    codes = codes[~idle]
    at = np.flatnonzero(codes == ord(" "))
    before, behind = codes[at - 1], codes[at + 1]
    second, third = (codes.take(at + step, mode="clip") for step in (2, 3))
    is_last = (second == ord(END)) | ((second == ord(" ")) & (third == ord(END)))
    is_behind_minus = (before == ord("-")) & are(SIGN_BEFORE_MINUS, codes[at - 2])
    is_before_sign = (are(SIGN, behind) | (behind == ord("-"))) & ~is_last
    at_sign = are(SIGN, before) | is_behind_minus | is_before_sign
    at_chinese = are(CHINESE, before) | are(CHINESE, behind)
    return np.delete(codes, at[at_sign | at_chinese | (behind == ord(END))])


def are(kind: int, codes: Codes) -> npt.NDArray[np.bool_]:
    return (kinds().take(codes) & kind).astype(np.bool_)


@cache
def kinds() -> npt.NDArray[np.uint8]:
    """Map characters to what they are, in bits."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
    for kind, pattern in (
        (WORD, r"\w"),
        (DIGIT, r"\d"),
        (CHINESE, f"[{CJK}]"),
        (SIGN, r"[+=<>*/^]"),
        (SIGN_BEFORE_MINUS, r"[\d) ]"),
    ):
        # Beyond lie signs that are drawn and private ones.
        for match in re.finditer(pattern, "".join(map(chr, range(0x32000)))):
            table[match.start()] |= kind
    return table


@cache
def contextual() -> npt.NDArray[np.bool_]:
    table = np.zeros(sys.maxunicode + 1, dtype=np.bool_)
    table[[ord(sign) for sign in CONTEXTUAL]] = True
    return table


def in_one_script(text: str) -> str:
    """Write a text with plain and simplified characters; its punctuation stays."""
    if text.isascii():
        return text
    if BEFORE_NFKC.search(text):
        text = text.translate(SPELT)
    return replaced(unicodedata.normalize("NFKC", text), simple_characters())


def replaced(text: str, table: Codes) -> str:
    """Look every character up in one array: a tenth of what str.translate takes."""
    return text_of(table.take(codes_of(text)))


@cache
def simple_characters() -> Codes:
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    table[list(simplified())] = list(simplified().values())
    return table


@cache
def plain_signs() -> Codes:
    """Map wide and traditional characters to plain ones, and what is only looks to blanks."""
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    table[0xE0000:0xE1000] = ord(" ")
    folded = simplified()
    # Beyond lie rare characters and nothing else; going through them takes two seconds.
    for code in range(0x20000):
        plain = unicodedata.normalize("NFKC", chr(code))
        one = ord(plain) if len(plain) == 1 else code
        table[code] = ord(" ") if is_looks(chr(one)) else folded.get(one, one)
    table[0xFE00:0xFE10] = ord(" ")  # whether a sign is drawn in colour
    for signs, plain in ((DASHES, "-"), (APOSTROPHES, "'"), ("|", " ")):
        table[[ord(sign) for sign in signs]] = ord(plain)
    return table


def is_looks(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return (kind[0] in "PZ" or kind in {"Cc", "Cf", "Cs"}) and sign not in CONTEXTUAL + "%"


@cache
def simplified() -> dict[int, int]:
    """Map each traditional character to its simplified one, by OpenCC's table."""
    traditional = "".join(chr(code) for code in [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)])
    simple = opencc.OpenCC("t2s").convert("\n".join(traditional)).split("\n")
    pairs = zip(traditional, simple, strict=True)
    return {ord(one): ord(other) for one, other in pairs if one != other and len(other) == 1}


def canonical(content: Any) -> str:
    """Return a record's content as JSON with normalised texts and its names in order."""
    return in_order(normalised(content))


def in_order(form: Any) -> str:
    return ENCODER.encode(form)


def normalised(content: Any) -> Any:
    """Return a record's content with normalised texts."""
    return normalised_all([content])[0]


def normalised_all(contents: Sequence[Any]) -> list[Any]:
    found: list[str] = []
    for content in contents:
        found += texts(content)
    forms = iter(normalise_all(found))
    return [filled(content, forms) for content in contents]


def filled(value: Any, forms: Iterator[str]) -> Any:
    """Return a copy of a content with other texts, in its order."""
    if isinstance(value, str):
        return next(forms)
    if isinstance(value, dict):
        return {name: filled(inner, forms) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, forms) for inner in value]
    return value


def texts_of(value: Any) -> Iterator[str]:
    """Yield what a record says, in order: its texts and numbers, without the names of fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif value is not None:
        yield json.dumps(value)
