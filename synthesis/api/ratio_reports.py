"""What a client reads about a ratio task."""

from __future__ import annotations

from rest_framework import serializers

from synthesis.api.orders import CountsSerializer, MixSerializer, OrderReport, RunReport
from synthesis.models import RatioCategory, RatioTask


class RatioCategorySerializer(RunReport):
    count = serializers.IntegerField()
    task = serializers.IntegerField(source="task.pk")
    template = serializers.IntegerField(source="task.template_version.template_id")
    template_name = serializers.CharField(source="task.template_version.template.name")
    template_version = serializers.IntegerField(source="task.template_version.number")
    values = serializers.JSONField(source="task.values")
    parameters = serializers.JSONField(source="task.parameters")
    models = MixSerializer(source="task.task_models", many=True)
    status_label = serializers.CharField(source="task.status_label")
    progress_percent = serializers.IntegerField(source="task.progress_percent")

    class Meta:
        model = RatioCategory
        fields = (
            "name",
            "share",
            "count",
            "task",
            "template",
            "template_name",
            "template_version",
            "values",
            "parameters",
            "models",
            "status",
            "status_label",
            "progress_percent",
            "reason_code",
            "reason",
            "counts",
        )
        read_only_fields = fields


class RatioTaskSerializer(OrderReport):
    route = "ratio-tasks"
    filter = "ratio_task"

    status = serializers.ChoiceField(RatioTask.Status.choices)
    counts = CountsSerializer()
    categories = RatioCategorySerializer(many=True)

    class Meta:
        model = RatioTask
        fields: tuple[str, ...] = (
            "id",
            "name",
            "description",
            "total",
            "split",
            "seed",
            "batch_size",
            "concurrency",
            "max_attempts",
            "avoid_count",
            "example_count",
            "dataset",
            "dataset_name",
            "output_format",
            "status",
            "status_label",
            "progress_percent",
            "counts",
            "categories",
            "created_by",
            "created_at",
            "updated_at",
            "links",
        )
        read_only_fields = fields


class RatioCommandSerializer(RatioTaskSerializer):
    """The task after a command, and the names of the categories that it reached and did not."""

    changed = serializers.ListField(child=serializers.CharField())
    unchanged = serializers.ListField(child=serializers.CharField())

    class Meta(RatioTaskSerializer.Meta):
        fields = (*RatioTaskSerializer.Meta.fields, "changed", "unchanged")
        read_only_fields = fields
