from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from synthesis import uploads
from synthesis.models import Dataset, DatasetImport, Job

Status = Literal["waiting", "running", "completed", "failed", "cancelled"]
STATUSES: dict[Job.State, Status] = {
    Job.State.WAITING: "waiting",
    Job.State.RUNNING: "running",
    Job.State.DONE: "completed",
    Job.State.FAILED: "failed",
    Job.State.CANCELLED: "cancelled",
}


class ProblemSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ImportSerializer(serializers.ModelSerializer):
    file = serializers.FileField(write_only=True, validators=[uploads.check])
    dataset = serializers.PrimaryKeyRelatedField(queryset=Dataset.objects.all())
    status = serializers.SerializerMethodField()
    reason_code = serializers.CharField(source="job.reason_code", read_only=True, default="")
    reason = serializers.CharField(source="job.reason", read_only=True, default="")
    problems = ProblemSerializer(many=True, read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = DatasetImport
        fields = (
            "id",
            "dataset",
            "file",
            "name",
            "format",
            "status",
            "reason_code",
            "reason",
            "rows_read",
            "unreadable",
            "problems",
            "counts",
            "created_at",
        )
        read_only_fields = tuple(name for name in fields if name not in ("dataset", "file"))

    def get_status(self, order: DatasetImport) -> Status | None:
        """Say how it stands in the words of all that is done in the background."""
        return STATUSES[Job.State(order.job.state)] if order.job else None

    def create(self, validated_data: dict[str, Any]) -> DatasetImport:
        user = self.context["request"].user
        return DatasetImport.order(validated_data["dataset"], validated_data["file"], user)


class ImportViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    GenericViewSet,
):
    """Files whose rows become records of a dataset, through the same checks as all others."""

    queryset = DatasetImport.objects.select_related("job")
    serializer_class = ImportSerializer
    parser_classes = [MultiPartParser]
    filterset_fields = ("dataset",)
    ordering_fields = ("id",)
    needs = {"create": ["synthesis.add_datasetimport", "synthesis.add_record"]}

    @extend_schema(responses={202: ImportSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Upload a JSONL, JSON, CSV, TSV or XLSX file; watch status."""
        made = super().create(request, *args, **kwargs)
        made.status_code = status.HTTP_202_ACCEPTED
        return made
