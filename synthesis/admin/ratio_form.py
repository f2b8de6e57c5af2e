"""The form that creates a ratio task, and changes one that has not run yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from synthesis import ratio_rules
from synthesis.admin.dataset_choice import DatasetChoice
from synthesis.admin.diversity_inputs import DiversityInputs
from synthesis.admin.mix_field import MixField
from synthesis.admin.records import IndentedJSONField
from synthesis.admin.rows import Rows, count_field, formset, share_field
from synthesis.admin.task_variables import VariablesField
from synthesis.models import (
    PromptTemplate,
    RatioCategory,
    RatioTask,
    SynthesisTask,
    TemplateVersion,
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What another app keeps of a ratio task: one input, stored with the task of each category."""

    field: forms.Field
    read: Callable[[SynthesisTask], Any]
    store: Callable[[SynthesisTask, Any], None]


PARTS: dict[str, Part] = {}


def extend(name: str, part: Part) -> None:
    PARTS[name] = part
    RatioForm.declared_fields[name] = RatioForm.base_fields[name] = part.field


class RatioForm(DatasetChoice, DiversityInputs):
    take_latest = forms.BooleanField(
        label=_("Latest template versions"),
        required=False,
        widget=widgets.UnfoldBooleanSwitchWidget,
        help_text=_("Take what the templates say today; else each category keeps its version."),
    )

    class Meta:
        model = RatioTask
        fields = (
            "name",
            "description",
            "total",
            "split",
            "batch_size",
            "concurrency",
            "max_attempts",
            "avoid_count",
            "example_count",
            "seed",
            "output_format",
        )
        widgets = {"description": widgets.UnfoldAdminTextareaWidget({"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("existing_dataset", self.instance.dataset_id)
            for category in self.instance.categories.all()[:1]:
                stored = {name: part.read(category.task) for name, part in PARTS.items()}
                self.initial = {**stored, **self.initial}

    def store_parts(self, task: RatioTask) -> None:
        for category in task.stored_categories():
            for name, part in PARTS.items():
                part.store(category.task, self.cleaned_data[name])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.check_dataset(cleaned)
        return cleaned


class CategoryForm(forms.Form):
    """One row; what it means beside the other rows is the formset's to judge."""

    name = forms.CharField(
        label=_("Category"),
        required=False,
        max_length=100,
        widget=widgets.UnfoldAdminTextInputWidget,
    )
    share = share_field()
    template = forms.ModelChoiceField(
        PromptTemplate.objects.none(),
        label=_("Template"),
        required=False,
        empty_label=_("Select value"),
        widget=widgets.UnfoldAdminSelectWidget,
    )
    count = count_field()
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    values = VariablesField(label=_("Variables"), required=False)
    models = MixField(
        label=_("Models"),
        required=False,
        help_text=_(
            "Several models share the batches by their weights. None: the template's model,"
            " else the default one."
        ),
    )
    parameters = IndentedJSONField(
        label=_("Parameters"),
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget(
            {"rows": 2, "class": "sy-plain", "placeholder": '{"temperature": 0.7}'}
        ),
        help_text=_("A JSON object that wins over the template's parameters."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = self.chosen_version()
        template = self.fields["template"]
        kept = self.chosen.template_id if self.chosen else None
        template.queryset = PromptTemplate.objects.filter(Q(is_enabled=True) | Q(pk=kept))
        url = reverse("admin:synthesis_ratiotask_variables")
        template.widget.attrs.update(
            {
                "hx-post": f"{url}?row={self.prefix}",
                "hx-trigger": "change",
                "hx-include": "closest form",
                "hx-target": f"#{self.prefix}-variables",
                "hx-swap": "outerHTML",
            }
        )
        values = self.fields["values"]
        values.widget.html_id = f"{self.prefix}-variables"
        values.declare(self.chosen.variables if self.chosen else [])

    def chosen_version(self) -> TemplateVersion | None:
        """Return the version that the row keeps, else the latest of the chosen template."""
        template, version = self.given("template"), self.given("version")
        if not template.isdecimal():
            return None
        versions = TemplateVersion.objects.filter(template=template).select_related("template")
        if version.isdecimal() and "take_latest" not in self.data:
            kept = versions.filter(pk=version).first()
            if kept is not None:
                return kept
        return versions.order_by("-number").first()

    def given(self, name: str) -> str:
        value = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        return str(value or "")

    def row(self) -> ratio_rules.Row:
        given = self.cleaned_data
        return ratio_rules.Row(
            name=given.get("name") or "",
            share=given.get("share"),
            count=given.get("count"),
            version=self.chosen if given.get("template") else None,
            values=given.get("values") or {},
            parameters=given.get("parameters") or {},
            mix=given.get("models") or {},
        )


class Categories(Rows):
    plan: ratio_rules.Plan

    def planned(self, rows: list[ratio_rules.Row]) -> ratio_rules.Plan:
        split = self.instance.split
        # Counts make the total; the one that was typed before them does not matter.
        total = self.instance.total if split == RatioTask.Split.SHARES else None
        return ratio_rules.plan(rows, split=split, total=total)

    @staticmethod
    def stored(order: RatioTask) -> list[dict[str, Any]]:
        return [stored_row(category) for category in order.categories.all()]


CategoryFormSet = formset(CategoryForm, Categories)


def stored_row(category: RatioCategory) -> dict[str, Any]:
    """Return what the row's inputs show of a stored category."""
    order = category.order()
    return {
        "name": order.name,
        "share": f"{order.share.normalize():f}",
        "count": order.count,
        "template": order.version.template_id,
        "version": order.version.pk,
        "values": order.values,
        "models": order.mix,
        "parameters": order.parameters or None,
    }
