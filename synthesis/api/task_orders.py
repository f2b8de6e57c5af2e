"""What a client sends to order records."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from synthesis.api import parts
from synthesis.api.orders import ContentSerializer, OrderSerializer, mix
from synthesis.models import PromptTemplate, SynthesisTask


class TaskChangeSerializer(ContentSerializer, OrderSerializer):
    """An order of records of one template."""

    template = serializers.PrimaryKeyRelatedField(
        queryset=PromptTemplate.objects.filter(is_enabled=True),
        help_text=gettext_lazy("The task takes what the template says now."),
    )

    class Meta:
        model = SynthesisTask
        fields = (
            "name",
            "description",
            "template",
            "values",
            "target_count",
            "language_model",
            "models",
            "parameters",
            "seed",
            "batch_size",
            "concurrency",
            "max_attempts",
            "avoid_count",
            "example_count",
            "dataset",
            "dataset_name",
            "output_format",
        )
        extra_kwargs = {"dataset": {"required": False}}

    def store(self, row: SynthesisTask, values: dict[str, Any]) -> SynthesisTask:
        row.check_independence()
        weights = take_mix(values)
        taken = parts.take(parts.TASK, values)
        template = values.pop("template", None)
        if template is not None:
            row.template_version = template.latest_version
        self.place(row, values)
        task = super().store(row, values)
        if weights is not None:
            task.set_mix(weights)
        parts.store(self, task, taken)
        return task


def take_mix(values: dict[str, Any]) -> dict[int, int] | None:
    """Take the models out of values, as id to weight; None leaves them as they are."""
    given = {name: values.pop(name) for name in ("language_model", "models") if name in values}
    return mix(given) if given else None


class TaskOrderSerializer(TaskChangeSerializer):
    start = serializers.BooleanField(
        default=True, help_text=gettext_lazy("false leaves the task a draft.")
    )

    class Meta(TaskChangeSerializer.Meta):
        fields = (*TaskChangeSerializer.Meta.fields, "start")

    def store(self, row: SynthesisTask, values: dict[str, Any]) -> SynthesisTask:
        is_wanted = values.pop("start")
        task = super().store(row, {**values, "created_by": self.user})
        if is_wanted:
            task.start(self.user)
        return task
