from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from providers.api.serializers import ValidatedSerializer
from synthesis import expectations
from synthesis.api import previews
from synthesis.api.library import ITEM, ItemSerializer, LibraryViewSet
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
    "steps",
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
    steps = serializers.ListField(child=serializers.DictField(), required=False)


class TemplateSerializer(ContentSerializer, ItemSerializer):
    class Meta:
        model = PromptTemplate
        fields = (
            "id",
            "name",
            "description",
            "type",
            *CONTENT,
            "version",
            *ITEM,
        )


class VersionSerializer(ContentSerializer):
    class Meta:
        model = TemplateVersion
        fields = ("number", *CONTENT, "created_at")


class RestoreSerializer(serializers.Serializer):
    number = serializers.IntegerField(min_value=1)


@extend_schema_view(
    versions=extend_schema(responses=VersionSerializer(many=True)),
    duplicate=extend_schema(request=None, responses={201: TemplateSerializer}),
)
class TemplateViewSet(LibraryViewSet):
    """Prompt templates. Each change of the content makes a version; tasks keep theirs."""

    queryset = PromptTemplate.objects.all()
    serializer_class = TemplateSerializer
    version_serializer_class = VersionSerializer
    filterset_fields = ("type", "is_enabled", "is_starter")
    search_fields = ("name", "description", "prompt")
    needs = {
        "preview": ["synthesis.view_prompttemplate"],
        "duplicate": ["synthesis.add_prompttemplate"],
    }

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
