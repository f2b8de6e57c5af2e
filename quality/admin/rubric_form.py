"""The form of a rubric: its dimensions as cards, and as JSON for who prefers that."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from providers.admin.fields import StructureField, structure_widget
from quality import dimensions
from quality.models import Rubric


class DimensionsEditor(forms.Textarea):
    """Cards over the JSON list; without JavaScript, the list itself."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        area = structure_widget(rows=16).render(name, value, {**(attrs or {}), "x-ref": "source"})
        levels = sorted(dimensions.LEVELS, reverse=True)
        return render_to_string(
            "admin/quality/rubric/dimensions_editor.html", {"area": area, "levels": levels}
        )


class RubricForm(forms.ModelForm):
    # Empty lists are told apart by the rules, in words of their own.
    dimensions = StructureField(
        label=_("Dimensions"), required=False, initial=list, widget=DimensionsEditor
    )

    class Meta:
        model = Rubric
        fields = (
            "name",
            "description",
            "template_type",
            "is_enabled",
            "instructions",
            "dimensions",
        )

    def _update_errors(self, errors: Any) -> None:
        # What the field has refused itself is judged once: the model saw no value of it.
        for name in getattr(errors, "error_dict", {}).keys() & self.errors.keys():
            del errors.error_dict[name]
        super()._update_errors(errors)
