from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from providers.api.serializers import ValidatedSerializer
from quality import findings
from quality.content import Action, ActiveRule, DataType, examine, finder, wordlists
from quality.models import ContentRule
from synthesis.api.rereading import Rereading
from synthesis.expectations import CHOICES as LANGUAGE_CHOICES

LONGEST_TEXT = 100_000


class WordsField(serializers.ListField):
    """One word a line in the row, a list in JSON."""

    child = serializers.CharField(max_length=wordlists.LONGEST_WORD)

    def to_representation(self, data: Any) -> list[str]:
        return str(data).splitlines()

    def to_internal_value(self, data: Any) -> Any:
        return "\n".join(super().to_internal_value(data))


class ListedRuleSerializer(ValidatedSerializer):
    """A rule without its words, of which there may be many."""

    data_types = serializers.ListField(
        child=serializers.ChoiceField(DataType.choices), required=False
    )
    languages = serializers.ListField(
        child=serializers.ChoiceField(LANGUAGE_CHOICES), required=False
    )
    created_by = serializers.StringRelatedField(allow_null=True)

    class Meta:
        model = ContentRule
        fields: tuple[str, ...] = (
            "id",
            "code",
            "name",
            "description",
            "kind",
            "default_action",
            "words_count",
            "expression",
            "data_types",
            "languages",
            "created_by",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("code", "words_count")


class ContentRuleSerializer(ListedRuleSerializer):
    words = WordsField(required=False)

    class Meta(ListedRuleSerializer.Meta):
        fields = (*ListedRuleSerializer.Meta.fields, "words")


class AddedWordsSerializer(serializers.Serializer):
    words = serializers.ListField(
        child=serializers.CharField(max_length=wordlists.LONGEST_WORD),
        max_length=wordlists.MOST_WORDS,
        allow_empty=False,
    )


class TriedTextSerializer(serializers.Serializer):
    text = serializers.CharField(default="", allow_blank=True, max_length=LONGEST_TEXT)
    prompt = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_TEXT,
        help_text=_("For prompt leakage and other languages."),
    )


class FoundSerializer(serializers.Serializer):
    code = serializers.CharField()
    value = serializers.CharField(help_text=_("What was found; personal data is masked."))
    count = serializers.IntegerField()
    sentence = serializers.CharField()


class ContentRuleViewSet(Rereading, ModelViewSet):
    """What records should not say. A policy switches a rule on: reject, flag or mask."""

    queryset = ContentRule.objects.select_related("created_by")
    serializer_class = ContentRuleSerializer
    filterset_fields = ("kind", "default_action", "code")
    search_fields = ("name", "description")
    ordering_fields = ("id", "name", "kind", "updated_at")
    needs = {"examine": ["quality.view_contentrule"]}

    def get_queryset(self) -> QuerySet[ContentRule]:
        rows: QuerySet[ContentRule] = super().get_queryset()
        return rows.defer("words") if self.action == "list" else rows

    def get_serializer_class(self) -> type[ListedRuleSerializer]:
        return ListedRuleSerializer if self.action == "list" else ContentRuleSerializer

    @extend_schema(request=AddedWordsSerializer, responses=ContentRuleSerializer)
    @action(detail=True, methods=["post"])
    def words(self, request: Request, pk: str) -> Response:
        """Add words to the list; those that it has already are left out."""
        rule = self.get_object()
        asked = AddedWordsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rule.words = "\n".join([*rule.words.splitlines(), *asked.validated_data["words"]])
        rule.full_clean()
        rule.save()
        return Response(self.get_serializer(rule).data)

    @extend_schema(request=TriedTextSerializer, responses=FoundSerializer(many=True))
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def examine(self, request: Request, pk: str) -> Response:
        """Tell what the rule finds in a text; nothing is stored."""
        rule = self.get_object()
        asked = TriedTextSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        active = ActiveRule(
            name=rule.name, action=Action(rule.default_action), find=finder(rule.definition)
        )
        prompt = asked.validated_data.get("prompt")
        found = examine({"": asked.validated_data["text"]}, [active], [prompt] if prompt else [])
        rows = [{**row, "sentence": findings.sentence({**row, "action": ""})} for row in found]
        return Response(FoundSerializer(rows, many=True).data)
