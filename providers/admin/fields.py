"""JSON that people can read and write: indented, with Chinese as it is."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.db import models
from unfold.widgets import UnfoldAdminTextareaWidget


class IndentingEncoder(json.JSONEncoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2})


class StructureField(forms.JSONField):
    """A JSON text area whose emptiness is the model field's own empty value."""

    def __init__(self, **options: Any) -> None:
        options["encoder"] = IndentingEncoder
        super().__init__(**{**options, "show_hidden_initial": False})

    def to_python(self, value: Any) -> Any:
        structure = super().to_python(value)
        if structure is None and callable(self.initial):
            return self.initial()
        return structure


def structure_widget(rows: int = 6) -> UnfoldAdminTextareaWidget:
    return UnfoldAdminTextareaWidget({"rows": rows, "class": "dm-json", "spellcheck": "false"})


STRUCTURE_OVERRIDES = {
    models.JSONField: {"form_class": StructureField, "widget": structure_widget()}
}
