"""The form that creates and changes a task."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from providers.models import LanguageModel
from providers.parameters import NOT_AN_OBJECT
from synthesis import presets
from synthesis.admin.dataset_choice import DatasetChoice
from synthesis.admin.diversity_inputs import DiversityInputs
from synthesis.admin.task_target import MadeUp, TargetWidget, made_up
from synthesis.admin.task_variables import VariablesField
from synthesis.errors import TaskNotReadyError
from synthesis.models import PromptTemplate, Source, SynthesisTask, TemplateVersion

OWN_INPUTS = ("temperature", "top_p", "max_tokens")


class TaskForm(DatasetChoice, DiversityInputs):
    template = forms.ModelChoiceField(
        PromptTemplate.objects.none(),
        label=_("Template"),
        empty_label=_("Select value"),
        widget=widgets.UnfoldAdminSelectWidget,
    )
    take_latest = forms.BooleanField(
        label=_("Latest template version"),
        required=False,
        widget=widgets.UnfoldBooleanSwitchWidget,
        help_text=_("Take what the template says today; else the task keeps its version."),
    )
    source = forms.ModelChoiceField(
        Source.objects.all(),
        label=_("Source"),
        required=False,
        empty_label=_("None"),
        widget=widgets.UnfoldAdminSelectWidget,
        help_text=_(
            "Its columns fill the prompt's variables of the same names, whatever the template"
            " declares; {text} is a chunk, or a row as a whole."
        ),
    )
    values = VariablesField(label=_("Variables"), required=False)
    temperature = forms.FloatField(
        label=_("Temperature"),
        required=False,
        widget=widgets.UnfoldAdminDecimalFieldWidget({"step": "any"}),
        help_text=_("0 to 2; higher is more varied. Empty: as the template says."),
    )
    top_p = forms.FloatField(
        label=_("Top P"),
        required=False,
        widget=widgets.UnfoldAdminDecimalFieldWidget({"step": "any"}),
        help_text=_("0 to 1. Empty: as the template says."),
    )
    max_tokens = forms.IntegerField(
        label=_("Max tokens"),
        required=False,
        widget=widgets.UnfoldAdminIntegerFieldWidget,
        help_text=_("Longest answer of one call. Empty: as the template says."),
    )

    class Meta:
        model = SynthesisTask
        fields = (
            "name",
            "description",
            "source",
            "records_per_item",
            "items_per_call",
            "target_count",
            "values",
            "parameters",
            "batch_size",
            "concurrency",
            "max_attempts",
            "avoid_count",
            "example_count",
            "seed",
            "output_format",
        )
        help_texts = {
            "records_per_item": _(
                "Good records wanted from each row or chunk of the source; they make up the records"
                " wanted. Empty: the records wanted are spread evenly over the source."
            )
        }
        widgets = {
            "description": widgets.UnfoldAdminTextareaWidget({"rows": 3}),
            "parameters": widgets.UnfoldAdminTextareaWidget({"rows": 3, "class": "sy-plain"}),
            "target_count": TargetWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = self.instance.template_version if self.instance.pk else None
        self.fields["template"].queryset = PromptTemplate.objects.filter(
            Q(is_enabled=True) | Q(pk=self.current.template_id if self.current else None)
        )
        self.fields["parameters"].label = _("Other parameters")
        self.fields["items_per_call"].required = False
        if self.current:
            self.show_stored()
        self.reload_variables_on_change("template", "take_latest", "source")
        self.version = self.chosen_version()
        source = self.chosen_source()
        self.fields["values"].declare(
            self.version.variables if self.version else [], source.columns if source else None
        )
        if source and (found := self.count_made_up(source)):
            # What the source decides is neither asked for nor judged.
            self.fields["target_count"].disabled = True
            self.fields["target_count"].widget.made_up = found
            self.fields["target_count"].widget.typed = self.data.get(
                self.add_prefix("target_count")
            )

    def reload_variables_on_change(self, *names: str) -> None:
        url = reverse("admin:synthesis_synthesistask_variables")
        for name in names:
            self.fields[name].widget.attrs.update(
                {
                    "hx-post": f"{url}?task={self.instance.pk}" if self.instance.pk else url,
                    "hx-trigger": "change",
                    "hx-include": "closest form",
                    "hx-target": "#task-variables",
                    "hx-swap": "outerHTML",
                }
            )

    def show_stored(self) -> None:
        """Fill the inputs that are no columns from the task."""
        parameters = dict(self.instance.parameters)
        for name in OWN_INPUTS:
            self.initial.setdefault(name, parameters.pop(name, None))
        self.initial["parameters"] = parameters
        self.initial.setdefault("template", self.current.template_id)
        self.initial.setdefault("existing_dataset", self.instance.dataset_id)

    def chosen_version(self) -> TemplateVersion | None:
        """Return the version of the chosen template that the task would take."""
        chosen = self.data.get("template") if self.is_bound else self.get_initial("template")
        if not str(chosen or "").isdecimal():
            return None
        is_latest = self.is_bound and "take_latest" in self.data
        if self.current and str(self.current.template_id) == str(chosen) and not is_latest:
            return self.current
        template = self.fields["template"].queryset.filter(pk=chosen).first()
        return template.latest_version if template else None

    def chosen_source(self) -> Source | None:
        chosen = self.data.get("source") if self.is_bound else self.get_initial("source")
        if not str(chosen or "").isdecimal():
            return None
        return self.fields["source"].queryset.filter(pk=chosen).first()

    def count_made_up(self, source: Source) -> MadeUp | None:
        """Count what each item's records make up; None where the records wanted are typed."""
        bound = self["records_per_item"]
        if bound.value() in (None, ""):
            return None
        try:
            return made_up(source, bound.field.clean(bound.value()))
        except forms.ValidationError:
            return made_up(source, None)

    def get_initial(self, name: str) -> Any:
        return self.get_initial_for_field(self.fields[name], name)

    def clean_items_per_call(self) -> int:
        return self.cleaned_data["items_per_call"] or 1

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.check_dataset(cleaned)
        others = cleaned.get("parameters")
        if not isinstance(others or {}, dict):
            self.add_error("parameters", NOT_AN_OBJECT)
            return cleaned
        own = {name: cleaned.get(name) for name in OWN_INPUTS}
        cleaned["parameters"] = presets.effective(others, own)
        self.check_parameters(cleaned["parameters"])
        return cleaned

    def check_parameters(self, parameters: dict[str, Any]) -> None:
        try:
            presets.check_parameters(parameters)
        except presets.ParameterError as error:
            for problem in error.problems:
                field = problem.name if problem.name in OWN_INPUTS else "parameters"
                self.add_error(field, problem.sentence)

    def _post_clean(self) -> None:
        if self.version is not None:
            self.instance.template_version = self.version
        super()._post_clean()

    def _update_errors(self, errors: forms.ValidationError) -> None:
        """Leave out what the model says about inputs that the form has refused already."""
        refused = {"values", "parameters"} & {
            "parameters" if name in OWN_INPUTS else name for name in self.errors
        }
        found = getattr(errors, "error_dict", {})
        kept = {name: problems for name, problems in found.items() if name not in refused}
        if kept or not found:
            super()._update_errors(forms.ValidationError(kept) if kept else errors)


class MixFormSet(forms.BaseInlineFormSet):
    """The models of a task; none means the template's, else the default one."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        chosen = [
            form.cleaned_data["language_model"]
            for form in self.forms
            if form.cleaned_data.get("language_model") and not form.cleaned_data.get("DELETE")
        ]
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(_("Each model stands once in the mix; give it a weight."))
        self.check_usable(chosen or self.fallback())

    def fallback(self) -> list[LanguageModel]:
        version = self.instance.template_version if self.instance.template_version_id else None
        model = (version and version.language_model) or LanguageModel.objects.default()
        return [model] if model else []

    def check_usable(self, models: list[LanguageModel]) -> None:
        if not models:
            raise forms.ValidationError(str(TaskNotReadyError("no_model")))
        for model in models:
            if not (model.is_enabled and model.provider.is_enabled):
                raise forms.ValidationError(str(TaskNotReadyError("model_disabled", str(model))))


def untaken(task: SynthesisTask, parameters: dict[str, Any]) -> list[tuple[LanguageModel, str]]:
    """List the models of a task's mix with the parameters that they do not take."""
    found = []
    for row in task.mix():
        names = row.language_model.split_parameters(parameters)[1]
        if names:
            found.append((row.language_model, ", ".join(names)))
    return found
