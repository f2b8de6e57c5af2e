from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from providers.api.serializers import ValidatedSerializer
from quality.models import Rubric, RubricVersion
from synthesis.api.rereading import Rereading


class RubricContentSerializer(ValidatedSerializer):
    dimensions = serializers.ListField(child=serializers.DictField())


class RubricSerializer(RubricContentSerializer):
    version = serializers.IntegerField(read_only=True)
    created_by = serializers.StringRelatedField(allow_null=True)

    class Meta:
        model = Rubric
        fields = (
            "id",
            "name",
            "description",
            "template_type",
            "instructions",
            "dimensions",
            "version",
            "is_enabled",
            "is_starter",
            "created_by",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("is_starter",)


class RubricVersionSerializer(RubricContentSerializer):
    class Meta:
        model = RubricVersion
        fields = ("id", "number", "instructions", "dimensions", "created_at")


class RubricViewSet(Rereading, ModelViewSet):
    """What judges score by. Each change of the content makes a version; judgements keep theirs."""

    queryset = Rubric.objects.all()
    serializer_class = RubricSerializer
    filterset_fields = ("template_type", "is_enabled", "is_starter")
    search_fields = ("name", "description", "instructions")
    ordering_fields = ("id", "name", "created_at", "updated_at")
    needs = {"duplicate": ["quality.add_rubric"]}

    def get_queryset(self) -> QuerySet[Rubric]:
        versions = RubricVersion.objects.filter(rubric=OuterRef("pk")).order_by("-number")
        latest = Subquery(versions.values("number")[:1])
        return super().get_queryset().select_related("created_by").annotate(version=latest)

    @extend_schema(responses=RubricVersionSerializer(many=True))
    @action(detail=True, filter_backends=[])
    def versions(self, request: Request, pk: str) -> Response:
        """List what the rubric said, newest first."""
        rows = self.get_object().versions.order_by("-number")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(RubricVersionSerializer(page, many=True).data)

    @extend_schema(request=None, responses={201: RubricSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, pk: str) -> Response:
        """Copy the rubric under a name of its own."""
        copy = self.get_object().duplicate(request.user)
        row = self.get_queryset().get(pk=copy.pk)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)
