from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from providers.api.serializers import ValidatedSerializer
from quality.models import Rubric, RubricVersion
from synthesis.api.library import ITEM, ItemSerializer, LibraryViewSet


class RubricContentSerializer(ValidatedSerializer):
    dimensions = serializers.ListField(child=serializers.DictField())


class RubricSerializer(RubricContentSerializer, ItemSerializer):
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
            *ITEM,
        )


class RubricVersionSerializer(RubricContentSerializer):
    class Meta:
        model = RubricVersion
        fields = ("id", "number", "instructions", "dimensions", "created_at")


@extend_schema_view(
    versions=extend_schema(responses=RubricVersionSerializer(many=True)),
    duplicate=extend_schema(request=None, responses={201: RubricSerializer}),
)
class RubricViewSet(LibraryViewSet):
    """What judges score by. Each change of the content makes a version; judgements keep theirs."""

    queryset = Rubric.objects.all()
    serializer_class = RubricSerializer
    version_serializer_class = RubricVersionSerializer
    filterset_fields = ("template_type", "is_enabled", "is_starter")
    search_fields = ("name", "description", "instructions")
    needs = {"duplicate": ["quality.add_rubric"]}
