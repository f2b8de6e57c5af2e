"""Contents and edits as a reviewer reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import template

from quality import differences
from quality.calibration import calibration, judges_compared
from synthesis.models import Dataset
from synthesis.templatetags.synthesis_admin import pretty

register = template.Library()

# The names that the usual formats have for who speaks, and for what they say.
SPEAKERS = ("role", "from", "speaker")
WORDS = ("content", "value", "text")


class Part(NamedTuple):
    name: str
    text: str
    turns: list[tuple[str, str]]


@register.filter
def parts(content: Any) -> list[Part]:
    """List the fields of a content; a dialogue as its turns."""
    if content is None:
        return []
    fields = content if isinstance(content, Mapping) else {"": content}
    return [part(str(name), value) for name, value in fields.items()]


def part(name: str, value: Any) -> Part:
    said = turns(value)
    return Part(name, "" if said else pretty(value), said)


def turns(value: Any) -> list[tuple[str, str]]:
    """Return who says what, or nothing when the value is no dialogue."""
    if not isinstance(value, list):
        return []
    said = [turn(row) for row in value]
    return [row for row in said if row] if all(said) else []


def turn(row: Any) -> tuple[str, str] | None:
    if not isinstance(row, Mapping):
        return None
    speaker = next((row[name] for name in SPEAKERS if isinstance(row.get(name), str)), None)
    words = next((row[name] for name in WORDS if isinstance(row.get(name), str)), None)
    return None if speaker is None or words is None else (speaker, words)


@register.inclusion_tag("admin/quality/review/agreement.html")
def agreement(dataset: Dataset) -> dict[str, Any]:
    """Say how far judge and people, and two judges, agree about a dataset."""
    return {"found": calibration(dataset), "judges": judges_compared(dataset)}


@register.inclusion_tag("admin/quality/difference.html")
def wording(before: Any, after: Any) -> dict[str, Any]:
    """Show what two contents do not have in common, word by word."""
    return {"pieces": differences.wording(before, after)}


@register.filter
def difference(event: Any) -> list[tuple[str, str]]:
    return differences.difference(event.content_before, event.content_after)
