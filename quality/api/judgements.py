from __future__ import annotations

from django import forms
from django_filters import rest_framework as filters
from rest_framework.viewsets import ReadOnlyModelViewSet

from providers.api.serializers import ValidatedSerializer
from quality.models import Judgement
from synthesis.api.filters import RowFilter
from synthesis.api.pagination import KeyPagination
from synthesis.models import Run


class JudgementSerializer(ValidatedSerializer):
    class Meta:
        model = Judgement
        fields = (
            "id",
            "record",
            "rubric_version",
            "language_model",
            "batch",
            "position",
            "state",
            "score",
            "threshold",
            "passed",
            "dimension_scores",
            "error_code",
            "error_detail",
            "created_at",
        )


class JudgementFilter(RowFilter):
    run = filters.ModelChoiceFilter(
        field_name="record__run", queryset=Run.objects.all(), widget=forms.NumberInput
    )
    min_score = filters.NumberFilter(field_name="score", lookup_expr="gte")
    max_score = filters.NumberFilter(field_name="score", lookup_expr="lte")

    class Meta(RowFilter.Meta):
        model = Judgement
        fields = ("record", "run", "rubric_version", "language_model", "batch", "state", "passed")


class JudgementViewSet(ReadOnlyModelViewSet):
    """What judges said about records, newest first; a failed one never passes."""

    queryset = Judgement.objects.order_by("-pk")
    serializer_class = JudgementSerializer
    pagination_class = KeyPagination
    filterset_class = JudgementFilter
    ordering_fields = ("id",)
