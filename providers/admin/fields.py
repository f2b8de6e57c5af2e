"""JSON that people can read and write: indented, with Chinese as it is."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.fields import InvalidJSONInput
from unfold.widgets import UnfoldAdminTextareaWidget

from providers.validation import TOO_DEEP, check_storable


class IndentingEncoder(json.JSONEncoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2})


class StorableJSONField(forms.JSONField):
    """JSON that a person wrote; what no database stores is refused in words."""

    def to_python(self, value: Any) -> Any:
        try:
            structure = super().to_python(value)
        except RecursionError as error:
            raise ValidationError(TOO_DEEP) from error
        except ValidationError:
            raise
        except ValueError as error:  # a number of thousands of digits
            raise ValidationError(
                self.error_messages["invalid"], code="invalid", params={"value": value}
            ) from error
        check_storable(structure)
        return structure

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show what was refused as it was written: some of it no page could be encoded with."""
        if self.disabled or data is None:
            return super().bound_data(data, initial)
        try:
            check_storable(json.loads(data))
        except (RecursionError, ValueError, ValidationError):
            return InvalidJSONInput(data)
        return super().bound_data(data, initial)


class StructureField(StorableJSONField):
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
