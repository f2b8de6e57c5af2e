"""What the orders of background work on a dataset have in common in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from providers.api.serializers import ValidatedSerializer
from quality.models.dataset_job import DatasetJob


class DatasetJobSerializer(ValidatedSerializer):
    status = serializers.ChoiceField(DatasetJob.Status.choices, read_only=True)
    status_label = serializers.CharField(source="state_label", read_only=True)
    reason = serializers.CharField(read_only=True)
    progress_percent = serializers.IntegerField(read_only=True)
    created_by = serializers.StringRelatedField(allow_null=True)

    class Meta:
        fields: tuple[str, ...] = (
            "id",
            "dataset",
            "status",
            "status_label",
            "reason",
            "progress_percent",
            "job",
            "created_by",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = ("job", "created_by", "created_at")


class DatasetJobViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    accepted = ("create", "apply", "undo")  # what the document says answers 202
    search_fields: tuple[str, ...] = ("dataset__name",)
    ordering_fields = ("id", "created_at")
    detail_serializer_class: type[DatasetJobSerializer]

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        is_one = self.action == "retrieve"
        return self.detail_serializer_class if is_one else super().get_serializer_class()

    def create(self, request: Request) -> Response:
        """Order it: a background job does it, and changes no record. Watch the status."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        asked.save()
        return Response(asked.data, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop working at it; what was changed so far stays."""
        order = self.get_object()
        order.cancel()
        return Response(self.get_serializer(order).data)


class AppliedJobViewSet(DatasetJobViewSet):
    """Of work that only finds out what to change, until it is told to."""

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Change the records as the result says, or go on with it."""
        order = self.get_object()
        order.apply(request.user)
        return Response(self.get_serializer(order).data, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Put back what applying changed, and nobody else since."""
        order = self.get_object()
        order.undo(request.user)
        return Response(self.get_serializer(order).data, status.HTTP_202_ACCEPTED)
