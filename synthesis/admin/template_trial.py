"""The page that tries a template by one real call."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold import widgets

from providers.models import LanguageModel
from synthesis import source_rules, templating, trial, variables
from synthesis.admin.task_variables import VariablesField, VariablesWidget
from synthesis.models import PromptTemplate, Source


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
    source = forms.ModelChoiceField(
        Source.objects.none(),
        label=_("Source"),
        required=False,
        empty_label=_("None"),
        widget=widgets.UnfoldAdminSelectWidget,
        help_text=_("Its first item fills the variables of the same names."),
    )
    values = VariablesField(label=_("Variables"), required=False)

    def __init__(
        self, template: PromptTemplate, sources: QuerySet[Source], data: Any = None
    ) -> None:
        super().__init__(data)
        source = chosen(sources, self["source"].value())
        self.fields["values"].declare(template.variables, source.columns if source else None)
        self.offer(sources, reverse("admin:synthesis_prompttemplate_variables", args=[template.pk]))
        self.fields["language_model"].queryset = LanguageModel.objects.enabled().select_related(
            "provider"
        )
        self.initial["language_model"] = template.language_model or LanguageModel.objects.default()

    def offer(self, sources: QuerySet[Source], url: str) -> None:
        """Let one of the sources be chosen; the inputs that it leaves open follow from the url."""
        self.fields["source"].queryset = sources
        self.fields["source"].widget.attrs.update(
            {
                "hx-post": url,
                "hx-trigger": "change",
                "hx-include": "closest form",
                "hx-target": f"#{VariablesWidget.html_id}",
                "hx-swap": "outerHTML",
            }
        )
        if not sources:
            del self.fields["source"]

    def clean_source(self) -> Source | None:
        source = self.cleaned_data["source"]
        if source and (sentence := source_rules.not_ready(source)):
            raise forms.ValidationError(sentence)
        return source


def chosen(sources: QuerySet[Source], given: Any) -> Source | None:
    return sources.filter(pk=given).first() if str(given or "").isdecimal() else None


def attempt(template: PromptTemplate, form: TrialForm) -> dict[str, Any]:
    given = form.cleaned_data
    source = given.get("source")
    filled = source.first_values() if source else None
    try:
        result = trial.run(
            template, given["values"], given["language_model"], given["count"], filled
        )
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
