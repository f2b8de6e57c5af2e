from __future__ import annotations

from typing import Any, NamedTuple

from django import template

from quality.scoring import words

register = template.Library()


class Row(NamedTuple):
    label: str
    value: float
    explanation: str


@register.filter
def score_rows(parts: dict[str, Any]) -> list[Row]:
    """List the parts of a score with their names and what they mean."""
    return [
        Row(str(words.LABELS[name]), value, str(words.EXPLANATIONS[name]))
        for name, value in parts.items()
        if name in words.LABELS
    ]
