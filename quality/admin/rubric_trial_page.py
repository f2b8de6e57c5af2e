"""The form that tries a rubric on a record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from providers.admin.fields import StructureField, structure_widget
from providers.models import LanguageModel
from quality import judge, record_cases
from synthesis.models import Record


class RecordText(StructureField):
    """A record as JSON that may be left out: nothing is shown as nothing, not as null."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class RubricTrialForm(forms.Form):
    language_model = forms.ModelChoiceField(
        LanguageModel.objects.none(),
        label=_("Judge"),
        empty_label=None,
        widget=widgets.UnfoldAdminSelectWidget,
        help_text=_("Best another model than the one that wrote the record."),
    )
    record = forms.ModelChoiceField(
        Record.objects.select_related(*record_cases.JOINED),
        label=_("Number of a record"),
        required=False,
        widget=widgets.UnfoldAdminIntegerFieldWidget({"min": 1}),
        error_messages={"invalid_choice": _("There is no record with this number.")},
    )
    content = RecordText(
        label=_("or a record as JSON"),
        required=False,
        widget=structure_widget(rows=8),
    )
    source = forms.CharField(
        label=_("Source text"),
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget({"rows": 4}),
        help_text=_("With one, the dimensions that need a source text are asked too."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["language_model"].queryset = LanguageModel.objects.enabled().select_related(
            "provider"
        )
        self.initial["language_model"] = LanguageModel.objects.default()
        newest = Record.objects.accepted().order_by("-pk").values_list("pk", flat=True)
        self.initial["record"] = newest.first()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned["record"] and not cleaned["content"]:
            self.add_error("record", _("Name a record, or write one as JSON."))
        return cleaned

    def case(self) -> judge.Case:
        """Return what is to be judged: what is written here, else the record of that number."""
        given = self.cleaned_data
        if given["content"]:
            return judge.Case(content=given["content"], source=given["source"])
        case = record_cases.case_of(given["record"])
        return replace(case, source=given["source"] or case.source)
