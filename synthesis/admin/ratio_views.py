"""The pages and fragments of ratio tasks beside Django's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from synthesis.admin import downloads, navigation, progress, ratio_page
from synthesis.admin.ratio_commands import COMMANDS
from synthesis.admin.ratio_form import PREFIX, CategoryForm
from synthesis.errors import SynthesisError
from synthesis.export import TooManyColumnsError
from synthesis.models import RatioTask

MOST_ROWS_POLLED = 200


class RatioViews:
    """Custom views of the ratio task admin; each checks the permission that it needs."""

    def get_urls(self) -> list[URLPattern]:
        views = (
            ("rows/", self.rows_view, "rows"),
            ("variables/", self.variables_view, "variables"),
            ("<int:object_id>/overview/", self.overview_view, "overview"),
            ("<int:object_id>/records/", self.records_view, "records"),
            ("<int:object_id>/clone/", self.clone_view, "clone"),
            ("<int:object_id>/download/<str:format>/", self.download_view, "download"),
            ("<int:object_id>/command/<str:name>/", self.command_view, "command"),
        )
        return [
            path(route, self.admin_site.admin_view(view), name=f"synthesis_ratiotask_{name}")
            for route, view, name in views
        ] + super().get_urls()

    def found(self, request: HttpRequest, object_id: Any, permission: str) -> RatioTask:
        """Return the task.

        Errors: PermissionDenied; Http404.
        """
        task = self.get_object(request, str(object_id))
        if not getattr(self, f"has_{permission}_permission")(request, task):
            raise PermissionDenied
        if task is None:
            raise Http404
        return task

    # Pages and fragments that only show

    def task_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        task = self.found(request, object_id, "view")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": task.name,
            "original": task,
            "can_add": self.has_add_permission(request),
            "can_delete": self.has_delete_permission(request, task),
            **self.overview_context(request, task),
            **self.records_context(task),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"{ratio_page.FOLDER}/page.html", context)

    def overview_context(self, request: HttpRequest, task: RatioTask) -> dict[str, Any]:
        return {
            **ratio_page.overview(task),
            "can_change": self.has_change_permission(request, task),
        }

    def records_context(self, task: RatioTask) -> dict[str, Any]:
        records = ratio_page.newest_records(task)
        return {"task": task, "records": records, "formats": downloads.formats()}

    def overview_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer the page's poll; the last answer stops it and reloads the records."""
        task = self.found(request, object_id, "view")
        context = self.overview_context(request, task)
        response = render(request, f"{ratio_page.FOLDER}/overview.html", context)
        if not task.is_active:
            response.status_code = progress.POLLING_ENDED
        if not task.is_active or task.accepted_count <= ratio_page.RECORDS_SHOWN:
            response["HX-Trigger"] = "records-made"
        return response

    def records_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        task = self.found(request, object_id, "view")
        return render(request, f"{ratio_page.FOLDER}/records.html", self.records_context(task))

    def rows_view(self, request: HttpRequest) -> HttpResponse:
        """Answer the list's poll with the cells of its running tasks. Cost: two queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = [text for text in request.GET.get("ids", "").split(",") if text.isdecimal()]
        tasks = list(self.get_queryset(request).filter(pk__in=ids[:MOST_ROWS_POLLED]))
        allowed = {
            "can_change": self.has_change_permission(request),
            "can_add": self.has_add_permission(request),
        }
        cells = [
            ratio_page.cell(name, task, **allowed, is_swap=True)
            for task in tasks
            for name in ratio_page.CELLS
        ]
        is_active = any(task.is_active for task in tasks)
        return HttpResponse("".join(cells), status=200 if is_active else progress.POLLING_ENDED)

    def variables_view(self, request: HttpRequest) -> HttpResponse:
        """Show the inputs of one row's template, with what was typed so far."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        number = request.GET.get("row", "").removeprefix(f"{PREFIX}-")
        if not number.isdecimal():
            raise Http404
        form = CategoryForm(request.POST, prefix=f"{PREFIX}-{number}", use_required_attribute=False)
        return HttpResponse(form["values"].as_widget())

    def download_view(self, request: HttpRequest, object_id: int, format: str) -> HttpResponse:
        task = self.found(request, object_id, "view")
        records = downloads.chosen(ratio_page.records_of(task), request.GET.get("records"))
        try:
            return downloads.download(records, task.dataset, format, request.user)
        except TooManyColumnsError as error:
            messages.error(request, str(error))
            return redirect(self.page_url(task))

    # What changes something

    def command_view(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        task = self.found(request, object_id, "change")
        command = COMMANDS.get(name)
        if command is None:
            raise Http404
        if request.method == "GET" and command.confirmation:
            context = {"task": task, "command": command}
            return render(request, "admin/synthesis/synthesistask/confirm.html", context)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            text = command.run(task, request.user)
        except SynthesisError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, task, str(command.label))
            messages.success(request, text)
        return navigation.back(request, self.page_url(task))

    def clone_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        task = self.found(request, object_id, "view")
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        copy = task.clone(request.user)
        self.log_addition(request, copy, gettext("Cloned"))
        messages.success(
            request,
            gettext("This is a copy of %(task)s. Change what you want, then start it.")
            % {"task": task},
        )
        return redirect(self.page_url(copy))

    def page_url(self, task: RatioTask) -> str:
        return reverse("admin:synthesis_ratiotask_change", args=[task.pk])
