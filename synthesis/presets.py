"""Generation parameters: named presets, layers of them, and which ones a task may set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext

from providers import parameters as known

# The ranges are those of the user guide: high quality 0.3-0.5, fast 0.1-0.3, creative 0.7-1.0.
PRESETS: dict[str, dict[str, Any]] = {
    "high_quality": {"temperature": 0.4, "top_p": 0.95, "max_tokens": 4096},
    "fast": {"temperature": 0.2, "top_p": 0.9, "max_tokens": 2048},
    "creative": {"temperature": 0.9, "top_p": 0.98, "max_tokens": 8192},
}


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
        sentence = str(known.NOT_AN_OBJECT)
        raise ParameterError([ParameterProblem("invalid_parameter", "", sentence)])
    problems = [_problem(str(name), value) for name, value in parameters.items()]
    if found := [problem for problem in problems if problem]:
        raise ParameterError(found)


def _problem(name: str, value: Any) -> ParameterProblem | None:
    if name not in known.NAMES:
        sentence = gettext("There is no parameter %(name)s; the known ones are %(known)s.")
        sentence %= {"name": name, "known": ", ".join(known.NAMES)}
        return ParameterProblem("unknown_parameter", name, sentence)
    sentence = known.complaint(name, value)
    return ParameterProblem("invalid_parameter", name, sentence) if sentence else None
