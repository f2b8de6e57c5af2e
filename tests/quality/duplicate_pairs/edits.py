"""Edits of texts: those that leave a record what it was, and those that make it another one."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import opencc

from tests.quality.duplicate_pairs import words

Edit = Callable[[str, str, Random], str]

synonyms = {
    language: dict(pair.split("/") for pair in text.split())
    for language, text in words.SYNONYMS.items()
}
to_traditional = opencc.OpenCC("s2t").convert
WORD = re.compile(r"[a-z]{3,}")
CJK = re.compile("[一-鿿]")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


# What leaves a record what it was


def cosmetic(text: str, language: str, chance: Random) -> str:
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    ways = [
        lambda: text.upper(),
        lambda: text.translate(wide),
        lambda: f"  {re.sub(' ', '  ', text)}\n",
        lambda: re.sub("[,;，；]", " ", text),
        lambda: text.rstrip(".。!?？") + " !",
    ]
    if language == "zh":
        ways.append(lambda: to_traditional(text))
    return chance.choice(ways)()


def small(text: str, language: str, chance: Random) -> str:
    """Make one slip, or two, or say a word of politeness."""
    kind = chance.choice(["typo", "typo", "synonym", "filler", "head", "tail", "order"])
    if kind == "head":
        return chance.choice(words.HEADS[language]) + text
    if kind == "tail":
        return text.rstrip() + chance.choice(words.TAILS[language])
    if kind == "order" and (turned := reordered(text, chance)):
        return turned
    for _slip in range(chance.choice([1, 1, 2])):
        text = one_edit(text, language, chance, "typo" if kind == "order" else kind)
    return text


def moderate(text: str, language: str, chance: Random) -> str:
    """Change a tenth to a fifth of the words, or fewer beside a sentence that moved."""
    length = len(text) / 1.6 if language == "zh" else len(text.split())
    edits = max(2, round(length * chance.uniform(0.1, 0.2)))
    parts = re.findall(r"[^.!?。！？\n]+[.!?。！？\n]*\s*", text)
    if len(parts) > 2 and chance.random() < 0.5:
        at = chance.randrange(len(parts) - 1)
        parts[at], parts[at + 1] = parts[at + 1].rstrip() + " ", parts[at]
        text, edits = "".join(parts), max(1, edits // 3)
    for _edit in range(edits):
        kind = chance.choice(["synonym", "synonym", "typo", "filler", "drop"])
        text = one_edit(text, language, chance, kind)
    return text


def reordered(text: str, chance: Random) -> str:
    """Exchange two neighbouring clauses; nothing where there are none."""
    clauses = re.split("(, |; |，|；)", text)
    if len(clauses) < 5:
        return ""
    at = chance.randrange(2, len(clauses) - 2, 2) - 2
    clauses[at], clauses[at + 2] = clauses[at + 2], clauses[at]
    return "".join(clauses)


def one_edit(text: str, language: str, chance: Random, kind: str) -> str:
    edit = {"synonym": other_word, "filler": filled, "drop": dropped, "typo": mistyped}[kind]
    return edit(text, language, chance)


def other_word(text: str, language: str, chance: Random) -> str:
    bound = r"\b" if language == "en" else ""
    known = [word for word in synonyms[language] if re.search(bound + word + bound, text)]
    if not known:
        return mistyped(text, language, chance)
    word = chance.choice(known)
    return re.sub(bound + word + bound, synonyms[language][word], text, count=1)


def filled(text: str, language: str, chance: Random) -> str:
    filler = chance.choice(words.FILLERS[language])
    start, _end = chance.choice(places(text, language))
    return f"{text[:start]}{filler}{' ' if language == 'en' else ''}{text[start:]}"


def dropped(text: str, language: str, chance: Random) -> str:
    small_words = (
        r"\b(the|a|an|that|so|very|too|then|its|some) " if language == "en" else "[的了就也还都]"
    )
    found = list(re.finditer(small_words, text))
    if not found:
        return mistyped(text, language, chance)
    match = chance.choice(found)
    return text[: match.start()] + text[match.end() :]


def mistyped(text: str, language: str, chance: Random) -> str:
    start, end = chance.choice(places(text, language))
    if language == "zh":
        sound = words.SOUND_ALIKE.get(text[start])
        return text[:start] + chance.choice([sound or "", text[start] * 2]) + text[end:]
    word, at = text[start:end], chance.randrange(1, end - start - 1)
    slips = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + chance.choice(LETTERS) + word[at + 1 :],
    )
    return text[:start] + chance.choice(slips) + text[end:]


def places(text: str, language: str) -> list[tuple[int, int]]:
    """List what a typist may get wrong without saying another thing."""
    named = {name for group in words.NAMES[language] for name in group}
    held = {at for name in named for m in re.finditer(name, text) for at in range(*m.span())}
    if language == "zh":
        found = [m.span() for m in CJK.finditer(text) if m[0] not in words.KEPT["zh"]]
    else:
        bounded = re.finditer(r"\b[a-z]{4,}\b", text)
        found = [m.span() for m in bounded if m[0] not in words.KEPT["en"]]
    return [span for span in found if span[0] not in held]


# What makes it another one; nothing where a text has no such place


def number(text: str, language: str, chance: Random) -> str:
    counted = f"(?=[{words.COUNTED}])" if language == "zh" else r"\b"
    listed = "|".join(words.NUMBERS[language])
    bound = "" if language == "zh" else r"\b"
    found = list(re.finditer(rf"\d|{bound}(?:{listed}){counted}", text))
    if not found:
        return ""
    match = chance.choice(found)
    others = list("23456789") if match[0].isdigit() else words.NUMBERS[language]
    other = chance.choice([one for one in others if one != match[0]])
    return text[: match.start()] + other + text[match.end() :]


def name(text: str, language: str, chance: Random) -> str:
    for group in words.NAMES[language]:
        for known in group:
            if re.search(rf"(?<![A-Za-z]){known}(?![A-Za-z])", text):
                other = chance.choice([one for one in group if one.lower() != known.lower()])
                return text.replace(known, other)
    return ""


def negation(text: str, language: str, chance: Random) -> str:
    if language == "zh":
        found = list(re.finditer("|".join(words.DENIED["zh"]), text))
        found = [m for m in found if not re.search("[不没别是只还]$", text[: m.start()])]
    else:
        found = list(re.finditer(rf"\b({'|'.join(words.DENIED['en'])})\b(?! not)", text))
    if not found:
        return ""
    match = chance.choice(found)
    if language == "zh":
        denial = "没" if match[0] == "有" else "不"
        return text[: match.start()] + denial + text[match.start() :]
    return text[: match.end()] + " not" + text[match.end() :]


def option(text: str, _language: str, chance: Random) -> str:
    found = list(re.finditer(r"(?<![A-Za-z])[A-D](?![A-Za-z)、])", text))
    if not found:
        return ""
    match = chance.choice(found)
    other = chance.choice([one for one in "ABCD" if one != match[0]])
    return text[: match.start()] + other + text[match.end() :]
