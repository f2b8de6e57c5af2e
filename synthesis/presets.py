"""Generation parameters: named presets, layers of them, and what values they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# The ranges are those of the user guide: high quality 0.3-0.5, fast 0.1-0.3, creative 0.7-1.0.
PRESETS: dict[str, dict[str, Any]] = {
    "high_quality": {"temperature": 0.4, "top_p": 0.95, "max_tokens": 4096},
    "fast": {"temperature": 0.2, "top_p": 0.9, "max_tokens": 2048},
    "creative": {"temperature": 0.9, "top_p": 0.98, "max_tokens": 8192},
}
MAX_TOKENS = 1_000_000
MAX_STOPS = 4
MAX_STOP_CHARACTERS = 200


class ParameterProblem(NamedTuple):
    """One thing wrong with one parameter; code is unknown_parameter or invalid_parameter."""

    code: str
    name: str
    sentence: str


class ParameterError(ValueError):
    """Parameters that no model takes; carries every problem."""

    code = "parameters"

    def __init__(self, problems: list[ParameterProblem]) -> None:
        self.problems = problems
        super().__init__(" ".join(problem.sentence for problem in problems))


def effective(*layers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Merge parameter layers; a later layer wins, and None in a layer says nothing."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged.update({name: value for name, value in (layer or {}).items() if value is not None})
    return merged


def check_parameters(parameters: Any) -> None:
    """Refuse parameters of unknown name, wrong type or out of range.

    Errors: ParameterError with a sentence for each of them.
    """
    if not isinstance(parameters, Mapping):
        raise ParameterError(
            [ParameterProblem("invalid_parameter", "", gettext("Parameters are a JSON object."))]
        )
    problems = [_problem(str(name), value) for name, value in parameters.items()]
    if found := [problem for problem in problems if problem]:
        raise ParameterError(found)


def _problem(name: str, value: Any) -> ParameterProblem | None:
    if name not in _RULES:
        sentence = gettext("There is no parameter %(name)s; the known ones are %(known)s.")
        sentence %= {"name": name, "known": ", ".join(_RULES)}
        return ParameterProblem("unknown_parameter", name, sentence)
    is_right, rule = _RULES[name]
    if value is None or is_right(value):
        return None
    sentence = gettext("%(name)s must be %(rule)s.") % {"name": name, "rule": rule}
    return ParameterProblem("invalid_parameter", name, sentence)


def _is_between(low: float, high: float, kinds: tuple[type, ...]) -> Callable[[Any], bool]:
    def is_right(value: Any) -> bool:
        return type(value) in kinds and bool(low <= value <= high)

    return is_right


def _are_stops(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_STOPS
        and all(isinstance(stop, str) and 0 < len(stop) <= MAX_STOP_CHARACTERS for stop in value)
    )


def _numbers(low: float, high: float) -> tuple[Callable[[Any], bool], Any]:
    rule = format_lazy(_("a number from {low} to {high}"), low=low, high=high)
    return _is_between(low, high, (int, float)), rule


def _integers(low: int, high: int) -> tuple[Callable[[Any], bool], Any]:
    rule = format_lazy(_("a whole number from {low} to {high}"), low=low, high=high)
    return _is_between(low, high, (int,)), rule


_RULES: dict[str, tuple[Callable[[Any], bool], Any]] = {
    "temperature": _numbers(0, 2),
    "top_p": _numbers(0, 1),
    "max_tokens": _integers(1, MAX_TOKENS),
    "frequency_penalty": _numbers(-2, 2),
    "presence_penalty": _numbers(-2, 2),
    "stop": (
        _are_stops,
        format_lazy(
            _("a list of at most {count} texts of 1 to {length} characters"),
            count=MAX_STOPS,
            length=MAX_STOP_CHARACTERS,
        ),
    ),
}
