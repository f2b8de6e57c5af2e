from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from providers.api.serializers import ValidatedSerializer
from synthesis import expectations
from synthesis.api import previews
from synthesis.api.rereading import Rereading
from synthesis.models import PromptTemplate, TemplateVersion

CONTENT = (
    "system_prompt",
    "prompt",
    "variables",
    "output_schema",
    "examples",
    "preset",
    "parameters",
    "language_model",
    "expected_language",
    "code_fields",
    "compared_fields",
)


class ContentSerializer(ValidatedSerializer):
    variables = serializers.ListField(child=serializers.DictField(), required=False)
    output_schema = serializers.DictField(required=False)
    examples = serializers.ListField(child=serializers.DictField(), required=False)
    parameters = serializers.DictField(required=False)
    code_fields = serializers.DictField(
        child=serializers.ChoiceField(expectations.CODE_LANGUAGES), required=False
    )
    compared_fields = serializers.ListField(child=serializers.CharField(), required=False)


class TemplateSerializer(ContentSerializer):
    version = serializers.IntegerField(read_only=True)
    created_by = serializers.StringRelatedField(allow_null=True)

    class Meta:
        model = PromptTemplate
        fields = (
            "id",
            "name",
            "description",
            "type",
            *CONTENT,
            "version",
            "is_enabled",
            "is_starter",
            "created_by",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("is_starter",)


class VersionSerializer(ContentSerializer):
    class Meta:
        model = TemplateVersion
        fields = ("number", *CONTENT, "created_at")


class RestoreSerializer(serializers.Serializer):
    number = serializers.IntegerField(min_value=1)


class TemplateViewSet(Rereading, ModelViewSet):
    """Prompt templates. Each change of the content makes a version; tasks keep theirs."""

    queryset = PromptTemplate.objects.all()
    serializer_class = TemplateSerializer
    filterset_fields = ("type", "is_enabled", "is_starter")
    search_fields = ("name", "description", "prompt")
    ordering_fields = ("id", "name", "created_at", "updated_at")
    needs = {
        "preview": ["synthesis.view_prompttemplate"],
        "duplicate": ["synthesis.add_prompttemplate"],
    }

    def get_queryset(self) -> QuerySet[PromptTemplate]:
        versions = TemplateVersion.objects.filter(template=OuterRef("pk")).order_by("-number")
        latest = Subquery(versions.values("number")[:1])
        return super().get_queryset().select_related("created_by").annotate(version=latest)

    @extend_schema(responses=VersionSerializer(many=True))
    @action(detail=True, filter_backends=[])
    def versions(self, request: Request, pk: str) -> Response:
        """List what the template said, newest first."""
        rows = self.get_object().versions.order_by("-number")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(VersionSerializer(page, many=True).data)

    @extend_schema(request=RestoreSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Make what an older version said the newest version."""
        template = self.get_object()
        asked = RestoreSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        template.restore(get_object_or_404(template.versions, **asked.validated_data))
        return self._shown(template)

    @extend_schema(request=previews.PreviewSerializer, responses=previews.PreviewedSerializer)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str) -> Response:
        """Show what the first batch of a task with these values would send; nothing is called."""
        asked = previews.PreviewSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(previews.preview(self.get_object(), **asked.validated_data))

    @extend_schema(request=None, responses={201: TemplateSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, pk: str) -> Response:
        """Copy the template under a name of its own."""
        copy = self.get_object().duplicate(request.user)
        return self._shown(copy, status.HTTP_201_CREATED)

    def _shown(self, template: PromptTemplate, code: int = status.HTTP_200_OK) -> Response:
        row: Any = self.get_queryset().get(pk=template.pk)
        return Response(self.get_serializer(row).data, status=code)
