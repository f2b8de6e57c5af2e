"""The input for the records that a task wants: a number, or what its source makes up."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold import widgets

from synthesis import source_rules
from synthesis.models import Source


class MadeUp(NamedTuple):
    """The records that a source makes up; no number where that cannot be said yet."""

    total: int | None
    sentence: str


def made_up(source: Source, records_per_item: int | None) -> MadeUp:
    if sentence := source_rules.not_ready(source):
        return MadeUp(None, sentence)
    if records_per_item is None:
        return MadeUp(None, "")
    total = source.item_count * records_per_item
    text = _("Items of the source: %(items)s; records of each: %(each)s.")
    facts = {"items": source.item_count, "each": records_per_item}
    return MadeUp(total, source_rules.too_many(total) or text % facts)


class TargetWidget(widgets.UnfoldAdminIntegerFieldWidget):
    made_up: MadeUp | None = None  # in place of a number that somebody types
    typed: str | None = None  # a form gives a field that is disabled its first value

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        context = {"parts": self.render_parts(name, value, attrs)}
        return render_to_string("admin/synthesis/synthesistask/target.html", context)

    def render_parts(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None
    ) -> SafeString:
        """Render what follows source and records per item; a typed number is kept for later."""
        if self.made_up is None:
            return super().render(name, value, attrs)
        total = super().render(name, self.made_up.total, {**(attrs or {}), "disabled": True})
        context = {
            "total": total,
            "typed": forms.HiddenInput().render(name, self.typed or value),
            "sentence": self.made_up.sentence,
        }
        return render_to_string("admin/synthesis/synthesistask/made_up.html", context)
