"""What a client reads about a task."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from providers.models import LanguageModel
from synthesis import presets
from synthesis.api import parts
from synthesis.api.orders import MixSerializer, OrderReport, RunReport
from synthesis.models import SynthesisTask


class UnsentSerializer(serializers.Serializer):
    language_model = serializers.IntegerField()
    name = serializers.CharField()
    parameters = serializers.ListField(child=serializers.CharField())


class TaskSerializer(RunReport, OrderReport):
    route = "tasks"
    filter = "task"

    template = serializers.IntegerField(source="template_version.template_id")
    template_name = serializers.CharField(source="template_version.template.name")
    template_version = serializers.IntegerField(source="template_version.number")
    target_count = serializers.IntegerField(source="order_count")
    models = MixSerializer(source="task_models", many=True)
    ratio_task = serializers.IntegerField(source="category.ratio_task_id", default=None)
    category = serializers.CharField(source="category.name", default="")
    unsent_parameters = serializers.SerializerMethodField()

    class Meta:
        model = SynthesisTask
        fields = (
            "id",
            "name",
            "description",
            "template",
            "template_name",
            "template_version",
            "values",
            "target_count",
            "models",
            "parameters",
            "unsent_parameters",
            "seed",
            "batch_size",
            "concurrency",
            "max_attempts",
            "avoid_count",
            "example_count",
            "dataset",
            "dataset_name",
            "output_format",
            "ratio_task",
            "category",
            "status",
            "status_label",
            "progress_percent",
            "reason_code",
            "reason",
            "counts",
            "latest_run",
            "created_by",
            "created_at",
            "updated_at",
            "links",
        )
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field]:
        more = parts.fields(parts.TASK, read_only=True, allow_null=True)
        return {**super().get_fields(), **more}

    @extend_schema_field(UnsentSerializer(many=True))
    def get_unsent_parameters(self, task: SynthesisTask) -> list[dict[str, Any]]:
        """List what the task asks for and a model of its mix does not take."""
        version = task.template_version
        asked = presets.effective(
            presets.PRESETS.get(version.preset, {}), version.parameters, task.parameters
        )
        unsent = ((model, model.split_parameters(asked)[1]) for model in self._models(task))
        return [
            {"language_model": model.pk, "name": str(model), "parameters": names}
            for model, names in unsent
            if names
        ]

    def _models(self, task: SynthesisTask) -> list[LanguageModel]:
        chosen = [row.language_model for row in task.task_models.all()]
        model = task.template_version.language_model or self._default_model()
        return chosen or ([model] if model else [])

    def _default_model(self) -> LanguageModel | None:
        """Ask once for a whole page of tasks."""
        if "default_model" not in self.context:
            self.context["default_model"] = LanguageModel.objects.default()
        return self.context["default_model"]
