"""What the API says and reads alike of tasks and of ratio tasks."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.reverse import reverse

from providers.api.serializers import ValidatedSerializer
from providers.models import LanguageModel
from synthesis.api import parts
from synthesis.api.filters import TASK_STATUSES
from synthesis.models import Dataset, Run
from synthesis.models.order import Order

# What a client sends


class ShareSerializer(serializers.Serializer):
    language_model = serializers.PrimaryKeyRelatedField(queryset=LanguageModel.objects.all())
    weight = serializers.IntegerField(default=1, min_value=1, max_value=1000)

    def validate(self, share: dict[str, Any]) -> dict[str, Any]:
        # A partial update of a task makes no part of a share optional.
        if "language_model" not in share:
            required = self.fields["language_model"].error_messages["required"]
            raise serializers.ValidationError({"language_model": [required]})
        return {"weight": 1, **share}


class ContentSerializer(serializers.Serializer):
    values = serializers.DictField(required=False)
    parameters = serializers.DictField(required=False)
    language_model = serializers.PrimaryKeyRelatedField(
        queryset=LanguageModel.objects.all(), required=False, allow_null=True
    )
    models = ShareSerializer(
        many=True,
        required=False,
        max_length=50,
        help_text=_("A mix; none takes the template's model, else the default one."),
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        values = super().validate(values)
        if values.get("language_model") and values.get("models"):
            sentence = _("Give language_model or models, not both.")
            raise serializers.ValidationError({"models": [sentence]})
        return values

    def validate_models(self, shares: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({share["language_model"].pk for share in shares}) < len(shares):
            raise serializers.ValidationError(_("Each model may be named once; give it a weight."))
        return shares


def mix(values: dict[str, Any]) -> dict[int, int]:
    """Return the models of a content, as id to weight."""
    model, shares = values.get("language_model"), values.get("models", [])
    chosen = {share["language_model"].pk: share["weight"] for share in shares}
    return {model.pk: 1} if model else chosen


class OrderSerializer(ValidatedSerializer):
    dataset_name = serializers.CharField(
        required=False,
        max_length=200,
        help_text=_("Creates a dataset. Without it and dataset: named after the task."),
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **parts.fields(parts.TASK, required=False)}

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        values = super().validate(values)
        if values.get("dataset") and values.get("dataset_name"):
            sentence = _("Give dataset or dataset_name, not both.")
            raise serializers.ValidationError({"dataset_name": [sentence]})
        return values

    def place(self, row: Order, values: dict[str, Any]) -> None:
        """Put a new dataset into the values where one is named, or the order has none."""
        name = values.pop("dataset_name", "")
        if name or (row.dataset_id is None and "dataset" not in values):
            values["dataset"] = Dataset.named_after(name or values["name"], self.user)

    @property
    def user(self) -> Any:
        return self.context["request"].user


# What a client reads


class CountsSerializer(serializers.Serializer):
    accepted = serializers.IntegerField()
    pending = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    malformed = serializers.IntegerField()
    rejected = serializers.IntegerField()
    surplus = serializers.IntegerField()


class MixSerializer(serializers.Serializer):
    language_model = serializers.IntegerField(source="language_model_id")
    name = serializers.CharField(source="language_model")
    weight = serializers.IntegerField()


class RunReport(serializers.ModelSerializer):
    status = serializers.ChoiceField(TASK_STATUSES)
    reason_code = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()

    def get_reason_code(self, row: Any) -> str:
        return row.latest_run.reason_code if row.latest_run else ""

    def get_reason(self, row: Any) -> str:
        return row.latest_run.reason if row.latest_run else ""

    @extend_schema_field(CountsSerializer)
    def get_counts(self, row: Any) -> dict[str, int]:
        return {name: getattr(row.latest_run, name, 0) for name in Run.COUNTERS}


class LinksSerializer(serializers.Serializer):
    self_ = serializers.URLField()
    runs = serializers.URLField()
    records = serializers.URLField()
    dataset = serializers.URLField()
    export = serializers.URLField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class OrderReport(serializers.ModelSerializer):
    route: str
    filter: str  # of runs and records, by the order

    dataset_name = serializers.CharField(source="dataset.name")
    status_label = serializers.CharField()
    progress_percent = serializers.IntegerField()
    created_by = serializers.StringRelatedField(allow_null=True)
    links = serializers.SerializerMethodField()

    @extend_schema_field(LinksSerializer)
    def get_links(self, task: Order) -> dict[str, str]:
        def address(name: str, *args: int) -> str:
            return reverse(name, args=args, request=self.context.get("request"))

        dataset = address("datasets-detail", task.dataset_id)
        return {
            "self": address(f"{self.route}-detail", task.pk),
            "runs": f"{address('runs-list')}?{self.filter}={task.pk}",
            "records": f"{address('records-list')}?{self.filter}={task.pk}",
            "dataset": dataset,
            "export": f"{dataset}export/?file_format={task.output_format}",
        }


class OrderAnswers:
    """How the views of orders store and answer."""

    report: type[OrderReport]

    def _store(self, asked: Any, code: int) -> Response:
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            task = asked.save()
        return self._shown(task, code)

    def _shown(self, task: Order, code: int = status.HTTP_200_OK) -> Response:
        row = self.get_queryset().get(pk=task.pk)
        report = self.report(row, context=self.get_serializer_context())
        headers = {"Location": report.data["links"]["self"]} if code == 201 else None
        return Response(report.data, status=code, headers=headers)
