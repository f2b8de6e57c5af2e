"""The page that tries a template by one real call."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold import widgets

from providers.models import LanguageModel
from synthesis import templating, trial, variables
from synthesis.admin.task_variables import VariablesField
from synthesis.models import PromptTemplate


class TrialForm(forms.Form):
    count = forms.IntegerField(
        label=pgettext_lazy("how many", "Records"),
        min_value=1,
        max_value=trial.TRIAL_RECORDS,
        initial=1,
        widget=widgets.UnfoldAdminIntegerFieldWidget({"min": 1, "max": trial.TRIAL_RECORDS}),
    )
    language_model = forms.ModelChoiceField(
        LanguageModel.objects.none(),
        label=_("Model"),
        empty_label=None,
        widget=widgets.UnfoldAdminSelectWidget,
    )
    values = VariablesField(label=_("Variables"), required=False)

    def __init__(self, template: PromptTemplate, data: Any = None) -> None:
        super().__init__(data)
        self.fields["values"].declare(template.variables)
        self.fields["language_model"].queryset = LanguageModel.objects.enabled().select_related(
            "provider"
        )
        self.initial["language_model"] = template.language_model or LanguageModel.objects.default()


def attempt(template: PromptTemplate, form: TrialForm) -> dict[str, Any]:
    given = form.cleaned_data
    try:
        result = trial.run(template, given["values"], given["language_model"], given["count"])
    except (variables.VariableError, templating.TemplatingError) as error:
        form.add_error(None, str(error))
        return {}
    return {"trial": result, "records": printed(result.records)}


def printed(records: list[trial.TriedRecord]) -> list[dict[str, str]]:
    """Write the records as indented text, with what is wrong with them."""
    return [
        {
            "text": record.raw
            if record.content is None
            else json.dumps(record.content, ensure_ascii=False, indent=2),
            "problem": record.problem,
        }
        for record in records
    ]
