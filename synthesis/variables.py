"""Declared variables of a template: check, resolve the user's values, draw those of one batch.

A declaration is a JSON object: name, type, and optionally default, required, description, choices,
weights (one for each choice). Values resolve once for a run; a batch then draws one element of each
list and one of the choices that were left open. Without a required flag, a variable is required
unless it has a default or choices to draw from.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext

from synthesis import conversion, templating
from synthesis.conversion import TYPES, ConversionError, converted, is_number

MAX_DECLARATIONS = 100
MAX_NAME_CHARACTERS = 64
KEYS = frozenset({"name", "type", "default", "required", "description", "choices", "weights"})


class VariableProblem(NamedTuple):
    """One thing wrong with one variable, with the sentence that the user reads."""

    code: str
    name: str
    sentence: str


class VariableError(ValueError):
    """Declarations or values that do not hold; code and name are those of the first problem."""

    def __init__(self, problems: Sequence[VariableProblem]) -> None:
        self.problems = tuple(problems)
        self.code, self.name, _sentence = self.problems[0]
        super().__init__(" ".join(problem.sentence for problem in problems))


def check_declarations(declared: Any) -> None:
    """Refuse declarations that no run could resolve.

    Errors: VariableError with every problem.
    """
    if not isinstance(declared, list) or len(declared) > MAX_DECLARATIONS:
        sentence = gettext("Variables are a list of at most %(count)s JSON objects.")
        raise VariableError(
            [VariableProblem("not_a_list", "", sentence % {"count": MAX_DECLARATIONS})]
        )
    problems: list[VariableProblem] = []
    seen: set[str] = set()
    for declaration in declared:
        problem = _declaration_problem(declaration, seen)
        if problem:
            problems.append(problem)
    if problems:
        raise VariableError(problems)


def resolve(declared: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Give every declared variable its value: the user's, else the default.

    A choice that is left open is None, and a list of choices is a list to draw from.
    Errors: VariableError with every problem: required, wrong_type, not_a_choice, unknown, built_in.
    """
    if not isinstance(given, Mapping):
        sentence = gettext("Values are a JSON object of variable names and values.")
        raise VariableError([VariableProblem("not_an_object", "", sentence)])
    values: dict[str, Any] = {}
    problems: list[VariableProblem] = []
    for declaration in declared:
        name = declaration["name"]
        try:
            values[name] = _resolved(declaration, given.get(name))
        except ConversionError as error:
            problems.append(VariableProblem(error.code, name, str(error)))
    problems += _unknown({declaration["name"] for declaration in declared}, given)
    if problems:
        raise VariableError(problems)
    return values


def draw(
    values: Mapping[str, Any], declared: Iterable[Mapping[str, Any]], rng: random.Random
) -> dict[str, Any]:
    """Draw the values of one batch: an element of each list, an open choice by its weights."""
    drawn = dict(values)
    for declaration in declared:
        value = values.get(declaration["name"])
        if declaration.get("type") == "choice" and (value is None or isinstance(value, list)):
            drawn[declaration["name"]] = _drawn_choice(declaration, value, rng)
        elif declaration.get("type") == "list" and value:
            drawn[declaration["name"]] = rng.choice(value)
    return drawn


def _refusal(code: str, name: str, sentence: str, **facts: Any) -> VariableProblem:
    return VariableProblem(code, name, sentence % {"name": name, **facts})


def _declaration_problem(declaration: Any, seen: set[str]) -> VariableProblem | None:
    if not isinstance(declaration, Mapping) or not isinstance(declaration.get("name"), str):
        sentence = gettext("Each variable is a JSON object with a name and a type.")
        return VariableProblem("not_an_object", "", sentence)
    name = declaration["name"]
    problem = _name_problem(name, seen) or _shape_problem(name, declaration)
    seen.add(name)
    return problem


def _name_problem(name: str, seen: set[str]) -> VariableProblem | None:
    if not name.isidentifier() or len(name) > MAX_NAME_CHARACTERS:
        sentence = gettext(
            "%(name)s cannot be the name of a variable: use letters, digits and underscores."
        )
        return _refusal("bad_name", name[:MAX_NAME_CHARACTERS], sentence)
    if name in templating.BUILT_IN:
        sentence = gettext("%(name)s is built in; give the variable another name.")
        return _refusal("built_in", name, sentence)
    if name in seen:
        return _refusal("repeated", name, gettext("%(name)s is declared twice."))
    return None


def _shape_problem(name: str, declaration: Mapping[str, Any]) -> VariableProblem | None:
    unknown = ", ".join(sorted(str(key) for key in declaration.keys() - KEYS))
    if unknown:
        sentence = gettext("%(name)s has keys that mean nothing: %(keys)s.")
        return _refusal("unknown_key", name, sentence, keys=unknown)
    if declaration.get("type") not in TYPES:
        sentence = gettext("The type of %(name)s must be one of %(types)s.")
        return _refusal("bad_type", name, sentence, types=", ".join(TYPES))
    if not isinstance(declaration.get("required", False), bool):
        sentence = gettext("required of %(name)s must be true or false.")
        return _refusal("bad_required", name, sentence)
    if not isinstance(declaration.get("description", ""), str):
        sentence = gettext("The description of %(name)s must be text.")
        return _refusal("bad_description", name, sentence)
    return _choices_problem(name, declaration) or _default_problem(name, declaration)


def _choices_problem(name: str, declaration: Mapping[str, Any]) -> VariableProblem | None:
    choices, weights = declaration.get("choices"), declaration.get("weights")
    if declaration["type"] != "choice":
        if choices or weights:
            sentence = gettext("Only a choice has choices; %(name)s is none.")
            return _refusal("needless_choices", name, sentence)
        return None
    if not conversion.are_choices(choices):
        sentence = gettext("%(name)s needs choices: a list of different texts or numbers.")
        return _refusal("bad_choices", name, sentence)
    if weights is not None and not _are_weights(weights, choices):
        sentence = gettext("%(name)s needs one weight above 0 for each choice.")
        return _refusal("bad_weights", name, sentence)
    return None


def _are_weights(weights: Any, choices: Any) -> bool:
    return (
        isinstance(weights, list)
        and len(weights) == len(choices)
        and all(is_number(weight) and 0 < weight < 1e9 for weight in weights)
    )


def _default_problem(name: str, declaration: Mapping[str, Any]) -> VariableProblem | None:
    if declaration.get("default") is None:
        return None
    try:
        converted(declaration, declaration["default"])
    except ConversionError as error:
        sentence = gettext("The default does not fit: %(reason)s")
        return _refusal("bad_default", name, sentence, reason=error)
    return None


def _resolved(declaration: Mapping[str, Any], given: Any) -> Any:
    for value in (given, declaration.get("default")):
        result = None if _is_blank(value) else converted(declaration, value)
        if not _is_blank(result):
            return result
    is_required = declaration.get("required")
    if is_required or (is_required is None and _has_no_way_out(declaration)):
        raise ConversionError(
            "required", gettext("Give a value for %(name)s."), declaration["name"]
        )
    return "" if declaration["type"] == "text" else None


def _has_no_way_out(declaration: Mapping[str, Any]) -> bool:
    return declaration["type"] != "choice" and declaration.get("default") is None


def _is_blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _unknown(names: set[str], given: Mapping[str, Any]) -> list[VariableProblem]:
    problems = []
    for name in given:
        if name in names:
            continue
        if name in templating.BUILT_IN:
            sentence = gettext("Leave %(name)s out: every batch sets it by itself.")
            problems.append(_refusal("built_in", name, sentence))
        else:
            sentence = gettext("The template has no variable %(name)s.")
            problems.append(_refusal("unknown", name, sentence))
    return problems


def _drawn_choice(
    declaration: Mapping[str, Any], subset: list[Any] | None, rng: random.Random
) -> Any:
    choices = declaration["choices"]
    weights = declaration.get("weights") or [1] * len(choices)
    pairs = [
        (choice, weight)
        for choice, weight in zip(choices, weights, strict=True)
        if subset is None or choice in subset
    ]
    return rng.choices([pair[0] for pair in pairs], [pair[1] for pair in pairs])[0]
