"""Prompt templates: plain substitution, never str.format.

A name directly between single braces is a variable; doubled braces directly around a name stand
for one brace each, as in str.format. Every other brace is text, so JSON examples survive:

    {topic} a variable             {{topic}} the text {topic}      {{{topic}}} a value in braces
    {topic}} a value and a brace   {{topic} a brace and a value
    { topic } {} {1} {a.b} {a!r} {a:>9} {"a": 1} are text

Errors::

    TemplatingError
    ├── MissingVariableError
    └── PromptTooLongError
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

BUILT_IN = {
    "current_date": _("The date on which the batch was planned, such as 2026-08-01."),
    "current_time": _("The time at which the batch was planned, such as 14:05:09."),
    "random_id": _("A random identifier, another one in every batch."),
    "count": _("How many records this batch asks for."),
    "index": _("The number of this batch in its run."),
    "seed": _("The random seed of this batch."),
    "avoid": _("Records of the dataset that are not to be repeated, where the task lists any."),
}
MAX_PROMPT_CHARACTERS = 1_000_000

# Linear on any input: a run of braces is entered only at its start, and nothing backtracks.
_BRACED = re.compile(r"(?<!\{)(\{++)([^{}]++)(\}++)")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


class TemplatingError(ValueError):
    code = "template"


class MissingVariableError(TemplatingError):
    code = "missing_variable"

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            gettext("Give a value for each of these variables: %(names)s.")
            % {"names": ", ".join(self.names)}
        )


class PromptTooLongError(TemplatingError):
    code = "prompt_too_long"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            gettext(
                "The prompt grows beyond %(limit)s characters. Shorten the template or its values."
            )
            % {"limit": limit}
        )


class PromptProblem(NamedTuple):
    """One remark on a prompt; code is undeclared, unused or spaced."""

    code: str
    name: str


def variables(prompt: str) -> list[str]:
    """List the distinct variables of a prompt in order of appearance."""
    names = (match[2] for match in _named(prompt) if _depth(match) % 2)
    return list(dict.fromkeys(names))


def render(prompt: str, values: Mapping[str, object], *, limit: int = MAX_PROMPT_CHARACTERS) -> str:
    """Put the values into the prompt in one pass; braces inside values stay text.

    Units: limit in characters of the rendered prompt.
    Errors: MissingVariableError with every name that has no value; PromptTooLongError.
    """
    missing = [name for name in variables(prompt) if name not in values]
    if missing:
        raise MissingVariableError(missing)
    parts: list[str] = []
    length = 0
    for part in _parts(prompt, values):
        length += len(part)
        if length > limit:
            raise PromptTooLongError(limit)
        parts.append(part)
    return "".join(parts)


def problems(
    prompt: str, declared: Iterable[str], *, columns: Iterable[str] = ()
) -> list[PromptProblem]:
    """Compare the variables that a prompt uses with those that exist.

    A template's system prompt counts too: join the texts with a newline.
    """
    used = variables(prompt)
    declared = list(declared)
    known = {*declared, *columns, *BUILT_IN}
    undeclared = [PromptProblem("undeclared", name) for name in used if name not in known]
    unused = [PromptProblem("unused", name) for name in declared if name not in used]
    return undeclared + [PromptProblem("spaced", name) for name in _spaced(prompt, known)] + unused


def language(prompt: str) -> str:
    """Tell which language what is added to a prompt shall be in: zh or en."""
    return "zh" if _CHINESE.search(prompt) else "en"


def printed(value: object) -> str:
    """Write a value as a prompt shows it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list | tuple):
        items = [printed(item) for item in value]
        return ("、" if any(map(_CHINESE.search, items)) else ", ").join(items)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _named(prompt: str) -> Iterator[re.Match[str]]:
    return (match for match in _BRACED.finditer(prompt) if match[2].isidentifier())


def _depth(match: re.Match[str]) -> int:
    return min(len(match[1]), len(match[3]))


def _parts(prompt: str, values: Mapping[str, object]) -> Iterator[str]:
    end = 0
    for match in _named(prompt):
        yield prompt[end : match.start()]
        yield _replaced(match, values)
        end = match.end()
    yield prompt[end:]


def _replaced(match: re.Match[str], values: Mapping[str, object]) -> str:
    depth = _depth(match)
    kept = depth // 2
    inner = printed(values[match[2]]) if depth % 2 else match[2]
    opening = "{" * (len(match[1]) - depth + kept)
    return f"{opening}{inner}{'}' * (len(match[3]) - depth + kept)}"


def _spaced(prompt: str, known: Iterable[str]) -> list[str]:
    names = set(known)
    found = (match[2].strip() for match in _BRACED.finditer(prompt) if match[2] != match[2].strip())
    return list(dict.fromkeys(name for name in found if name in names))
