"""Ask a language model for scores by a rubric, and read its answer strictly.

The record that is judged is hostile input: it stands as data between marks that it cannot
contain, and an answer that is not exactly what was asked for is an error, never a score.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.translation import gettext, gettext_noop

from providers.clients.types import ChatRequest, FinishReason, Message
from providers.models import LanguageModel
from providers.sanitising import clean_text
from quality import dimensions, judge_words
from quality.models.rubric import RubricContent
from synthesis import presets, searching, templating
from synthesis.parsing import without_thinking

MOST_RECORDS = 20  # in one call
MOST_RECORD_CHARACTERS = 24_000
MOST_SOURCE_CHARACTERS = 24_000
MOST_PROMPT_CHARACTERS = 8_000
LONGEST_REASON = 2000
BASE_TOKENS = 512
TOKENS_PER_SCORE = 160
MOST_TOKENS = 8192
Asked: TypeAlias = Sequence[Mapping[str, Any]]  # dimensions, in the order of the call

# In English, as a failed call keeps them; translated where they are shown.
PROBLEMS = {
    "refused": gettext_noop("The judge refused to answer."),
    "cut_off": gettext_noop("The judge's answer was cut off before it ended."),
    "not_json": gettext_noop("The judge's answer is not one JSON object."),
    "wrong_records": gettext_noop(
        "The judge's answer does not hold exactly one verdict for each record."
    ),
    "no_dimension": gettext_noop("The judge's answer lacks a dimension."),
    "no_score": gettext_noop("The judge gave a score that is not a whole number from 1 to 5."),
    "no_reason": gettext_noop("The judge gave a score without a reason."),
}


class UnreadableVerdictError(ValueError):
    """The answer is no verdict; code is a key of PROBLEMS, detail names the place."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{gettext(PROBLEMS[self.code])} {self.detail}".strip()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One record to be judged, with what the judge must know about it."""

    content: Any
    prompts: tuple[str, ...] = ()  # one for each step of its template
    source: str = ""


@dataclass(frozen=True)
class Verdict:
    """One judge's word on one record; scores as stored: name, weight, score and reason."""

    scores: list[dict[str, Any]]
    score: float


def asked_of(rubric: RubricContent, cases: Sequence[Case]) -> Asked:
    """Choose the dimensions of a call: a grounding check needs the source of every record."""
    return dimensions.asked(rubric.dimensions, has_source=all(case.source for case in cases))


def build_request(
    rubric: RubricContent,
    asked: Asked,
    cases: Sequence[Case],
    language_model: LanguageModel,
    seed: int,
) -> ChatRequest:
    """Build the call that judges these records: no imagination, and a schema where it is taken."""
    capabilities = language_model.capabilities
    by_schema = "json_schema" in capabilities
    return ChatRequest(
        model=language_model.name,
        messages=messages(rubric, asked, cases, instruct=not by_schema),
        parameters=parameters(language_model, len(asked) * len(cases)),
        seed=seed if "seed" in capabilities else None,
        json_schema=reply_schema(asked, len(cases)) if by_schema else None,
    )


def parameters(language_model: LanguageModel, scores: int) -> dict[str, Any]:
    most = language_model.max_output_tokens or MOST_TOKENS
    needed = min(most, BASE_TOKENS + TOKENS_PER_SCORE * scores)
    merged = presets.effective(
        {"max_tokens": needed}, language_model.default_parameters, {"temperature": 0}
    )
    return language_model.split_parameters(merged)[0]


def messages(
    rubric: RubricContent, asked: Asked, cases: Sequence[Case], *, instruct: bool
) -> tuple[Message, ...]:
    """Write what the judge is told, in the rubric's language."""
    words = judge_words.OF[language(rubric)]
    parts = [words["task"], rubric.instructions.strip(), described(asked, words)]
    parts += fenced(cases, words)
    parts.append(words["reply"])
    if instruct:
        schema = reply_schema(asked, len(cases))
        parts.append(f"{words['schema']}\n{json.dumps(schema, ensure_ascii=False)}")
    return (
        Message(role="system", content=words["system"]),
        Message(role="user", content="\n\n".join(part for part in parts if part)),
    )


def language(rubric: RubricContent) -> str:
    names = " ".join(str(row["name"]) for row in rubric.dimensions)
    return templating.language(f"{rubric.instructions} {names}")


def described(asked: Asked, words: Mapping[str, str]) -> str:
    """Describe the dimensions without their weights, which are no business of the judge."""
    blocks = []
    for number, row in enumerate(asked, start=1):
        title = f"{key_of(number)} · {row['name']}"
        levels = [f"{level}: {text}" for level, text in sorted(row["levels"].items(), reverse=True)]
        blocks.append("\n".join(filter(None, [title, row["description"], *levels])))
    return "\n\n".join([words["dimensions"], *blocks])


def key_of(number: int) -> str:
    """Name a dimension in the reply; vendors take no Chinese names in their schemas."""
    return f"d{number}"


def fenced(cases: Sequence[Case], words: Mapping[str, str]) -> list[str]:
    """Put prompts, sources and records between marks that none of them can contain."""
    texts = [
        (
            *shortened_each(case.prompts, MOST_PROMPT_CHARACTERS),
            shortened(case.source, MOST_SOURCE_CHARACTERS),
            shortened(printed(case.content), MOST_RECORD_CHARACTERS),
        )
        for case in cases
    ]
    mark = mark_of(texts)
    parts: list[str] = []
    shown: tuple[list[str], str] = ([], "")
    for number, (*prompts, source, record) in enumerate(texts, start=1):
        if prompts != shown[0]:
            parts += fenced_prompts(prompts, mark, words)
        if source and source != shown[1]:
            parts.append(f"{words['source']}\n{between('SOURCE', source, mark)}")
        shown = (prompts, source)
        parts.append(f"{words['record']}\n{between(f'RECORD {number}', record, mark)}")
    return parts


def fenced_prompts(prompts: Sequence[str], mark: str, words: Mapping[str, str]) -> Iterator[str]:
    for step, prompt in enumerate(prompts, start=1):
        title, name = ("later_prompt", f"PROMPT {step}") if step > 1 else ("prompt", "PROMPT")
        yield f"{words[title]}\n{between(name, prompt, mark)}"


def mark_of(texts: Sequence[tuple[str, ...]]) -> str:
    """Make a mark out of the texts: no text can be written so that it holds its own hash."""
    whole = "\x00".join(text for case in texts for text in case)
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:16]


def between(name: str, text: str, mark: str) -> str:
    return f"<<<{name} {mark}>>>\n{text}\n<<<END {name} {mark}>>>"


def printed(content: Any) -> str:
    if isinstance(content, str):
        return content
    return json.dumps(content, ensure_ascii=False, indent=2)


def shortened(text: str, most: int) -> str:
    """Leave out the middle of a text that would burst the judge's context."""
    if len(text) <= most:
        return text
    head, tail = text[: most * 2 // 3], text[-most // 3 :]
    return f"{head}\n[… {len(text) - len(head) - len(tail)} …]\n{tail}"


def shortened_each(texts: Sequence[str], most: int) -> Iterator[str]:
    """Give every text the same share of the characters that they may have together."""
    return (shortened(text, most // len(texts)) for text in texts)


def reply_schema(asked: Asked, count: int) -> dict[str, Any]:
    """Describe the reply: the reason before the number, so that the number follows from it."""
    score = {
        "type": "object",
        "properties": {
            "reason": {"type": "string"},
            "score": {"type": "integer", "enum": list(dimensions.LEVELS)},
        },
        "required": ["reason", "score"],
        "additionalProperties": False,
    }
    keys = [key_of(number) for number in range(1, len(asked) + 1)]
    verdict = {
        "type": "object",
        "properties": {
            "record": {"type": "integer", "enum": list(range(1, count + 1))},
            **dict.fromkeys(keys, score),
        },
        "required": ["record", *keys],
        "additionalProperties": False,
    }
    verdicts = {"type": "array", "items": verdict, "minItems": count, "maxItems": count}
    return {
        "type": "object",
        "properties": {"verdicts": verdicts},
        "required": ["verdicts"],
        "additionalProperties": False,
    }


def read(
    text: str,
    asked: Asked,
    count: int,
    finish_reason: FinishReason = "stop",
) -> list[Verdict]:
    """Read one verdict for each record, in the records' order.

    Errors: UnreadableVerdictError when anything is missing, doubled or out of range.
    """
    if finish_reason == "refused":
        raise UnreadableVerdictError("refused")
    if finish_reason == "length":
        raise UnreadableVerdictError("cut_off")
    rows = the_object(text).get("verdicts")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableVerdictError("wrong_records")
    by_number = {row.get("record"): row for row in rows if type(row.get("record")) is int}
    if len(rows) != count or by_number.keys() != set(range(1, count + 1)):
        raise UnreadableVerdictError("wrong_records")
    return [verdict(by_number[number], asked) for number in range(1, count + 1)]


def the_object(text: str) -> dict[str, Any]:
    """Take the one whole JSON object of a reply; fences and prose around it do no harm.

    With two objects there is no telling which one is the judge's own and which is quoted.
    """
    found = [item for item in searching.objects(without_thinking(text)) if item.raw]
    if len(found) != 1 or found[0].problem or found[0].repaired:
        raise UnreadableVerdictError("not_json")
    try:
        value = json.loads(found[0].raw, strict=False, object_pairs_hook=without_repeats)
    except (ValueError, RecursionError) as error:
        raise UnreadableVerdictError("not_json") from error
    assert isinstance(value, dict)  # noqa: S101  the search finds nothing else
    return value


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError(pairs)
    return names


def verdict(row: Mapping[str, Any], asked: Asked) -> Verdict:
    scores = []
    for number, dimension in enumerate(asked, start=1):
        name, given = dimension["name"], row.get(key_of(number))
        if not isinstance(given, dict):
            raise UnreadableVerdictError("no_dimension", name)
        score, reason = given.get("score"), given.get("reason")
        if type(score) is not int or score not in dimensions.LEVELS:
            raise UnreadableVerdictError("no_score", name)
        words = clean_text(reason).strip()[:LONGEST_REASON] if isinstance(reason, str) else ""
        if not words:
            raise UnreadableVerdictError("no_reason", name)
        scores.append(
            {"name": name, "weight": dimension["weight"], "score": score, "reason": words}
        )
    return Verdict(scores, weighted(scores))


def weighted(scores: Sequence[Mapping[str, Any]]) -> float:
    """Weigh scores of 1 to 5 into one from 0 to 100, rounded to 0.01."""
    span = dimensions.LEVELS[-1] - dimensions.LEVELS[0]
    total = sum(row["weight"] for row in scores)
    points = sum(row["weight"] * (row["score"] - dimensions.LEVELS[0]) for row in scores)
    return float(round(100 * points / (span * total), 2))
