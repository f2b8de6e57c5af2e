from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from quality import differences, review
from quality.judging_again import judge_again
from quality.models import ReviewEvent
from synthesis.api.filters import RecordFilter
from synthesis.api.records import RecordSerializer, RecordViewSet
from synthesis.models import Record

Action = ReviewEvent.Action
ACTIONS = {
    "approve": Action.APPROVED,
    "reject": Action.REJECTED,
    "reset": Action.RESET,
    "assign": Action.ASSIGNED,
}
ORDERS = [(name, name) for name in ACTIONS]
NEVER_SEEN = ""  # no record has this version
VIEW, REVIEW = "synthesis.view_record", "synthesis.review_record"


class OrderSerializer(serializers.Serializer):
    action = serializers.ChoiceField(choices=ORDERS)
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=1000,
        help_text=gettext_lazy("The reason; a rejection needs one."),
    )
    assigned_to = serializers.SlugRelatedField(
        slug_field="username",
        queryset=review.reviewers(),
        required=False,
        allow_null=True,
        default=None,
        help_text=gettext_lazy("For assign: the name of a user who may review; null for nobody."),
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if values["action"] == "reject" and not values["note"].strip():
            raise ValidationError(
                {"note": [_("Say why: whoever mends the template needs to know.")]}
            )
        return values

    def order(self, user: Any) -> review.Order:
        return review.Order(
            action=ACTIONS[self.validated_data["action"]],
            user=user,
            note=self.validated_data["note"].strip(),
            assignee=self.validated_data["assigned_to"],
        )


class DecisionSerializer(OrderSerializer):
    version = serializers.CharField(
        required=False,
        help_text=gettext_lazy(
            "The record's version that was decided on. When it is another by now, the answer is"
            " already_reviewed. Left out, only a record that nobody has decided on is decided."
        ),
    )


class BulkOrderSerializer(OrderSerializer):
    after = serializers.IntegerField(
        default=0, min_value=0, help_text=gettext_lazy("From the answer before; 0 to begin.")
    )
    until = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text=gettext_lazy("From the answer before; left out, the newest record of now."),
    )


class ProgressSerializer(serializers.Serializer):
    changed = serializers.IntegerField()
    refused = serializers.DictField(
        child=serializers.IntegerField(),
        help_text=gettext_lazy("How many were refused, by the code that says why."),
    )
    after = serializers.IntegerField(
        allow_null=True, help_text=gettext_lazy("Send it again to go on; null at the end.")
    )
    until = serializers.IntegerField()


class JudgedAgainSerializer(serializers.Serializer):
    records = serializers.IntegerField(
        help_text=gettext_lazy("How many wait for their judge again.")
    )


class ReviewEventSerializer(serializers.ModelSerializer):
    user = serializers.StringRelatedField(allow_null=True)
    assignee = serializers.StringRelatedField(allow_null=True)

    class Meta:
        model = ReviewEvent
        exclude = ("record",)


class PieceSerializer(serializers.Serializer):
    kind = serializers.ChoiceField([("same", "same"), ("removed", "removed"), ("added", "added")])
    text = serializers.CharField()


class ReviewedRecordSerializer(RecordSerializer):
    difference = serializers.SerializerMethodField(
        help_text=gettext_lazy(
            "What differs from the record that it repeats or varies, word by word: removed"
            " stands only there, added only here. Null without such a record."
        )
    )

    class Meta(RecordSerializer.Meta):
        fields = (*RecordSerializer.Meta.fields, "difference")

    @extend_schema_field(PieceSerializer(many=True, allow_null=True))
    def get_difference(self, record: Record) -> list[dict[str, str]] | None:
        if record.duplicate_of is None:
            return None
        pieces = differences.wording(record.duplicate_of.content, record.content)
        return [{"kind": kind, "text": text} for kind, text in pieces]


class ReviewedRecordViewSet(RecordViewSet):
    """Generated samples, newest first, and what people decide about them."""

    needs = {
        "decide": [VIEW, REVIEW],
        "decide_all": [VIEW, REVIEW],
        "history": [VIEW],
        "undo": [VIEW, "synthesis.change_record"],
        "judge": [VIEW, "synthesis.change_run"],
    }

    def get_serializer_class(self) -> type[RecordSerializer]:
        return ReviewedRecordSerializer if self.action == "retrieve" else RecordSerializer

    @extend_schema(request=DecisionSerializer, responses=RecordSerializer)
    @action(detail=True, methods=["post"], url_path="review", filter_backends=[])
    def decide(self, request: Request, pk: str) -> Response:
        """Approve, reject, reset or assign one record."""
        record = self.get_object()
        asked = DecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order = asked.order(request.user)
        seen = asked.validated_data.get("version")
        if seen is None and order.action in (Action.APPROVED, Action.REJECTED):
            is_open = record.review == Record.Review.UNREVIEWED
            seen = record.version if is_open else NEVER_SEEN
        review.decide(record.pk, order, seen=seen)
        return self.shown(record)

    @extend_schema(
        request=BulkOrderSerializer,
        responses=ProgressSerializer,
        filters=True,
        operation_id="records_review_all",
    )
    @action(detail=False, methods=["post"], url_path="review")
    def decide_all(self, request: Request) -> Response:
        """Decide on all records that fit the filter, for some seconds; repeat with its after."""
        asked = BulkOrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order, records = asked.order(request.user), self.chosen(request)
        until = asked.validated_data.get("until", review.latest_id(records))
        affected = review.affected(
            records, order.action, names_review="review" in request.query_params
        )
        progress = review.decide_all(
            affected, order, until=until, after=asked.validated_data["after"]
        )
        made = {"changed": progress.changed, "refused": progress.refused, "after": progress.after}
        return Response(ProgressSerializer({**made, "until": until}).data)

    @extend_schema(request=None, responses=JudgedAgainSerializer, filters=True)
    @action(detail=False, methods=["post"])
    def judge(self, request: Request) -> Response:
        """Ask the judges anew about the records of the filter for which a judgement failed."""
        return Response({"records": judge_again(self.chosen(request))})

    @extend_schema(responses=ReviewEventSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def history(self, request: Request, pk: str) -> Response:
        """List what people did to the record, newest first."""
        events = self.get_object().review_events.select_related("user", "assignee")
        return Response(ReviewEventSerializer(events.order_by("-pk"), many=True).data)

    @extend_schema(request=None, responses={200: OpenApiResponse(RecordSerializer)})
    @action(detail=True, methods=["post"], filter_backends=[])
    def undo(self, request: Request, pk: str) -> Response:
        """Give the record the content from before its latest edit."""
        record = self.get_object()
        review.undo_edit(record.pk, request.user)
        return self.shown(record)

    def chosen(self, request: Request) -> QuerySet[Record]:
        """Return the records that the address chooses; a misspelt filter must not mean all.

        Errors: ValidationError.
        """
        known = set(RecordFilter.base_filters)
        unknown = sorted(set(request.query_params) - known)
        if unknown or not request.query_params:
            text = _("Choose the records in the address, by one of these: %(names)s.")
            raise ValidationError(text % {"names": ", ".join(sorted(known))})
        return self.filter_queryset(self.get_queryset())

    def shown(self, record: Record) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=record.pk)).data)
