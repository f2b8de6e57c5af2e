from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from quality.api.dataset_jobs import DatasetJobSerializer, DatasetJobViewSet
from quality.evaluation import comparison, exports, words
from quality.models import Evaluation
from quality.models.dataset_job import DatasetJob
from synthesis.api.datasets import AnyMediaType
from synthesis.api.filters import RowFilter
from synthesis.errors import WrongStateError


class EvaluationSerializer(DatasetJobSerializer):
    class Meta(DatasetJobSerializer.Meta):
        model = Evaluation
        fields = (*DatasetJobSerializer.Meta.fields, "field")

    def create(self, values: dict[str, Any]) -> Evaluation:
        return Evaluation.start(**values, user=self.context["request"].user)


class EvaluationDetailSerializer(EvaluationSerializer):
    report = serializers.DictField(read_only=True, allow_null=True)
    advice = serializers.SerializerMethodField()

    class Meta(EvaluationSerializer.Meta):
        fields = (*EvaluationSerializer.Meta.fields, "report", "advice")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_advice(self, evaluation: Evaluation) -> list[str]:
        given = evaluation.report["advice"] if evaluation.report else []
        return [words.advice(advice) for advice in given]


class DifferenceSerializer(serializers.Serializer):
    metric = serializers.CharField()
    label = serializers.CharField()
    first = serializers.FloatField(allow_null=True)
    second = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True)


class PairSerializer(serializers.Serializer):
    first = serializers.PrimaryKeyRelatedField(queryset=Evaluation.objects.all())
    second = serializers.PrimaryKeyRelatedField(queryset=Evaluation.objects.all())

    def validate(self, pair: dict[str, Evaluation]) -> dict[str, Evaluation]:
        for name, evaluation in pair.items():
            if evaluation.report is None:
                raise serializers.ValidationError({name: [_("It has no report.")]})
        return pair


class FileSerializer(serializers.Serializer):
    file_format = serializers.ChoiceField(exports.FORMATS, default="json")


class EvaluationFilter(RowFilter):
    status = filters.ChoiceFilter(field_name="found_status", choices=DatasetJob.Status.choices)

    class Meta(RowFilter.Meta):
        model = Evaluation
        fields = ("dataset", "status")


FILES = {
    (200, media_type.partition(";")[0]): OpenApiResponse(
        OpenApiTypes.BINARY, description=_("The file.")
    )
    for media_type in exports.CONTENT_TYPES.values()
}


class EvaluationViewSet(DatasetJobViewSet):
    """Reports on datasets. Asking for one answers 202; watch its status."""

    queryset = Evaluation.objects.select_related("dataset", "job", "created_by")
    serializer_class = EvaluationSerializer
    detail_serializer_class = EvaluationDetailSerializer
    filterset_class = EvaluationFilter
    needs = {"create": ["quality.add_evaluation", "synthesis.view_dataset"]}

    def get_queryset(self) -> QuerySet[Evaluation]:
        rows = super().get_queryset()
        return rows.without_report() if self.action == "list" else rows.with_status()

    @extend_schema(
        parameters=[PairSerializer],
        responses=DifferenceSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None, filter_backends=[])
    def compare(self, request: Request) -> Response:
        """Set the numbers of two reports side by side."""
        pair = PairSerializer(data=request.query_params)
        pair.is_valid(raise_exception=True)
        reports = [pair.validated_data[name].report for name in ("first", "second")]
        return Response(DifferenceSerializer(comparison.compare(*reports), many=True).data)

    @extend_schema(parameters=[FileSerializer], responses=FILES)
    @action(
        detail=True,
        filter_backends=[],
        renderer_classes=[JSONRenderer],
        content_negotiation_class=AnyMediaType,
    )
    def download(self, request: Request, pk: str) -> HttpResponse:
        """Download the report as HTML, JSON or XLSX."""
        evaluation = self.get_object()
        asked = FileSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        if evaluation.report is None:
            raise WrongStateError("wrong_state", evaluation.state_label)
        file_format = asked.validated_data["file_format"]
        name = exports.name_of(evaluation, file_format)
        return HttpResponse(
            exports.write(evaluation, file_format),
            content_type=exports.CONTENT_TYPES[file_format],
            headers={"Content-Disposition": content_disposition_header(True, name)},
        )
