from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from providers.api.serializers import ValidatedSerializer
from synthesis.api.filters import RecordFilter
from synthesis.api.pagination import KeyPagination
from synthesis.models import Record


class RecordSerializer(ValidatedSerializer):
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    review_label = serializers.CharField(source="get_review_display", read_only=True)
    reviewer = serializers.StringRelatedField(allow_null=True)
    assigned_to = serializers.StringRelatedField(allow_null=True)
    version = serializers.CharField(
        read_only=True,
        help_text=_("Send it with a decision, which then is refused if somebody came first."),
    )

    class Meta:
        model = Record
        fields = (
            "id",
            "dataset",
            "run",
            "batch",
            "position",
            "language_model",
            "category",
            "content",
            "raw",
            "status",
            "status_label",
            "findings",
            "score",
            "score_parts",
            "judge_score",
            "duplicate_of",
            "review",
            "review_label",
            "reviewer",
            "reviewed_at",
            "review_note",
            "assigned_to",
            "version",
            "created_at",
            "edited_at",
        )
        read_only_fields = tuple(name for name in fields if name != "content")
        extra_kwargs = {"content": {"required": True, "allow_null": False}}


class RecordViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    """Generated samples, newest first. An edited one goes through the checks again."""

    queryset = Record.objects.select_related("reviewer", "assigned_to").order_by("-pk")
    serializer_class = RecordSerializer
    pagination_class = KeyPagination
    filterset_class = RecordFilter
    ordering_fields = ("id",)

    def perform_update(self, serializer: serializers.BaseSerializer) -> None:
        serializer.save(editor=self.request.user)
