"""What a client reads about a task."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from providers.models import LanguageModel
from synthesis import presets
from synthesis.api.filters import TASK_STATUSES
from synthesis.api.task_orders import EXTENSIONS
from synthesis.models import Run, SynthesisTask


class CountsSerializer(serializers.Serializer):
    accepted = serializers.IntegerField()
    pending = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    malformed = serializers.IntegerField()
    rejected = serializers.IntegerField()
    surplus = serializers.IntegerField()


class MixSerializer(serializers.Serializer):
    language_model = serializers.IntegerField(source="language_model_id")
    name = serializers.CharField(source="language_model")
    weight = serializers.IntegerField()


class UnsentSerializer(serializers.Serializer):
    language_model = serializers.IntegerField()
    name = serializers.CharField()
    parameters = serializers.ListField(child=serializers.CharField())


class TaskLinksSerializer(serializers.Serializer):
    self_ = serializers.URLField()
    runs = serializers.URLField()
    records = serializers.URLField()
    dataset = serializers.URLField()
    export = serializers.URLField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class TaskSerializer(serializers.ModelSerializer):
    template = serializers.IntegerField(source="template_version.template_id")
    template_name = serializers.CharField(source="template_version.template.name")
    template_version = serializers.IntegerField(source="template_version.number")
    models = MixSerializer(source="task_models", many=True)
    dataset_name = serializers.CharField(source="dataset.name")
    ratio_task = serializers.IntegerField(source="category.ratio_task_id", default=None)
    category = serializers.CharField(source="category.name", default="")
    status = serializers.ChoiceField(TASK_STATUSES)
    status_label = serializers.CharField()
    progress_percent = serializers.IntegerField()
    reason_code = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    unsent_parameters = serializers.SerializerMethodField()
    created_by = serializers.StringRelatedField(allow_null=True)
    links = serializers.SerializerMethodField()

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
        parts = {name: part(read_only=True, allow_null=True) for name, part in EXTENSIONS.items()}
        return {**super().get_fields(), **parts}

    def get_reason_code(self, task: SynthesisTask) -> str:
        return task.latest_run.reason_code if task.latest_run else ""

    def get_reason(self, task: SynthesisTask) -> str:
        return task.latest_run.reason if task.latest_run else ""

    @extend_schema_field(CountsSerializer)
    def get_counts(self, task: SynthesisTask) -> dict[str, int]:
        return {name: getattr(task.latest_run, name, 0) for name in Run.COUNTERS}

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

    @extend_schema_field(TaskLinksSerializer)
    def get_links(self, task: SynthesisTask) -> dict[str, str]:
        def address(name: str, *args: int) -> str:
            return reverse(name, args=args, request=self.context.get("request"))

        dataset = address("datasets-detail", task.dataset_id)
        return {
            "self": address("tasks-detail", task.pk),
            "runs": f"{address('runs-list')}?task={task.pk}",
            "records": f"{address('records-list')}?task={task.pk}",
            "dataset": dataset,
            "export": f"{dataset}export/?file_format={task.output_format}",
        }

    def _models(self, task: SynthesisTask) -> list[LanguageModel]:
        chosen = [row.language_model for row in task.task_models.all()]
        model = task.template_version.language_model or self._default_model()
        return chosen or ([model] if model else [])

    def _default_model(self) -> LanguageModel | None:
        """Ask once for a whole page of tasks."""
        if "default_model" not in self.context:
            self.context["default_model"] = LanguageModel.objects.default()
        return self.context["default_model"]
