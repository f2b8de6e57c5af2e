"""The dimensions of a rubric: what a judge is asked about, with described levels 1 to 5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

LEVELS = (1, 2, 3, 4, 5)
LEAST_LEVELS = 2
MOST_DIMENSIONS = 12
LONGEST_NAME = 80
LONGEST_TEXT = 2000
HEAVIEST = 100
FIELDS = ("name", "weight", "description", "levels", "needs_source")


def tidy(dimensions: Any) -> Any:
    """Fill what may be left out and trim the texts; what has another shape stays as it is."""
    if not isinstance(dimensions, list):
        return dimensions
    return [_tidied(row) if isinstance(row, Mapping) else row for row in dimensions]


def _tidied(row: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {"name": "", "weight": 1, "description": "", "levels": {}, "needs_source": False}
    return {
        **row,
        **{name: _trimmed(row.get(name, default)) for name, default in defaults.items()},
    }


def _trimmed(value: Any) -> Any:
    if isinstance(value, Mapping):
        texts = {str(level): _stripped(text) for level, text in value.items()}
        return {level: texts[level] for level in sorted(texts) if texts[level] != ""}
    return _stripped(value)


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def problems(dimensions: Any) -> list[str]:
    """List what keeps tidy dimensions from being a rubric."""
    if not isinstance(dimensions, list) or not all(isinstance(row, dict) for row in dimensions):
        return [
            _("Dimensions are a JSON list of objects with name, weight, description and levels.")
        ]
    if not dimensions:
        return [_("A rubric needs at least one dimension. Add one.")]
    if len(dimensions) > MOST_DIMENSIONS:
        values = {"most": MOST_DIMENSIONS, "count": len(dimensions)}
        return [_("A rubric has at most %(most)d dimensions; this one has %(count)d.") % values]
    found = [
        sentence
        for number, row in enumerate(dimensions, start=1)
        for sentence in _problems_of(number, row)
    ]
    return found or [*_repeated(dimensions), *_weightless(dimensions)]


def _problems_of(number: int, row: Mapping[str, Any]) -> list[str]:
    name = row["name"]
    if not isinstance(name, str) or not name:
        return [_("Dimension %(number)d has no name.") % {"number": number}]
    if len(name) > LONGEST_NAME:
        values = {"number": number, "most": LONGEST_NAME}
        return [_("The name of dimension %(number)d is longer than %(most)d characters.") % values]
    checks = (
        (_is_weight(row["weight"]), _("the weight must be a number from 0 to 100.")),
        (_is_text(row["description"]), _("the description must be a text, not too long.")),
        (isinstance(row["needs_source"], bool), _("“needs_source” must be true or false.")),
        (not set(row) - set(FIELDS), _("it has fields that no dimension has.")),
    )
    found = [text for is_right, text in checks if not is_right] + _level_problems(row["levels"])
    return [_("%(name)s: %(problem)s") % {"name": name, "problem": text} for text in found]


def _level_problems(levels: Any) -> list[str]:
    known = {str(level) for level in LEVELS}
    if not isinstance(levels, Mapping) or not set(levels) <= known:
        return [_("levels are an object with a text for the names 1 to 5.")]
    if not all(_is_text(text) for text in levels.values()):
        return [_("the description of each level must be a text, not too long.")]
    if len(levels) < LEAST_LEVELS:
        return [_("describe at least two of the levels 1 to 5, or judges will not agree.")]
    return []


def _repeated(dimensions: Iterable[Mapping[str, Any]]) -> list[str]:
    seen: set[str] = set()
    twice = {}
    for row in dimensions:
        key = row["name"].casefold()
        if key in seen:
            twice[key] = row["name"]
        seen.add(key)
    text = _("Two dimensions are called “%(name)s”. Give each a name of its own.")
    return [text % {"name": name} for name in twice.values()]


def _weightless(dimensions: Iterable[Mapping[str, Any]]) -> list[str]:
    weighted = [row for row in dimensions if row["weight"] > 0]
    if not weighted:
        return [_("All weights are 0. Give at least one dimension a weight above 0.")]
    if all(row["needs_source"] for row in weighted):
        return [
            _(
                "Every dimension with a weight needs a source text."
                " Add one that any record can be judged by."
            )
        ]
    return []


def _is_weight(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= HEAVIEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def asked(dimensions: Iterable[Mapping[str, Any]], *, has_source: bool) -> list[Mapping[str, Any]]:
    """Choose what a judge is asked: a grounding check only where there is a source text."""
    return [row for row in dimensions if has_source or not row["needs_source"]]
