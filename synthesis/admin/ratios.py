from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from synthesis import ratio_rules
from synthesis.admin import deletion, ratio_page
from synthesis.admin.ratio_form import (
    PARTS,
    CategoryFormSet,
    RatioForm,
    Rows,
    blank_rows,
    stored_row,
)
from synthesis.admin.ratio_views import RatioViews
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
class RatioAdmin(RatioViews, ModelAdmin):
    form = RatioForm
    list_display = ("name", "status_cell", "progress_cell", "records_cell", "actions_cell")
    list_filter = (StatusFilter, ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_per_page = 50
    show_add_link = False
    list_before_template = "admin/synthesis/ratiotask/poll.html"
    search_fields = ("name", "description", "categories__name")
    show_full_result_count = False
    warn_unsaved_form = True
    fieldsets = (
        (_("Basic information"), {"fields": ("name", "description")}),
        (_("Categories"), {"fields": (("total", "split"), "take_latest")}),
        (_("Output"), {"fields": ("existing_dataset", "new_dataset", "output_format")}),
        (_("Batches"), {"fields": ("batch_size", "concurrency", "max_attempts", "seed")}),
    )

    class Media:
        css = {"all": ("synthesis/admin.css",)}
        js = ("synthesis/ratio.js",)

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_progress()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if "cl" in (getattr(response, "context_data", None) or {}):
            tasks = response.context_data["cl"].result_list
            response.context_data["active_ids"] = [task.pk for task in tasks if task.is_active]
        return response

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        # The cells need to know who looks, and Django gives them only the row.
        self.request = request
        return super().get_list_display(request)

    def cell(self, name: str, task: RatioTask) -> str:
        return ratio_page.cell(
            name,
            task,
            can_change=self.has_change_permission(self.request),
            can_add=self.has_add_permission(self.request),
        )

    @display(description=_("status"))
    def status_cell(self, task: RatioTask) -> str:
        return self.cell("status", task)

    @display(description=_("progress"))
    def progress_cell(self, task: RatioTask) -> str:
        return self.cell("progress", task)

    @display(description=pgettext_lazy("how many", "records"))
    def records_cell(self, task: RatioTask) -> str:
        return self.cell("records", task)

    @display(description=_("actions"))
    def actions_cell(self, task: RatioTask) -> str:
        return self.cell("actions", task)

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        basic, (title, options), *others = super().get_fieldsets(request, obj)
        fields = options["fields"] if obj else options["fields"][:1]
        parts = ((_("Quality"), {"fields": tuple(PARTS)}),) if PARTS else ()
        return (basic, (title, {**options, "fields": fields}), *others, *parts)

    def _create_formsets(
        self, request: HttpRequest, obj: RatioTask, change: bool
    ) -> tuple[list[Rows], list[Any]]:
        """Give the form one formset of rows, which is no inline: a row is more than a model."""
        if request.method == "POST":
            rows = CategoryFormSet(request.POST, instance=obj)
        else:
            stored = [stored_row(category) for category in obj.categories.all()] if change else []
            rows = CategoryFormSet(instance=obj, initial=stored or blank_rows())
        request.ratio_rows = rows
        return [rows], []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["rows"] = request.ratio_rows
        context["wrong_sum"] = ratio_rules.wrong_sum("{sum}")
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: RatioTask, form: ModelForm, change: bool
    ) -> None:
        obj.dataset = form.target_dataset(request.user)
        obj.total = request.ratio_rows.plan.total
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

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

    def response_add(
        self, request: HttpRequest, obj: RatioTask, post_url_continue: Any = None
    ) -> HttpResponse:
        if obj.runs.exists():
            text = gettext("The ratio task was created and its categories have started.")
            messages.success(request, text)
        return HttpResponseRedirect(self.page_url(obj))

    def response_change(self, request: HttpRequest, obj: RatioTask) -> HttpResponse:
        messages.success(request, gettext("Saved. Start it when it is as you want it."))
        return HttpResponseRedirect(self.page_url(obj))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the task's page; its form only when it is asked for, and before the first run."""
        if request.method in ("GET", "HEAD") and "edit" not in request.GET:
            return self.task_view(request, object_id)
        task = self.get_object(request, object_id)
        if task is None:
            raise Http404
        if not self.has_change_permission(request, task):
            raise PermissionDenied
        if task.has_run:
            messages.error(request, str(TaskNotReadyError("has_run")))
            return HttpResponseRedirect(self.page_url(task))
        return super().change_view(request, object_id, form_url, extra_context)

    # Deletion

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> deletion.Preview:
        tasks = list(objs)
        counted = [
            RatioCategory.objects.filter(ratio_task__in=tasks),
            Run.objects.filter(ratio_task__in=tasks),
            Record.objects.filter(run__ratio_task__in=tasks),
        ]
        running = gettext("%(task)s is not finished; cancel it first.")
        protected = [running % {"task": task} for task in tasks if task.is_unfinished]
        return deletion.preview(tasks, counted, protected)
