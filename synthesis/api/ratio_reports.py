"""What a client reads about a ratio task."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from synthesis.api.filters import TASK_STATUSES
from synthesis.api.task_reports import CountsSerializer, MixSerializer
from synthesis.models import RatioCategory, RatioTask, Run


class RatioCategorySerializer(serializers.ModelSerializer):
    count = serializers.IntegerField()
    task = serializers.IntegerField(source="task.pk")
    template = serializers.IntegerField(source="task.template_version.template_id")
    template_name = serializers.CharField(source="task.template_version.template.name")
    template_version = serializers.IntegerField(source="task.template_version.number")
    values = serializers.JSONField(source="task.values")
    parameters = serializers.JSONField(source="task.parameters")
    models = MixSerializer(source="task.task_models", many=True)
    status = serializers.ChoiceField(TASK_STATUSES)
    status_label = serializers.CharField(source="task.status_label")
    progress_percent = serializers.IntegerField(source="task.progress_percent")
    reason_code = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()

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

    def get_reason_code(self, category: RatioCategory) -> str:
        return category.run.reason_code if category.run else ""

    def get_reason(self, category: RatioCategory) -> str:
        return category.run.reason if category.run else ""

    @extend_schema_field(CountsSerializer)
    def get_counts(self, category: RatioCategory) -> dict[str, int]:
        return {name: getattr(category.run, name, 0) for name in Run.COUNTERS}


class RatioLinksSerializer(serializers.Serializer):
    self_ = serializers.URLField()
    runs = serializers.URLField()
    records = serializers.URLField()
    dataset = serializers.URLField()
    export = serializers.URLField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class RatioTaskSerializer(serializers.ModelSerializer):
    dataset_name = serializers.CharField(source="dataset.name")
    status = serializers.ChoiceField(RatioTask.Status.choices)
    status_label = serializers.CharField()
    progress_percent = serializers.IntegerField()
    counts = CountsSerializer()
    categories = RatioCategorySerializer(many=True)
    created_by = serializers.StringRelatedField(allow_null=True)
    links = serializers.SerializerMethodField()

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

    @extend_schema_field(RatioLinksSerializer)
    def get_links(self, task: RatioTask) -> dict[str, str]:
        def address(name: str, *args: int) -> str:
            return reverse(name, args=args, request=self.context.get("request"))

        dataset = address("datasets-detail", task.dataset_id)
        return {
            "self": address("ratio-tasks-detail", task.pk),
            "runs": f"{address('runs-list')}?ratio_task={task.pk}",
            "records": f"{address('records-list')}?ratio_task={task.pk}",
            "dataset": dataset,
            "export": f"{dataset}export/?file_format={task.output_format}",
        }


class RatioCommandSerializer(RatioTaskSerializer):
    """The task after a command, and the names of the categories that it reached and did not."""

    changed = serializers.ListField(child=serializers.CharField())
    unchanged = serializers.ListField(child=serializers.CharField())

    class Meta(RatioTaskSerializer.Meta):
        fields = (*RatioTaskSerializer.Meta.fields, "changed", "unchanged")
        read_only_fields = fields
