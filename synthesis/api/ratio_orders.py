"""What a client sends to order records of several categories."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.settings import api_settings

from providers.api.serializers import ValidatedSerializer
from providers.models import LanguageModel
from synthesis import ratio_rules
from synthesis.api.task_orders import (
    EXTENSIONS,
    MODEL_OR_MODELS,
    ONE_DATASET,
    ShareSerializer,
)
from synthesis.models import Dataset, PromptTemplate, RatioTask
from synthesis.models.ratio import MOST_CATEGORIES

Split = RatioTask.Split


class CategoryOrderSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100)
    share = serializers.DecimalField(
        7, 4, required=False, min_value=0, help_text=_("In percent. All shares make 100.")
    )
    count = serializers.IntegerField(
        required=False, min_value=0, help_text=_("In place of the share, in every category.")
    )
    template = serializers.PrimaryKeyRelatedField(
        queryset=PromptTemplate.objects.filter(is_enabled=True),
        help_text=_("The category takes what the template says now."),
    )
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
        if values.get("language_model") and values.get("models"):
            raise serializers.ValidationError({"models": [MODEL_OR_MODELS]})
        return values


class RatioOrderSerializer(ValidatedSerializer):
    categories = CategoryOrderSerializer(many=True, max_length=MOST_CATEGORIES)
    split = serializers.ChoiceField(
        Split.choices, required=False, help_text=_("Left out: as the categories are given.")
    )
    dataset_name = serializers.CharField(
        required=False,
        max_length=200,
        help_text=_("Creates a dataset. Without it and dataset: named after the task."),
    )
    start = serializers.BooleanField(
        default=True, help_text=_("false leaves the ratio task a draft.")
    )

    class Meta:
        model = RatioTask
        fields = (
            "name",
            "description",
            "total",
            "split",
            "categories",
            "seed",
            "batch_size",
            "concurrency",
            "max_attempts",
            "dataset",
            "dataset_name",
            "output_format",
            "start",
        )
        extra_kwargs = {"dataset": {"required": False}}

    def get_fields(self) -> dict[str, serializers.Field]:
        parts = {name: part(required=False) for name, part in EXTENSIONS.items()}
        return {**super().get_fields(), **parts}

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("dataset") and values.get("dataset_name"):
            raise serializers.ValidationError({"dataset_name": [ONE_DATASET]})
        given = values["categories"]
        is_counted = bool(given) and all("count" in row and "share" not in row for row in given)
        values.setdefault("split", Split.COUNTS if is_counted else Split.SHARES)
        try:
            values["plan"] = ratio_rules.plan(
                [row_of(row) for row in given], split=values["split"], total=values.get("total")
            )
        except ratio_rules.RatioRefusedError as error:
            raise serializers.ValidationError(by_field(error)) from error
        return values

    def store(self, row: RatioTask, values: dict[str, Any]) -> RatioTask:
        plan, is_new = values.pop("plan"), row.pk is None
        is_wanted = values.pop("start") and is_new
        del values["categories"]
        parts = {name: values.pop(name) for name in EXTENSIONS if name in values}
        name = values.pop("dataset_name", "")
        if name or (row.dataset_id is None and "dataset" not in values):
            values["dataset"] = Dataset.named_after(name or values["name"], self.user)
        if is_new:
            values["created_by"] = self.user
        task: RatioTask = super().store(row, {**values, "total": plan.total})
        task.arrange(plan.orders)
        for category in task.stored_categories():
            for part, given in parts.items():
                self.fields[part].store(category.task, dict(given))
        if is_wanted:
            task.start(self.user)
        return task

    @property
    def user(self) -> Any:
        return self.context["request"].user


def row_of(given: dict[str, Any]) -> ratio_rules.Row:
    model = given.get("language_model")
    mix = {share["language_model"].pk: share["weight"] for share in given.get("models", [])}
    return ratio_rules.Row(
        name=given["name"],
        share=given.get("share"),
        count=given.get("count"),
        version=given["template"].latest_version,
        values=given.get("values", {}),
        parameters=given.get("parameters", {}),
        mix={model.pk: 1} if model else mix,
    )


def by_field(error: ratio_rules.RatioRefusedError) -> dict[str, Any]:
    """Put the rows' problems at the rows; what concerns all of them then stands above."""
    found: dict[str, Any] = dict(error.whole)
    if any(error.rows):
        of_all = found.pop("categories", [])
        # As Django REST framework names the rows of a list that it refuses itself.
        rows = enumerate(error.rows)
        found["categories"] = {str(number): problems for number, problems in rows if problems}
        if of_all:
            found[api_settings.NON_FIELD_ERRORS_KEY] = of_all
    return found
