from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from quality.api.dataset_jobs import AppliedJobViewSet, DatasetJobSerializer
from quality.models import Deduplication, Repeat
from synthesis.api.filters import RowFilter
from synthesis.api.pagination import KeyPagination

COMMAND = ["quality.change_deduplication", "synthesis.change_record"]
CHOICES = [
    OpenApiParameter("status", enum=Repeat.State.values),
    OpenApiParameter("kept", int, description=_("Only what repeats this record.")),
]


class DeduplicationSerializer(DatasetJobSerializer):
    compared_fields = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text=Deduplication._meta.get_field("compared_fields").help_text,
    )
    stage = serializers.ChoiceField(Deduplication.Step.choices, source="step", read_only=True)

    class Meta(DatasetJobSerializer.Meta):
        model = Deduplication
        fields = (
            *DatasetJobSerializer.Meta.fields,
            "keep",
            "threshold",
            "compared_fields",
            "stage",
            "searched",
        )
        read_only_fields = (*DatasetJobSerializer.Meta.read_only_fields, "searched")

    def create(self, values: dict[str, Any]) -> Deduplication:
        return Deduplication.start(**values, user=self.context["request"].user)


class DeduplicationDetailSerializer(DeduplicationSerializer):
    counts = serializers.SerializerMethodField()

    class Meta(DeduplicationSerializer.Meta):
        fields = (*DeduplicationSerializer.Meta.fields, "counts")

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, order: Deduplication) -> dict[str, int]:
        """Clusters, copies, and the copies by their status."""
        return order.counts()


class RepeatSerializer(serializers.ModelSerializer):
    status = serializers.ChoiceField(Repeat.State.choices, source="state", read_only=True)
    status_label = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Repeat
        fields = ("id", "record", "kept", "code", "similarity", "status", "status_label")


class RepeatFilter(filters.FilterSet):
    status = filters.ChoiceFilter(field_name="state", choices=Repeat.State.choices)
    kept = filters.NumberFilter()


class DeduplicationFilter(RowFilter):
    class Meta(RowFilter.Meta):
        model = Deduplication
        fields = ("dataset",)


class DeduplicationViewSet(AppliedJobViewSet):
    """Searches for repeats in datasets. Commands answer 202 and go on in the background."""

    queryset = Deduplication.objects.select_related("dataset", "job", "created_by")
    serializer_class = DeduplicationSerializer
    detail_serializer_class = DeduplicationDetailSerializer
    filterset_class = DeduplicationFilter
    needs = {
        "create": ["quality.add_deduplication", "synthesis.view_dataset"],
        "apply": COMMAND,
        "undo": COMMAND,
        "repeats": ["quality.view_deduplication", "synthesis.view_record"],
    }

    @extend_schema(responses=RepeatSerializer(many=True), parameters=CHOICES, filters=False)
    @action(detail=True, pagination_class=KeyPagination, filter_backends=[])
    def repeats(self, request: Request, pk: str) -> Response:
        """List what repeats which record, and what became of it."""
        chosen = RepeatFilter(request.query_params, self.get_object().repeats.all())
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        rows: QuerySet[Repeat] = chosen.qs
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(RepeatSerializer(page, many=True).data)
