from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField

from synthesis.models import Batch, PromptTemplate, RatioTask, Record, Run, SynthesisTask

DRAFT = "draft"
TASK_STATUSES = [(DRAFT, _("draft")), *Run.Status.choices]


class RowFilter(filters.FilterSet):
    """Choose rows by their number, without a list of all of them in the browsable pages."""

    class Meta:
        filter_overrides = {
            models.ForeignKey: {
                "filter_class": filters.ModelChoiceFilter,
                "extra": lambda field: {
                    "queryset": field.related_model._default_manager.all(),
                    "widget": forms.NumberInput,
                },
            }
        }


class TaskFilter(RowFilter):
    status = filters.ChoiceFilter(choices=TASK_STATUSES, method="with_status")
    template = filters.ModelChoiceFilter(
        field_name="template_version__template",
        queryset=PromptTemplate.objects.all(),
        widget=forms.NumberInput,
    )

    ratio_task = filters.ModelChoiceFilter(
        field_name="category__ratio_task",
        queryset=RatioTask.objects.all(),
        widget=forms.NumberInput,
    )
    is_category = filters.BooleanFilter(field_name="category", lookup_expr="isnull", exclude=True)

    class Meta(RowFilter.Meta):
        model = SynthesisTask
        fields = (
            "status",
            "template",
            "dataset",
            "output_format",
            "ratio_task",
            "is_category",
        )

    def with_status(self, tasks: QuerySet[Any], _name: str, status: str) -> QuerySet[Any]:
        if status == DRAFT:
            return tasks.filter(latest_run=None)
        return tasks.filter(latest_run__status=status)


class RatioTaskFilter(RowFilter):
    status = filters.ChoiceFilter(choices=RatioTask.Status.choices, method="with_status")

    class Meta(RowFilter.Meta):
        model = RatioTask
        fields = ("status", "dataset", "output_format")

    def with_status(self, tasks: QuerySet[Any], _name: str, status: str) -> QuerySet[Any]:
        return tasks.of_status(status)


class RunFilter(RowFilter):
    class Meta(RowFilter.Meta):
        model = Run
        fields = ("task", "ratio_task", "status", "dataset")


class BatchFilter(RowFilter):
    class Meta(RowFilter.Meta):
        model = Batch
        fields = ("run", "kind", "state", "language_model")


class MomentField(IsoDateTimeField):
    def clean(self, value: Any) -> Any:
        moment = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:  # in the first or the last day of all time
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = MomentField


class RecordFilter(RowFilter):
    task = filters.ModelChoiceFilter(
        field_name="run__task", queryset=SynthesisTask.objects.all(), widget=forms.NumberInput
    )
    ratio_task = filters.ModelChoiceFilter(
        field_name="run__ratio_task", queryset=RatioTask.objects.all(), widget=forms.NumberInput
    )
    category = filters.CharFilter(method="in_category")
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    score_min = filters.NumberFilter(field_name="score", lookup_expr="gte")
    score_max = filters.NumberFilter(field_name="score", lookup_expr="lte")
    judge_score_min = filters.NumberFilter(field_name="judge_score", lookup_expr="gte")
    judge_score_max = filters.NumberFilter(field_name="judge_score", lookup_expr="lte")
    is_edited = filters.BooleanFilter(field_name="edited_at", lookup_expr="isnull", exclude=True)

    review = filters.ChoiceFilter(choices=Record.Review.choices)
    assigned_to = filters.CharFilter(
        field_name="assigned_to__username", label=_("Name of the user whom it is assigned to")
    )
    reviewer = filters.CharFilter(
        field_name="reviewer__username", label=_("Name of the user who decided")
    )

    class Meta(RowFilter.Meta):
        model = Record
        fields = (
            "dataset",
            "task",
            "run",
            "batch",
            "ratio_task",
            "category",
            "status",
            "language_model",
        )

    def in_category(self, records: QuerySet[Any], _name: str, category: str) -> QuerySet[Any]:
        return records.in_category(category)
