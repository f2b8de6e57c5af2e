"""What the admins of tasks, ratio tasks and mixtures have in common: list, form, deletion."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from synthesis.admin import deletion
from synthesis.admin.order_views import FOLDER, OrderViews


class OrderAdmin(OrderViews, ModelAdmin):
    started_message: Promise
    saved_message: Promise
    # Models whose rows go with a task, each with the way from a row to its task.
    deleted_along: ClassVar[tuple[tuple[type[Model], str], ...]]

    list_filter_submit = True
    list_per_page = 50
    show_add_link = False
    change_list_template = f"{FOLDER}/change_list.html"
    list_before_template = f"{FOLDER}/poll.html"
    show_full_result_count = False
    warn_unsaved_form = True

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
            response.context_data["active_ids"] = [task.pk for task in tasks if task.is_active]
        return response

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        # The cells need to know who looks, and Django gives them only the row.
        self.request = request
        return super().get_list_display(request)

    @display(description=_("status"))
    def status_cell(self, task: Any) -> str:
        return self.cells(self.request, task, "status")

    @display(description=_("progress"))
    def progress_cell(self, task: Any) -> str:
        return self.cells(self.request, task, "progress")

    @display(description=pgettext_lazy("how many", "records"))
    def records_cell(self, task: Any) -> str:
        return self.cells(self.request, task, "records")

    @display(description=_("actions"))
    def actions_cell(self, task: Any) -> str:
        return self.cells(self.request, task, "actions")

    # The form

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        obj.dataset = form.target_dataset(request.user)
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        if obj.has_run:
            messages.success(request, self.started_message)
        return HttpResponseRedirect(self.page_url(obj))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        messages.success(request, self.saved_message)
        return HttpResponseRedirect(self.page_url(obj))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the task's page; its form only when it is asked for, and if it may change."""
        if request.method in ("GET", "HEAD") and "edit" not in request.GET:
            return self.task_view(request, object_id)
        task = self.found(request, object_id, "change")
        if refusal := self.refusal(task):
            messages.error(request, refusal)
            return HttpResponseRedirect(self.page_url(task))
        return super().change_view(request, object_id, form_url, extra_context)

    # Deletion

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> deletion.Preview:
        tasks = list(objs)
        counted = [
            model.objects.filter(**{f"{path}__in": tasks}) for model, path in self.deleted_along
        ]
        return deletion.preview(tasks, counted, self.protected(tasks))

    def protected(self, tasks: list[Any]) -> list[str]:
        """Say which tasks cannot be deleted now, and why."""
        running = gettext("%(task)s is not finished; cancel it first.")
        return [running % {"task": task} for task in tasks if task.is_unfinished]
