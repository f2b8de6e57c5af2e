from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from synthesis.admin.records import IndentedJSONField
from synthesis.models import Record


class ContentForm(forms.Form):
    """The fields of one record's content: texts as they are, the rest as JSON."""

    def __init__(self, record: Record, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_object = isinstance(record.content, Mapping)
        values = record.content if self.is_object else {str(_("Content")): record.content}
        self.names = list(values)
        for number, (name, value) in enumerate(values.items()):
            self.fields[f"field-{number}"] = editor_of(name, value)

    @property
    def content(self) -> Any:
        """What the form gives back, with line ends as models write them."""
        values = [self.cleaned_data[f"field-{number}"] for number in range(len(self.names))]
        given = [row.replace("\r\n", "\n") if isinstance(row, str) else row for row in values]
        return dict(zip(self.names, given, strict=True)) if self.is_object else given[0]


def editor_of(name: str, value: Any) -> forms.Field:
    if isinstance(value, str):
        rows = min(16, 2 + value.count("\n") + len(value) // 90)
        return forms.CharField(
            label=name,
            initial=value,
            required=False,
            strip=False,
            widget=widgets.UnfoldAdminTextareaWidget({"rows": rows}),
        )
    return IndentedJSONField(label=name, initial=value, required=False)
