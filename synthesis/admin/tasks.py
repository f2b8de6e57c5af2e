from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from providers.models import LanguageModel
from synthesis import source_rules
from synthesis.admin import task_page
from synthesis.admin.commands import DRAFT
from synthesis.admin.orders import OrderAdmin
from synthesis.admin.task_form import MixFormSet, TaskForm, untaken
from synthesis.admin.task_views import TaskViews
from synthesis.errors import SynthesisError
from synthesis.models import Batch, Call, Record, Run, SynthesisTask, TaskModel


class StatusFilter(DropdownFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [(DRAFT, _("draft")), *Run.Status.choices]

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == DRAFT:
            return queryset.filter(latest_run=None)
        return queryset.filter(latest_run__status=self.value()) if self.value() else queryset


class RatioFilter(DropdownFilter):
    """Ratio tasks have a list of their own; their categories are tasks that need no second row."""

    title = _("categories of ratio tasks")
    parameter_name = "ratio"
    all_option = ("", _("Left out"))

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("with", _("With the others")), ("only", _("Only these"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "with":
            return queryset
        return queryset.filter(category__isnull=self.value() != "only")


class MixInline(TabularInline):
    model = TaskModel
    formset = MixFormSet
    fields = ("language_model", "weight")
    hide_title = True
    verbose_name = _("model")
    verbose_name_plural = _("models")

    def get_extra(self, _request: HttpRequest, obj: Any = None, **_kwargs: Any) -> int:
        return 0 if obj else 1

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language_model":
            kwargs["queryset"] = LanguageModel.objects.select_related("provider")
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


@admin.register(SynthesisTask)
class TaskAdmin(TaskViews, OrderAdmin):
    form = TaskForm
    inlines = [MixInline]
    list_display = (
        "name_cell",
        "template_cell",
        "status_cell",
        "progress_cell",
        "records_cell",
        "actions_cell",
    )
    list_display_links = ("name_cell",)
    list_filter = (
        StatusFilter,
        ("template_version__template", RelatedDropdownFilter),
        ("template_version__template__type", ChoicesDropdownFilter),
        RatioFilter,
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("name", "description", "template_version__template__name")
    started_message = _("The task was created and has started.")
    saved_message = _("Saved. The next run takes the new configuration.")
    deleted_along = (
        (Run, "task"),
        (Batch, "run__task"),
        (Call, "run__task"),
        (Record, "run__task"),
    )
    fieldsets = (
        (
            _("Basic information"),
            {"fields": ("name", "description", "template", "take_latest", "source")},
        ),
        (
            _("Parameters"),
            {"fields": ("values", "records_per_item", "items_per_call", "target_count")},
        ),
        (
            _("Model parameters"),
            {"fields": ("temperature", "top_p", "max_tokens", "parameters")},
        ),
        (_("Batches"), {"fields": ("batch_size", "concurrency", "max_attempts", "seed")}),
        (_("Diversity"), {"fields": ("avoid_count", "example_count")}),
        (_("Output"), {"fields": ("existing_dataset", "new_dataset", "output_format")}),
    )

    class Media:
        js = ("synthesis/task.js",)

    # The list

    @display(description=_("task name"), ordering="name")
    def name_cell(self, task: SynthesisTask) -> str:
        return task.name

    @display(description=_("template"), ordering="template_version__template__name")
    def template_cell(self, task: SynthesisTask) -> str:
        return task.template_version.template.name

    @display(description=_("status"), ordering="latest_run__status")
    def status_cell(self, task: SynthesisTask) -> str:
        return super().status_cell(task)

    @display(description=pgettext_lazy("how many", "records"), ordering="latest_run__accepted")
    def records_cell(self, task: SynthesisTask) -> str:
        return super().records_cell(task)

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj and task_page.configuration(obj)["is_stale"]:
            return fieldsets
        (title, options), *others = fieldsets
        fields = tuple(name for name in options["fields"] if name != "take_latest")
        return ((title, {**options, "fields": fields}), *others)

    def save_related(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: list[BaseModelFormSet],
        change: bool,
    ) -> None:
        """Start a new task once its models are stored with it."""
        super().save_related(request, form, formsets, change)
        task = form.instance
        try:
            if not change:
                task.start(request.user)
            parameters = task_page.configuration(task)["parameters"]
            for model, names in untaken(task, parameters):
                text = gettext("%(model)s does not take %(names)s; it is not sent.")
                messages.warning(request, text % {"model": model, "names": names})
        except SynthesisError as error:
            messages.error(request, str(error))
        if task.source and (sentence := source_rules.unused(task.template_version, task.source)):
            messages.warning(request, sentence)

    def refusal(self, task: SynthesisTask) -> str:
        """Say why the task cannot be changed now; empty where it can."""
        if task.is_active:
            return gettext("The task is running. Pause it, or wait until it ends, to change it.")
        try:
            task.check_independence()
        except SynthesisError as error:
            return str(error)
        return ""

    def protected(self, tasks: list[SynthesisTask]) -> list[str]:
        part = gettext("%(task)s is a category of a ratio task; delete that one.")
        parts = [part % {"task": task} for task in tasks if task.category_id]
        return [*super().protected(tasks), *parts]
