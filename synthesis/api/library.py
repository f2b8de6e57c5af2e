"""What the views of templates and of rubrics have in common: versions and copies."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from providers.api.serializers import ValidatedSerializer
from synthesis.api.rereading import Rereading

ITEM = ("is_enabled", "is_starter", "created_by", "created_at", "updated_at")


class ItemSerializer(ValidatedSerializer):
    version = serializers.IntegerField(source="latest_number", read_only=True)
    is_starter = serializers.BooleanField(read_only=True)
    created_by = serializers.StringRelatedField(allow_null=True)


class LibraryViewSet(Rereading, ModelViewSet):
    version_serializer_class: type[serializers.BaseSerializer]

    ordering_fields = ("id", "name", "created_at", "updated_at")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("created_by").with_latest_number()

    @action(detail=True, filter_backends=[])
    def versions(self, request: Request, pk: str) -> Response:
        """List what it said, newest first."""
        rows = self.get_object().versions.order_by("-number")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.version_serializer_class(page, many=True).data)

    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, pk: str) -> Response:
        """Copy it under a name of its own."""
        copy = self.get_object().duplicate(request.user)
        return self._shown(copy, status.HTTP_201_CREATED)

    def _shown(self, item: Any, code: int = status.HTTP_200_OK) -> Response:
        row = self.get_queryset().get(pk=item.pk)
        return Response(self.get_serializer(row).data, status=code)
