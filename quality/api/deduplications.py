from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from providers.api.serializers import ValidatedSerializer
from quality.models import Deduplication, Repeat
from quality.models.dataset_job import DatasetJob
from synthesis.api.filters import RowFilter
from synthesis.api.pagination import KeyPagination

COMMAND = ["quality.change_deduplication", "synthesis.change_record"]
CHOICES = [
    OpenApiParameter("status", enum=Repeat.State.values),
    OpenApiParameter("kept", int, description=_("Only what repeats this record.")),
]


class DeduplicationSerializer(ValidatedSerializer):
    compared_fields = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text=Deduplication._meta.get_field("compared_fields").help_text,
    )
    stage = serializers.ChoiceField(Deduplication.Step.choices, source="step", read_only=True)
    status = serializers.ChoiceField(DatasetJob.Status.choices, read_only=True)
    status_label = serializers.CharField(source="state_label", read_only=True)
    reason = serializers.CharField(read_only=True)
    progress_percent = serializers.IntegerField(read_only=True)
    created_by = serializers.StringRelatedField(allow_null=True)

    class Meta:
        model = Deduplication
        fields: tuple[str, ...] = (
            "id",
            "dataset",
            "keep",
            "threshold",
            "compared_fields",
            "stage",
            "status",
            "status_label",
            "reason",
            "progress_percent",
            "searched",
            "job",
            "created_by",
            "created_at",
        )
        read_only_fields = ("searched", "job", "created_by", "created_at")

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


class DeduplicationViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    """Searches for repeats in datasets. Commands answer 202 and go on in the background."""

    queryset = Deduplication.objects.select_related("dataset", "job", "created_by")
    filterset_class = DeduplicationFilter
    search_fields = ("dataset__name",)
    ordering_fields = ("id", "created_at")
    needs = {
        "create": ["quality.add_deduplication", "synthesis.view_dataset"],
        "apply": COMMAND,
        "undo": COMMAND,
        "repeats": ["quality.view_deduplication", "synthesis.view_record"],
    }

    def get_serializer_class(self) -> type[DeduplicationSerializer]:
        is_one = self.action == "retrieve"
        return DeduplicationDetailSerializer if is_one else DeduplicationSerializer

    @extend_schema(responses={202: DeduplicationSerializer})
    def create(self, request: Request) -> Response:
        """Search a dataset in the background; nothing of it changes."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        asked.save()
        return Response(asked.data, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: DeduplicationSerializer})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Mark what was found as duplicates, or go on with it."""
        order = self.get_object()
        order.apply(request.user)
        return Response(self.get_serializer(order).data, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: DeduplicationSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Put back what applying changed, and nobody else since."""
        order = self.get_object()
        order.undo(request.user)
        return Response(self.get_serializer(order).data, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=DeduplicationSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop working at it; what was changed so far can be undone."""
        order = self.get_object()
        order.cancel()
        return Response(self.get_serializer(order).data)

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
