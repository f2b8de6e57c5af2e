"""Figures, chips and record contents as the admin pages show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import gettext

from synthesis import coverage, reasons
from synthesis.models import Run

register = template.Library()

CHIPS = {
    "draft": "default",
    "pending": "info",
    "running": "primary",
    "paused": "warning",
    "completed": "success",
    "stalled": "warning",
    "stopped": "warning",
    "failed": "danger",
    "short": "warning",
    "cancelled": "default",
    "accepted": "success",
    "duplicate": "warning",
    "malformed": "danger",
    "rejected": "danger",
    "surplus": "info",
    "planned": "default",
    "done": "success",
    "started": "info",
    "stored": "success",
    "late": "warning",
    "previewed": "info",
    "applied": "success",
    "undone": "default",
    "unknown": "warning",
    "searching": "primary",
    "found": "info",
    "applying": "primary",
    "undoing": "primary",
    "removed": "warning",
    "restored": "success",
    "loaded": "success",
    "repeated": "warning",
}
SHORT_CHARACTERS = 100
LINE_CHARACTERS = 80
LEAST_DIGITS, MOST_DIGITS = 2, 6


@register.filter
def chip(status: str) -> str:
    """Return the colour of a status chip, in Unfold's words."""
    return CHIPS.get(status, "default")


register.filter("in_words", reasons.in_words)


@register.filter
def money(amount: Decimal | None, currency: str = "") -> str:
    """Write an amount with as many digits as a small sum needs; a dash when not known."""
    if amount is None:
        return "–"
    exact = round(Decimal(amount), MOST_DIGITS).normalize()
    digits = min(MOST_DIGITS, max(LEAST_DIGITS, -int(exact.as_tuple().exponent)))
    return f"{formats.number_format(exact, digits)} {currency}".strip()


@register.filter
def percent(share: float | None) -> str:
    """Write a share of 1 in percent, with one digit; a dash when there is none.

    Cut off rather than rounded: 100% is shown only for all of them.
    """
    if share is None:
        return "–"
    # Whole first where only the binary form is not: 0.29 is no 28.999999999999996%.
    return f"{formats.number_format(round(share * 100, 6), 1)}%"


@register.filter
def exact(number: Decimal) -> str:
    """Write a decimal number with the digits that it has, and no zeros after them."""
    return f"{number.normalize():f}"


@register.filter
def duration(span: timedelta | None) -> str:
    """Write a time span as hours, minutes and seconds; a dash when there is none."""
    if span is None:
        return "–"
    seconds = max(0, int(span.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def pretty(value: Any) -> str:
    """Write a value of a record as a person reads it: text as it is, else indented JSON."""
    if isinstance(value, str):
        return value
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= LINE_CHARACTERS else json.dumps(value, ensure_ascii=False, indent=2)


@register.filter
def pairs(content: Any) -> list[tuple[str, str]]:
    """List a record's fields with their values as text."""
    if isinstance(content, Mapping):
        return [(str(name), pretty(value)) for name, value in content.items()]
    return [] if content is None else [("", pretty(content))]


@register.filter
def short(record: Any) -> str:
    """Say in one line what a record holds, by its first fields."""
    if isinstance(record.content, Mapping):
        text = " · ".join(one_line(value) for value in record.content.values())
    else:
        text = one_line(record.content) if record.content is not None else record.raw
    text = " ".join(text[: SHORT_CHARACTERS * 4].split())
    return text if len(text) <= SHORT_CHARACTERS else f"{text[:SHORT_CHARACTERS]}…"


def one_line(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.filter
def decoded(body: bytes | memoryview | None) -> str:
    """Write a stored response as text, JSON with its lines broken."""
    if body is None:
        return gettext("No response was stored.")
    text = bytes(body).decode("utf-8", errors="replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


@register.filter
def draws(run: Run) -> bool:
    """Tell whether batches of a run draw anything whose coverage could be shown."""
    return any(coverage.drawn(run))


@register.simple_tag
def segment(name: str, number: int, total: int, label: str) -> str:
    """Draw one part of a stacked bar; nothing when it is empty."""
    if not number or not total:
        return ""
    width = f"{number * 100 / total:.2f}"
    return format_html(
        '<span class="sy-bar-part sy-bar-{}" style="width:{}%" title="{}: {}"></span>',
        name,
        width,
        label,
        number,
    )


@register.simple_tag(takes_context=True)
def page_link(context: Any, parameter: str, number: int) -> str:
    """Return the query that turns one of several tables of a page, and leaves the others."""
    query = context["request"].GET.copy()
    query[parameter] = str(number)
    return f"?{query.urlencode()}"
