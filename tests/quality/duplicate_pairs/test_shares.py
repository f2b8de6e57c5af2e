"""How many repeats are found, and how many others are taken for one, on texts written for it."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from random import Random
from statistics import mean

import pytest

from quality.dedup import matches
from quality.likeness import Verdict, compare
from quality.readings import Reading
from quality.shelves import Match
from tests.quality.duplicate_pairs import edits, words
from tests.quality.duplicate_pairs.edits import Edit

Pairs = list[tuple[str, str]]

HERE = Path(__file__).parent
SEEDS = (20_261, 20_262)
LANGUAGES = ("en", "zh")

# The least share that is to be found, and the most that may be taken for a repeat.
FOUND = {
    "cosmetic": (edits.cosmetic, {"en": 0.99, "zh": 0.99}),
    "small": (edits.small, {"en": 0.90, "zh": 0.95}),
    "moderate": (edits.moderate, {"en": 0.70, "zh": 0.85}),
}
APART = {
    "number": (edits.number, 0.0),
    "name": (edits.name, 0.02),
    "negation": (edits.negation, 0.02),
    "option": (edits.option, 0.02),
}


@cache
def texts(language: str) -> tuple[str, ...]:
    lines = (HERE / f"{language}.txt").read_text("utf-8").splitlines()
    return tuple(line.replace("\\n", "\n") for line in lines if line[0] not in "#[")


def share(pairs: Pairs) -> float:
    """Say how many second texts of pairs are taken for repeats of any of all these texts."""
    found = matches([text for pair in pairs for text in pair])
    return sum(map(is_repeat, found[1::2])) / len(pairs)


def share_alike(pairs: Pairs) -> float:
    """Say how many pairs are taken for repeats, each for itself."""
    readings = [(Reading(one), Reading(other)) for one, other in pairs]
    return sum(compare(*pair).verdict == Verdict.DUPLICATE for pair in readings) / len(pairs)


def is_repeat(match: Match | None) -> bool:
    return match is not None and match.likeness.verdict == Verdict.DUPLICATE


def edited(edit: Edit, language: str, seed: int) -> Pairs:
    chance = Random(seed)  # noqa: S311  not a secret
    pairs = [(text, edit(text, language, chance)) for text in texts(language)]
    return [(one, other) for one, other in pairs if other and other != one]


def tell(kind: str, language: str, found: float) -> None:
    print(f"{kind} {language}: {found:.4f}")  # noqa: T201  shown by pytest -rP


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_many_and_all_of_them_different(language):
    assert len(texts(language)) == len(set(texts(language))) > 150


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FOUND)
def test_finds_what_was_edited(kind, language):
    edit, least = FOUND[kind]
    found = [share(edited(edit, language, seed)) for seed in SEEDS]
    tell(kind, language, mean(found))
    assert mean(found) >= least[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", APART)
def test_keeps_apart_what_says_another_thing(kind, language):
    edit, most = APART[kind]
    found = [share(edited(edit, language, seed)) for seed in SEEDS]
    tell(kind, language, mean(found))
    assert mean(found) <= most


@pytest.mark.parametrize("language", LANGUAGES)
def test_keeps_apart_what_fills_a_template_with_something_else(language):
    pairs = [
        (template.format(one), template.format(other))
        for template in words.TEMPLATES[language]
        for one, other in itertools.combinations(words.PAYLOADS[language], 2)
    ]
    found = share_alike(pairs)
    tell("payload", language, found)
    assert found <= 0.02


@pytest.mark.parametrize("language", LANGUAGES)
def test_keeps_apart_what_shares_a_long_instruction(language):
    pairs = [
        (instruction + one, instruction + other)
        for instruction, start in zip(words.INSTRUCTIONS[language], (0, 51, 101), strict=True)
        for one, other in itertools.pairwise(texts(language)[start : start + 50])
    ]
    found = share_alike(pairs)
    tell("instruction", language, found)
    assert found <= 0.02


@pytest.mark.parametrize("language", LANGUAGES)
def test_keeps_apart_what_has_nothing_to_do_with_one_another(language):
    repeats = [match for match in matches(texts(language)) if is_repeat(match)]
    tell("unrelated", language, len(repeats) / len(texts(language)))
    assert len(repeats) <= 0.001 * len(texts(language))
