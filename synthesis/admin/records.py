from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeNumericFilter,
)
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from providers.admin.fields import StorableJSONField
from providers.clients.types import Message
from synthesis.admin import deletion
from synthesis.admin.filters import RelatedFilter
from synthesis.engine import continuation, generation, prompting
from synthesis.models import Batch, Call, RatioCategory, Record
from synthesis.templatetags.synthesis_admin import CHIPS, short
from synthesis.templating import TemplatingError

MOST_CATEGORIES = 500


class IndentedJSONField(StorableJSONField):
    """JSON as a person edits it: indented, and in its own script."""

    widget = widgets.UnfoldAdminTextareaWidget({"rows": 14, "class": "sy-plain"})

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2)


class CategoryFilter(DropdownFilter):
    """The categories of ratio tasks, by name; not shown where there are none."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        names = RatioCategory.objects.order_by("name").values_list("name", flat=True).distinct()
        return [(name, name) for name in names[:MOST_CATEGORIES]]

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.in_category(self.value()) if self.value() else queryset


class RecordForm(forms.ModelForm):
    content = IndentedJSONField(label=_("Content"))

    class Meta:
        model = Record
        fields = ("content",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial_status = self.instance.status


@admin.register(Record)
class RecordAdmin(ModelAdmin):
    form = RecordForm
    fieldsets = ((_("Edit"), {"fields": ("content",)}),)
    list_display = (
        "preview_cell",
        "status_cell",
        "score_cell",
        "judge_score_cell",
        "reason_cell",
        "dataset_cell",
        "run_cell",
        "model_cell",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("score", RangeNumericFilter),
        ("judge_score", RangeNumericFilter),
        ("dataset", RelatedFilter),
        ("run", RelatedFilter),
        ("run__source", RelatedFilter),
        CategoryFilter,
    )
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ("dataset", "run__task", "language_model__provider")
    ordering = ("-pk",)
    paginator = InfinitePaginator
    show_full_result_count = False
    change_form_outer_before_template = "admin/synthesis/record/overview.html"

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    @display(description=_("content"))
    def preview_cell(self, record: Record) -> str:
        return short(record) or "–"

    @display(description=_("status"), label=CHIPS)
    def status_cell(self, record: Record) -> tuple[str, str]:
        return record.status, record.get_status_display()

    @display(description=_("score"), ordering="score")
    def score_cell(self, record: Record) -> str:
        return points(record.score)

    @display(description=_("judge"), ordering="judge_score")
    def judge_score_cell(self, record: Record) -> str:
        return points(record.judge_score)

    @display(description=_("reason"))
    def reason_cell(self, record: Record) -> str:
        return render_to_string("admin/synthesis/record/reason.html", {"record": record})

    @display(description=_("dataset"))
    def dataset_cell(self, record: Record) -> str:
        return record.dataset.name

    @display(description=_("run"))
    def run_cell(self, record: Record) -> str:
        return str(record.run) if record.run else "–"

    @display(description=_("model"))
    def model_cell(self, record: Record) -> str:
        return str(record.language_model) if record.language_model else "–"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        record = self.get_object(request, object_id)
        origin = {"record": record, **origin_of(record)} if record else {}
        return super().change_view(
            request, object_id, form_url, {**origin, **(extra_context or {})}
        )

    def save_model(self, request: HttpRequest, obj: Record, form: Any, change: bool) -> None:
        """Save through the checks, and say so when they judge the record anew."""
        before, obj.editor = form.initial_status, request.user
        super().save_model(request, obj, form, change)
        if obj.status != before:
            text = gettext("The record was %(before)s; after the checks it is %(after)s.")
            labels = dict(Record.Status.choices)
            level = messages.SUCCESS if obj.status == Record.Status.ACCEPTED else messages.WARNING
            self.message_user(
                request, text % {"before": labels[before], "after": labels[obj.status]}, level
            )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> deletion.Preview:
        return deletion.preview(objs, [], [])


def points(score: float | None) -> str:
    return "–" if score is None else formats.number_format(score, 1)


def origin_of(record: Record) -> dict[str, Any]:
    """Say where a record comes from: prompts, seed, model and its share of the cost."""
    copies = {"has_copies": record.copies.exists()}
    if record.batch is None:
        return copies
    made_by = [record.batch, *continuation.later_steps(record)]
    calls = Call.objects.filter(batch__in=made_by, state=Call.State.STORED).defer("response")
    by_batch = {call.batch_id: call for call in calls}
    origins = [
        {"batch": batch, "call": by_batch.get(batch.pk), **prompt_of(record, batch)}
        for batch in made_by
    ]
    return {
        **copies,
        "batch": record.batch,
        "origins": origins,
        "cost_share": cost_share(record, [origin["call"] for origin in origins]),
        "currency": record.batch.language_model.currency,
    }


def prompt_of(record: Record, batch: Batch) -> dict[str, Any]:
    """Render a prompt again from the version and the values of the batch."""
    content, values = generation.asked(record.run, batch, generation.rows_of([batch]))
    instruct = "json_schema" not in record.batch.language_model.capabilities
    try:
        found: tuple[Message, ...] = prompting.messages(content, values, instruct=instruct)
    except TemplatingError as error:
        return {"prompt_error": str(error)}
    return {"prompt": found}


def cost_share(record: Record, calls: Sequence[Call | None]) -> Decimal | None:
    """Split what the first call cost evenly over the records that it brought, and add the others.

    None where a cost is not known.
    """
    costs = [call.cost if call else None for call in calls]
    if None in costs:
        return None
    first, *later = [cost for cost in costs if cost is not None]
    return first / max(1, siblings(record).count()) + sum(later)


def siblings(record: Record) -> QuerySet[Record]:
    return Record.objects.filter(batch=record.batch_id)
