"""One form for texts that differ only in looks.

Width, case, blanks, punctuation and traditional characters are looks. Digits and the
signs that carry meaning between them are not: 12+5 is neither 1+25 nor 12-5, 3.5 is not 35.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import opencc

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
INNER_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
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
LOOKS = re.compile(rf"(?=[{CONTEXTUAL}])(?!{MEANT})[{CONTEXTUAL}]")
SIGN = re.compile(r"[-+=<>*/^]")
BLANK_AT_SIGN = re.compile(r" ?([+=<>*/^]|(?<=[\d) ])-) ?(?=\S)")
BLANK_AT_CJK = re.compile(rf" (?:(?=[{CJK}])|(?<=[{CJK}] ))")


def normalise(text: str) -> str:
    """Return the form in which texts are compared and hashed.

    A text of nothing but punctuation keeps it, for nothing else tells it from another.
    """
    return spread(text).casefold() or " ".join(text.split())


def spread(text: str) -> str:
    """Take the looks off a text, except for its case, by which names are known."""
    text = in_plain_signs(text)
    if "'" in text:
        text = INNER_APOSTROPHE.sub("", text).replace("'", " ")
    if "," in text:
        text = THOUSANDS.sub("", text)
    text = " ".join(LOOKS.sub(" ", text).split())
    if SIGN.search(text):
        text = BLANK_AT_SIGN.sub(r"\1", text)
    return text if text.isascii() else BLANK_AT_CJK.sub("", text)


def in_plain_signs(text: str) -> str:
    if not text.isascii():
        if BEFORE_NFKC.search(text):
            text = text.translate(SPELT)
        text = replaced(text, plain_signs())
        if unicodedata.is_normalized("NFKC", text):
            return text
        text = unicodedata.normalize("NFKC", text)
    return replaced(text, plain_signs())


def in_one_script(text: str) -> str:
    """Write a text with plain and simplified characters; its punctuation stays."""
    if text.isascii():
        return text
    if BEFORE_NFKC.search(text):
        text = text.translate(SPELT)
    return replaced(unicodedata.normalize("NFKC", text), simple_characters())


def replaced(text: str, table: npt.NDArray[np.uint32]) -> str:
    """Look every character up in one array: a tenth of what str.translate takes."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return table[codes].tobytes().decode("utf-32-le", "surrogatepass")


@cache
def simple_characters() -> npt.NDArray[np.uint32]:
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    table[list(simplified())] = list(simplified().values())
    return table


@cache
def plain_signs() -> npt.NDArray[np.uint32]:
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
    return json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def normalised(value: Any) -> Any:
    if isinstance(value, str):
        return normalise(value)
    if isinstance(value, dict):
        return {name: normalised(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [normalised(inner) for inner in value]
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
