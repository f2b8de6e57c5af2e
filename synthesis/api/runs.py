from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from synthesis import coverage, reasons
from synthesis.api.filters import BatchFilter, RunFilter
from synthesis.api.pagination import KeyPagination
from synthesis.models import Batch, Run


class RunMixSerializer(serializers.Serializer):
    language_model = serializers.IntegerField()
    name = serializers.CharField()
    weight = serializers.IntegerField()


class RunSerializer(serializers.ModelSerializer):
    task_name = serializers.CharField(source="task.name")
    status_label = serializers.CharField(source="get_status_display")
    reason = serializers.CharField()
    template = serializers.IntegerField(source="template_version.template_id")
    template_version = serializers.IntegerField(source="template_version.number")
    models = RunMixSerializer(source="mix", many=True)
    progress_percent = serializers.IntegerField()
    made = serializers.IntegerField(
        help_text=_("Records that came back: the sum of the six counts.")
    )
    success_rate = serializers.FloatField(
        allow_null=True,
        help_text=_(
            "Accepted and surplus records as a share of those decided; null before the first."
        ),
    )
    created_by = serializers.StringRelatedField(allow_null=True)

    class Meta:
        model = Run
        fields: tuple[str, ...] = (
            "id",
            "task",
            "task_name",
            "ratio_task",
            "category",
            "number",
            "status",
            "status_label",
            "reason_code",
            "reason",
            "reason_detail",
            "template",
            "template_version",
            "dataset",
            "values",
            "parameters",
            "models",
            "seed",
            "target_count",
            "batch_size",
            "concurrency",
            "max_attempts",
            "avoid_count",
            "example_count",
            *Run.COUNTERS,
            "made",
            "success_rate",
            "progress_percent",
            "created_by",
            "created_at",
            "started_at",
            "resumed_at",
            "finished_at",
        )
        read_only_fields = fields


class CallCountsSerializer(serializers.Serializer):
    calls = serializers.IntegerField()
    answered = serializers.IntegerField()
    failed = serializers.IntegerField()
    unknown = serializers.IntegerField()
    in_flight = serializers.IntegerField()
    retried = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    costs = serializers.DictField(child=serializers.DecimalField(max_digits=20, decimal_places=8))


class FailureSerializer(serializers.Serializer):
    error_code = serializers.CharField()
    total = serializers.IntegerField()
    example = serializers.CharField(allow_blank=True)
    advice = serializers.CharField()


class RunDetailSerializer(RunSerializer):
    calls = serializers.SerializerMethodField()
    failures = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "calls", "failures")
        read_only_fields = fields

    @extend_schema_field(CallCountsSerializer)
    def get_calls(self, run: Run) -> dict[str, Any]:
        return CallCountsSerializer(run.call_counts()).data

    @extend_schema_field(FailureSerializer(many=True))
    def get_failures(self, run: Run) -> list[dict[str, Any]]:
        return FailureSerializer(run.failure_counts(), many=True).data


class CoveredSerializer(serializers.Serializer):
    value = serializers.CharField()
    planned = serializers.IntegerField(help_text=_("Records that batches with it ask for."))
    made = serializers.IntegerField()
    accepted = serializers.IntegerField()


class CoverageSerializer(serializers.Serializer):
    name = serializers.CharField(help_text=_("A list or open choice of the template."))
    values = CoveredSerializer(many=True)
    left_out = serializers.IntegerField(help_text=_("Values beyond those that are listed."))


class RunViewSet(ReadOnlyModelViewSet):
    """Executions of tasks. One run also tells its calls, costs and failures."""

    queryset = Run.objects.select_related("task", "template_version", "created_by")
    filterset_class = RunFilter
    search_fields = ("task__name",)
    ordering_fields = ("id", "created_at", "finished_at")

    def get_serializer_class(self) -> type[RunSerializer]:
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer

    @extend_schema(responses=CoverageSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def coverage(self, request: Request, pk: str) -> Response:
        """Tell what became of each value that the run's batches drew."""
        found = [variable._asdict() for variable in coverage.of_run(self.get_object())]
        return Response(CoverageSerializer(found, many=True).data)


class BatchSerializer(serializers.ModelSerializer):
    error = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = (
            "id",
            "run",
            "kind",
            "index",
            "state",
            "requested",
            "subject",
            "values",
            "seed",
            "language_model",
            "attempts",
            "throttles",
            "not_before",
            "error_code",
            "error",
            "error_detail",
            *Run.COUNTERS,
            "ended_at",
        )
        read_only_fields = fields

    def get_error(self, batch: Batch) -> str:
        return reasons.sentence(batch.error_code) if batch.error_code else ""


class BatchViewSet(ReadOnlyModelViewSet):
    """Planned model calls, each for or about a few records; newest first."""

    queryset = Batch.objects.order_by("-pk")
    serializer_class = BatchSerializer
    pagination_class = KeyPagination
    filterset_class = BatchFilter
    ordering_fields = ("id",)
