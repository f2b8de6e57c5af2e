from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter

from synthesis.admin.ratio_form import PARTS, CategoryFormSet, RatioForm
from synthesis.admin.ratio_views import RatioViews
from synthesis.admin.rows import Rows, RowsAdmin
from synthesis.errors import SynthesisError, TaskNotReadyError
from synthesis.models import RatioCategory, RatioTask, Record, Run


class StatusFilter(DropdownFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return RatioTask.Status.choices

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.of_status(self.value()) if self.value() else queryset


@admin.register(RatioTask)
class RatioAdmin(RatioViews, RowsAdmin):
    purpose = _(
        "A ratio task generates records of several categories in exact proportion, such as 40%"
        " positive, 30% negative and 30% neutral."
    )
    form = RatioForm
    rows_formset = CategoryFormSet
    list_display = ("name", "status_cell", "progress_cell", "records_cell", "actions_cell")
    list_filter = (StatusFilter, ("created_at", RangeDateTimeFilter))
    search_fields = ("name", "description", "categories__name")
    started_message = _("The ratio task was created and its categories have started.")
    saved_message = _("Saved. Start it when it is as you want it.")
    deleted_along = (
        (RatioCategory, "ratio_task"),
        (Run, "ratio_task"),
        (Record, "run__ratio_task"),
    )
    fieldsets = (
        (_("Basic information"), {"fields": ("name", "description")}),
        (_("Categories"), {"fields": (("total", "split"), "take_latest")}),
        (_("Output"), {"fields": ("existing_dataset", "new_dataset", "output_format")}),
        (_("Batches"), {"fields": ("batch_size", "concurrency", "max_attempts", "seed")}),
        (_("Diversity"), {"fields": ("avoid_count", "example_count")}),
    )

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        basic, (title, options), *others = super().get_fieldsets(request, obj)
        fields = options["fields"] if obj else options["fields"][:1]
        parts = ((_("Quality"), {"fields": tuple(PARTS)}),) if PARTS else ()
        return (basic, (title, {**options, "fields": fields}), *others, *parts)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: list[Rows], change: bool
    ) -> None:
        """Store the categories; a new task starts."""
        form.save_m2m()
        form.instance.arrange(formsets[0].plan.orders)
        form.store_parts(form.instance)
        if change:
            return
        try:
            form.instance.start(request.user)
        except SynthesisError as error:
            messages.error(request, str(error))

    def refusal(self, task: RatioTask) -> str:
        """Say why the task cannot be changed any more; empty where it can."""
        return str(TaskNotReadyError("has_run")) if task.has_run else ""
