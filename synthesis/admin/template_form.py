"""The form of a prompt template: parameters as fields of their own, variables as a table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from providers.admin.fields import structure_widget
from providers.models import LanguageModel
from synthesis import conversion, steps
from synthesis.models import PromptTemplate

NUMBER = widgets.UnfoldAdminDecimalFieldWidget
TYPE_LABELS = {
    "text": _("text"),
    "integer": _("whole number"),
    "number": _("number"),
    "choice": _("choice"),
    "list": _("list"),
    "boolean": _("yes or no"),
}


class VariablesEditor(forms.Textarea):
    """A table over the JSON list; without JavaScript, the list itself."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        types = [(code, TYPE_LABELS[code]) for code in conversion.TYPES]
        area = structure_widget(rows=8).render(name, value, {**(attrs or {}), "x-ref": "source"})
        return render_to_string(
            "admin/synthesis/prompttemplate/variables_editor.html", {"area": area, "types": types}
        )


class StepsEditor(forms.Textarea):
    """A card for each later step over the JSON list; without JavaScript, the list itself."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        area = structure_widget(rows=8).render(name, value, {**(attrs or {}), "x-ref": "source"})
        context = {"area": area, "most": steps.MOST_STEPS - 1}
        return render_to_string("admin/synthesis/prompttemplate/steps_editor.html", context)


class TemplateForm(forms.ModelForm):
    temperature = forms.FloatField(
        label=_("Temperature"),
        required=False,
        widget=NUMBER({"step": "0.05", "min": 0, "max": 2}),
        help_text=_("0 to 2; higher is more varied. Empty: as the preset says."),
    )
    top_p = forms.FloatField(
        label=_("Top P"),
        required=False,
        widget=NUMBER({"step": "0.01", "min": 0, "max": 1}),
        help_text=_("0 to 1; the share of likely words to choose from."),
    )
    max_tokens = forms.IntegerField(
        label=_("Max tokens"),
        required=False,
        widget=NUMBER({"min": 1}),
        help_text=_("Longest answer of one call. Empty: enough for the records asked for."),
    )
    frequency_penalty = forms.FloatField(
        label=_("Frequency penalty"),
        required=False,
        widget=NUMBER({"step": "0.1", "min": -2, "max": 2}),
        help_text=_("-2 to 2; above 0 repeats words less."),
    )
    presence_penalty = forms.FloatField(
        label=_("Presence penalty"),
        required=False,
        widget=NUMBER({"step": "0.1", "min": -2, "max": 2}),
        help_text=_("-2 to 2; above 0 moves on to new subjects."),
    )
    stop = forms.CharField(
        label=_("Stop texts"),
        required=False,
        strip=False,
        widget=widgets.UnfoldAdminExpandableTextareaWidget({"rows": 2}),
        help_text=_("One a line, four at most; the answer ends before them."),
    )
    PARAMETERS = (
        "temperature",
        "top_p",
        "max_tokens",
        "frequency_penalty",
        "presence_penalty",
        "stop",
    )

    class Meta:
        model = PromptTemplate
        fields = (
            "name",
            "description",
            "type",
            "is_enabled",
            "system_prompt",
            "prompt",
            "variables",
            "output_schema",
            "examples",
            "steps",
            "language_model",
            "preset",
            "expected_language",
            "code_fields",
            "compared_fields",
        )
        widgets = {"variables": VariablesEditor, "steps": StepsEditor}
        error_messages = {
            "prompt": {"required": _("The prompt is empty. Write what the model should generate.")}
        }
        help_texts = {
            "variables": _("A choice without a default and a list are drawn anew for each batch.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in self.instance.parameters.items():
            self.initial.setdefault(name, "\n".join(value) if name == "stop" else value)
        if "language_model" in self.fields:
            field = self.fields["language_model"]
            field.queryset = LanguageModel.objects.select_related("provider")
            field.empty_label = _("The default model")

    def clean(self) -> dict[str, Any]:
        # The model checks the ranges, and its words are shown beside the fields' own.
        cleaned = super().clean()
        if "temperature" in self.fields:
            given = {name: cleaned.get(name) for name in self.PARAMETERS}
            given["stop"] = [line for line in (given["stop"] or "").splitlines() if line] or None
            self.instance.parameters = {
                name: value for name, value in given.items() if value is not None
            }
        return cleaned

    def _update_errors(self, errors: Any) -> None:
        found = getattr(errors, "error_dict", {})
        # "parameters" is spread over several inputs here, so its sentence goes to the first one.
        if "parameters" in found:
            found["temperature"] = found.pop("parameters")
        # What a field has refused itself is judged once: the model saw no value of it.
        for name in found.keys() & self.errors.keys():
            del found[name]
        super()._update_errors(errors)
