from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from providers.models import LanguageModel
from synthesis.admin import deletion, progress, task_page
from synthesis.admin.commands import DRAFT
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
class TaskAdmin(TaskViews, ModelAdmin):
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
    list_filter_submit = True
    list_per_page = 50
    show_add_link = False
    list_before_template = "admin/synthesis/synthesistask/poll.html"
    search_fields = ("name", "description", "template_version__template__name")
    show_full_result_count = False
    warn_unsaved_form = True
    fieldsets = (
        (_("Basic information"), {"fields": ("name", "description", "template", "take_latest")}),
        (_("Parameters"), {"fields": ("values", "target_count")}),
        (
            _("Model parameters"),
            {"fields": ("temperature", "top_p", "max_tokens", "parameters")},
        ),
        (_("Batches"), {"fields": ("batch_size", "concurrency", "max_attempts", "seed")}),
        (_("Output"), {"fields": ("existing_dataset", "new_dataset", "output_format")}),
    )

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_progress()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if "cl" in (getattr(response, "context_data", None) or {}):
            tasks = response.context_data["cl"].result_list
            response.context_data["active_ids"] = [
                task.pk for task in tasks if task.latest_run and task.latest_run.is_active
            ]
        return response

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        # The cells need to know who looks, and Django gives them only the row.
        self.request = request
        return super().get_list_display(request)

    def cell(self, name: str, task: SynthesisTask) -> str:
        return progress.cell(
            name,
            task,
            can_change=self.has_change_permission(self.request),
            can_add=self.has_add_permission(self.request),
        )

    @display(description=_("task name"), ordering="name")
    def name_cell(self, task: SynthesisTask) -> str:
        return task.name

    @display(description=_("template"), ordering="template_version__template__name")
    def template_cell(self, task: SynthesisTask) -> str:
        return task.template_version.template.name

    @display(description=_("status"), ordering="latest_run__status")
    def status_cell(self, task: SynthesisTask) -> str:
        return self.cell("status", task)

    @display(description=_("progress"))
    def progress_cell(self, task: SynthesisTask) -> str:
        return self.cell("progress", task)

    @display(description=pgettext_lazy("how many", "records"), ordering="latest_run__accepted")
    def records_cell(self, task: SynthesisTask) -> str:
        return self.cell("records", task)

    @display(description=_("actions"))
    def actions_cell(self, task: SynthesisTask) -> str:
        return self.cell("actions", task)

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj and task_page.configuration(obj)["is_stale"]:
            return fieldsets
        (title, options), *others = fieldsets
        fields = tuple(name for name in options["fields"] if name != "take_latest")
        return ((title, {**options, "fields": fields}), *others)

    def save_model(
        self, request: HttpRequest, obj: SynthesisTask, form: ModelForm, change: bool
    ) -> None:
        obj.dataset = form.target_dataset(request.user)
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

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

    def response_add(
        self, request: HttpRequest, obj: SynthesisTask, post_url_continue: Any = None
    ) -> HttpResponse:
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        if obj.latest_run_id:
            messages.success(request, gettext("The task was created and has started."))
        return HttpResponseRedirect(self.page_url(obj))

    def response_change(self, request: HttpRequest, obj: SynthesisTask) -> HttpResponse:
        messages.success(request, gettext("Saved. The next run takes the new configuration."))
        return HttpResponseRedirect(self.page_url(obj))

    def page_url(self, task: SynthesisTask) -> str:
        return reverse("admin:synthesis_synthesistask_change", args=[task.pk])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the task's page; its form only when it is asked for."""
        if request.method in ("GET", "HEAD") and "edit" not in request.GET:
            return self.task_view(request, object_id)
        task = self.get_object(request, object_id)
        if task is None:
            raise Http404
        if not self.has_change_permission(request, task):
            raise PermissionDenied
        if task.latest_run and task.latest_run.is_active:
            text = _("The task is running. Pause it, or wait until it ends, to change it.")
            messages.error(request, text)
            return HttpResponseRedirect(self.page_url(task))
        try:
            task.check_independence()
        except SynthesisError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_url(task))
        return super().change_view(request, object_id, form_url, extra_context)

    # Deletion

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> deletion.Preview:
        tasks = list(objs)
        counted = [
            model.objects.filter(**{f"{path}__in": tasks})
            for model, path in (
                (Run, "task"),
                (Batch, "run__task"),
                (Call, "run__task"),
                (Record, "run__task"),
            )
        ]
        running = _("%(task)s is not finished; cancel it first.")
        protected = [
            running % {"task": task}
            for task in tasks
            if task.latest_run and task.latest_run.is_unfinished
        ]
        part = gettext("%(task)s is a category of a ratio task; delete that one.")
        protected += [part % {"task": task} for task in tasks if task.category_id]
        return deletion.preview(tasks, counted, protected)
