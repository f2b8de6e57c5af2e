"""Rules at work: each finds places in the texts of a record and says what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache, partial

from quality import language
from quality.content import expressions, leakage, links, personal, phrases, repetition, words
from quality.content.kinds import Action, DataType, Kind
from quality.content.subject import Hit, Subject

Finder = Callable[[Subject], list[Hit]]
# Shorter texts are judged together with their neighbours.
TEXT_OF_ITS_OWN = 40


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a rule looks for: the columns of a content rule that its finder is made of."""

    kind: str
    words: Collection[str] = ()
    expression: str = ""
    data_types: Collection[str] = ()
    languages: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class ActiveRule:
    """A rule that a policy has switched on."""

    name: str
    action: Action
    find: Finder


def finder(definition: Definition) -> Finder:
    """Build the function that finds places; it costs a while for a long word list."""
    return _BUILDERS[Kind(definition.kind)](definition)


def _other_languages(allowed: frozenset[str], subject: Subject) -> list[Hit]:
    """Find the texts in other languages; without any named, the prompt's is the right one."""
    languages = allowed or _languages_of(subject.prompts)
    if not languages:
        return []
    hits, start = [], 0
    for text in subject.texts:
        if len(text) >= TEXT_OF_ITS_OWN and (code := language.other_language(text, languages)):
            hits.append(Hit("language", start, start + len(text), "", code))
        start += len(text) + 1
    if not hits and (code := language.other_language(subject.joined, languages)):
        hits.append(Hit("language", 0, len(subject.joined), "", code))
    return hits


@lru_cache(maxsize=64)
def _languages_of(prompts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(filter(None, map(language.language_of, prompts)))


_BUILDERS: dict[Kind, Callable[[Definition], Finder]] = {
    Kind.WORDS: lambda row: words.finder(row.words),
    Kind.PERSONAL: lambda row: personal.finder(row.data_types or DataType.values),
    Kind.REFUSAL: lambda _row: phrases.finder("refusal", phrases.REFUSALS, phrases.ZH_REFUSALS),
    Kind.AI_SPEAK: lambda _row: phrases.finder("ai_speak", phrases.AI_SPEAK, phrases.ZH_AI_SPEAK),
    Kind.PLACEHOLDER: lambda _row: phrases.finder("placeholder", phrases.PLACEHOLDERS),
    Kind.LEAKAGE: lambda _row: leakage.find,
    Kind.URL: lambda _row: links.find,
    Kind.LANGUAGE: lambda row: partial(_other_languages, frozenset(row.languages)),
    Kind.REPETITION: lambda _row: repetition.find,
    Kind.EXPRESSION: lambda row: expressions.finder(row.expression),
}
