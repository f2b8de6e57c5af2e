from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from quality.api.dataset_jobs import AppliedJobViewSet, DatasetJobSerializer
from quality.models import PolicyCheck, PolicyVersion, QualityPolicy
from quality.policy_checks import words
from synthesis.api.filters import RowFilter
from synthesis.models import Record


class PolicyMoveSerializer(serializers.Serializer):
    before = serializers.ChoiceField(Record.Status.choices)
    after = serializers.ChoiceField(Record.Status.choices)
    reason = serializers.CharField(allow_blank=True)
    records = serializers.IntegerField()
    title = serializers.CharField()
    sentence = serializers.CharField(allow_blank=True)


class PolicySampleSerializer(serializers.Serializer):
    record = serializers.IntegerField()
    excerpt = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    score = serializers.FloatField(allow_null=True)


class ChangeCountsSerializer(serializers.Serializer):
    proposed = serializers.IntegerField()
    applied = serializers.IntegerField()
    skipped = serializers.IntegerField()


class PolicyCheckSerializer(DatasetJobSerializer):
    policy = serializers.PrimaryKeyRelatedField(
        queryset=QualityPolicy.objects.all(), source="version.policy"
    )
    version = serializers.IntegerField(
        source="version.number",
        required=False,
        min_value=1,
        help_text=_("The version of the policy. Left out: the latest one."),
    )
    stage = serializers.ChoiceField(PolicyCheck.Stage.choices, read_only=True)

    class Meta(DatasetJobSerializer.Meta):
        model = PolicyCheck
        fields = (*DatasetJobSerializer.Meta.fields, "policy", "version", "stage")

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        wanted = values.pop("version")
        policy, number = wanted["policy"], wanted.get("number")
        rows = PolicyVersion.objects.filter(policy=policy)
        found = rows.filter(number=number).first() if number else policy.latest_version
        if found is None:
            raise serializers.ValidationError({"version": [_("There is no such version.")]})
        return super().validate({**values, "version": found})

    def create(self, values: dict[str, Any]) -> PolicyCheck:
        check = PolicyCheck(**values)
        check.begin(self.context["request"].user)
        return check


class PolicyCheckDetailSerializer(PolicyCheckSerializer):
    report = serializers.DictField(read_only=True, allow_null=True)
    changes = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField()

    class Meta(PolicyCheckSerializer.Meta):
        fields = (*PolicyCheckSerializer.Meta.fields, "report", "changes", "moves")

    @extend_schema_field(ChangeCountsSerializer)
    def get_changes(self, check: PolicyCheck) -> dict[str, int]:
        return words.counts(check)

    @extend_schema_field(PolicyMoveSerializer(many=True))
    def get_moves(self, check: PolicyCheck) -> Any:
        return PolicyMoveSerializer(words.moves(check), many=True).data


class ChosenPolicyMoveSerializer(serializers.Serializer):
    before = serializers.ChoiceField(Record.Status.choices)
    after = serializers.ChoiceField(Record.Status.choices)
    reason = serializers.CharField(default="", allow_blank=True)


class PolicyCheckFilter(RowFilter):
    class Meta(RowFilter.Meta):
        model = PolicyCheck
        fields = ("dataset", "stage")


class PolicyCheckViewSet(AppliedJobViewSet):
    """What a policy would do to a dataset. Asking answers 202; watch the status, then apply it."""

    queryset = PolicyCheck.objects.select_related("dataset", "version__policy", "job", "created_by")
    serializer_class = PolicyCheckSerializer
    detail_serializer_class = PolicyCheckDetailSerializer
    filterset_class = PolicyCheckFilter
    search_fields = ("dataset__name", "version__policy__name")
    needs = {
        "create": ["quality.add_policycheck", "synthesis.view_dataset", "synthesis.view_record"],
        "apply": ["quality.change_policycheck", "synthesis.change_record"],
        "undo": ["quality.change_policycheck", "synthesis.change_record"],
        "samples": ["quality.view_policycheck", "synthesis.view_record"],
    }

    def get_queryset(self) -> QuerySet[PolicyCheck]:
        rows = super().get_queryset()
        return rows.defer("report") if self.action == "list" else rows

    @extend_schema(
        parameters=[ChosenPolicyMoveSerializer], responses=PolicySampleSerializer(many=True)
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def samples(self, request: Request, pk: str) -> Response:
        """Show up to 20 records of one kind of change, with the reasons."""
        check = self.get_object()
        asked = ChosenPolicyMoveSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        move = words.Move(**asked.validated_data, records=0)
        return Response(PolicySampleSerializer(words.samples(check, move), many=True).data)
