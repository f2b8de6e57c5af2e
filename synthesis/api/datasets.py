from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.viewsets import ModelViewSet

from providers.api.serializers import ValidatedSerializer
from synthesis import export
from synthesis.api import parts
from synthesis.api.rereading import Rereading
from synthesis.models import Dataset, OutputFormat, Record


class DatasetSerializer(ValidatedSerializer):
    accepted_count = serializers.IntegerField(read_only=True)
    created_by = serializers.StringRelatedField(allow_null=True)

    class Meta:
        model = Dataset
        fields = (
            "id",
            "name",
            "description",
            "accepted_count",
            "created_by",
            "created_at",
            "exported_at",
        )

    def get_fields(self) -> dict[str, serializers.Field]:
        more = parts.fields(parts.DATASET, required=False, allow_null=True)
        return {**super().get_fields(), **more}

    @transaction.atomic
    def store(self, row: Dataset, values: dict[str, Any]) -> Dataset:
        taken = parts.take(parts.DATASET, values)
        dataset = super().store(row, values)
        parts.store(self, dataset, taken)
        return dataset


class ExportSerializer(serializers.Serializer):
    file_format = serializers.ChoiceField(OutputFormat.choices, default=OutputFormat.JSONL)
    status = serializers.ChoiceField(Record.Status.choices, default=Record.Status.ACCEPTED)
    review = serializers.ChoiceField(
        Record.Review.choices,
        required=False,
        help_text=_("Left out, records come whatever people said about them."),
    )
    safe = serializers.BooleanField(
        default=True,
        help_text=_(
            "For CSV and XLSX: put an apostrophe before texts that spreadsheets take for formulas."
        ),
    )
    metadata = serializers.BooleanField(
        default=False,
        help_text=_(
            "Each record comes with its id, status, scores, review, category, task, run and model:"
            " under the key _meta, in columns of CSV and XLSX."
        ),
    )


class AnyMediaType(DefaultContentNegotiation):
    """A download is in the format that was asked for, whatever Accept says."""

    def select_renderer(self, request, renderers, format_suffix=None):  # type: ignore[no-untyped-def]
        return renderers[0], renderers[0].media_type


FILES = {
    (200, media_type.partition(";")[0]): OpenApiResponse(
        OpenApiTypes.BINARY, description=_("The file.")
    )
    for media_type in export.CONTENT_TYPES.values()
}


class DatasetViewSet(Rereading, ModelViewSet):
    """Where records live, and what is exported."""

    queryset = Dataset.objects.all()
    serializer_class = DatasetSerializer
    search_fields = ("name", "description")
    ordering_fields = ("id", "name", "created_at")
    needs = {"export": ["synthesis.view_dataset", "synthesis.view_record"]}

    def get_queryset(self) -> QuerySet[Dataset]:
        rows = super().get_queryset().with_counts().select_related("created_by")
        return rows.prefetch_related(*parts.prefetched(parts.DATASET))

    @extend_schema(parameters=[ExportSerializer], responses=FILES)
    @action(
        detail=True,
        filter_backends=[],
        renderer_classes=[JSONRenderer],
        content_negotiation_class=AnyMediaType,
    )
    def export(self, request: Request, pk: str) -> StreamingHttpResponse:
        """Download the contents of the records, in the order of their ids."""
        dataset = self.get_object()
        asked = ExportSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return download(dataset, **asked.validated_data)


def download(
    dataset: Dataset, *, file_format: str, safe: bool, metadata: bool, **chosen: str
) -> StreamingHttpResponse:
    """Stream the records of a status, and of a review where one is named."""
    records = Record.objects.filter(dataset=dataset, **chosen)
    try:
        chunks = export.stream(records, file_format, safe=safe, metadata=metadata)
    except export.NotATableError as error:
        raise serializers.ValidationError({"file_format": [str(error)]}) from error
    dataset.mark_exported()
    name = export.file_name(dataset, file_format)
    return StreamingHttpResponse(
        chunks,
        content_type=export.CONTENT_TYPES[file_format],
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )
