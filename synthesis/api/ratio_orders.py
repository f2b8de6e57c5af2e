"""What a client sends to order records of several categories."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.settings import api_settings

from synthesis import ratio_rules
from synthesis.api import parts
from synthesis.api.orders import ContentSerializer, OrderSerializer, mix
from synthesis.models import PromptTemplate, RatioTask
from synthesis.models.ratio import MOST_CATEGORIES
from synthesis.share_rules import RatioRefusedError

Split = RatioTask.Split


class CategoryOrderSerializer(ContentSerializer):
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


class RatioOrderSerializer(OrderSerializer):
    """An order of records of several categories."""

    categories = CategoryOrderSerializer(many=True, max_length=MOST_CATEGORIES)
    split = serializers.ChoiceField(
        Split.choices, required=False, help_text=_("Left out: as the categories are given.")
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
            "avoid_count",
            "example_count",
            "dataset",
            "dataset_name",
            "output_format",
            "start",
        )
        extra_kwargs = {"dataset": {"required": False}}

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        values = super().validate(values)
        given = values["categories"]
        is_counted = bool(given) and all("count" in row and "share" not in row for row in given)
        values.setdefault("split", Split.COUNTS if is_counted else Split.SHARES)
        try:
            values["plan"] = ratio_rules.plan(
                [row_of(row) for row in given], split=values["split"], total=values.get("total")
            )
        except RatioRefusedError as error:
            raise serializers.ValidationError(by_field(error)) from error
        return values

    def store(self, row: RatioTask, values: dict[str, Any]) -> RatioTask:
        plan, is_new = values.pop("plan"), row.pk is None
        is_wanted = values.pop("start") and is_new
        del values["categories"]
        taken = parts.take(parts.TASK, values)
        self.place(row, values)
        if is_new:
            values["created_by"] = self.user
        task: RatioTask = super().store(row, {**values, "total": plan.total})
        task.arrange(plan.orders)
        for category in task.stored_categories():
            parts.store(self, category.task, taken)
        if is_wanted:
            task.start(self.user)
        return task


def row_of(given: dict[str, Any]) -> ratio_rules.Row:
    return ratio_rules.Row(
        name=given["name"],
        share=given.get("share"),
        count=given.get("count"),
        version=given["template"].latest_version,
        values=given.get("values", {}),
        parameters=given.get("parameters", {}),
        mix=mix(given),
    )


def by_field(error: RatioRefusedError) -> dict[str, Any]:
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
