"""The pages and fragments that tasks, ratio tasks and mixtures have beside Django's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from providers.admin.pages import PagesAdmin, View
from synthesis.admin import downloads, navigation, progress
from synthesis.errors import SynthesisError
from synthesis.export import NotATableError
from synthesis.models import Batch

CELLS = ("status", "progress", "records", "actions")
FOLDER = "admin/synthesis/order"
MOST_ROWS_POLLED = 200
RECORDS_SHOWN = 20


class OrderViews(PagesAdmin):
    """Custom views of an order's admin; each checks the permission that it needs.

    An admin names the two modules that know its kind of order: page has figures, overview,
    runs_of, newest_records and records_of; commands has COMMANDS and possible.
    """

    page: Any
    commands: Any

    def views(self) -> list[tuple[str, View, str]]:
        return [
            ("rows/", self.rows_view, "rows"),
            ("<int:object_id>/overview/", self.overview_view, "overview"),
            ("<int:object_id>/records/", self.records_view, "records"),
            ("<int:object_id>/clone/", self.clone_view, "clone"),
            ("<int:object_id>/download/<str:format>/", self.download_view, "download"),
            ("<int:object_id>/command/<str:name>/", self.command_view, "command"),
        ]

    # Pages and fragments that only show

    def task_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        task = self.found(request, object_id, "view")
        context = {
            **self.admin_site.each_context(request),
            "media": self.media,
            "title": task.name,
            "original": task,
            "can_add": self.has_add_permission(request),
            "can_edit": self.has_change_permission(request, task) and not self.refusal(task),
            "can_delete": self.has_delete_permission(request, task) and not self.protected([task]),
            **self.page_context(task),
            **self.overview_context(request, task),
            **self.records_context(request, task),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"{self.folder}/page.html", context)

    def page_context(self, task: Any) -> dict[str, Any]:
        """Collect what stands still on the page."""
        return {}

    def overview_context(self, request: HttpRequest, task: Any) -> dict[str, Any]:
        """Collect what moves while the task runs. Cost: eight queries at most."""
        commands = self.commands.possible(task)
        primary = [command for command in commands if command.is_primary][:1]
        return {
            "task": task,
            "opts": self.opts,
            "primary": primary,
            "secondary": [command for command in commands if command not in primary],
            "can_change": self.has_change_permission(request, task),
            "is_moving": self.is_moving(task),
            **self.page.figures(task),
            **self.page.overview(task),
        }

    def is_moving(self, task: Any) -> bool:
        """Tell whether figures still change: answers come in after a run was stopped, too."""
        runs = self.page.runs_of(task)
        return task.is_active or Batch.objects.running().filter(run__in=runs).exists()

    def records_context(self, request: HttpRequest, task: Any) -> dict[str, Any]:
        return {
            "task": task,
            "opts": self.opts,
            "records": self.page.newest_records(task)[:RECORDS_SHOWN],
            "most_records": RECORDS_SHOWN,
            "formats": downloads.formats(),
        }

    def overview_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer the page's poll; the last answer stops it and reloads the records.

        Until then they are loaded anew while the page has room for more of them.
        """
        task = self.found(request, object_id, "view")
        if not self.is_moving(task):
            # The last answer may have come in since the task was read.
            task = self.found(request, object_id, "view")
        context = self.overview_context(request, task)
        response = render(request, f"{self.folder}/overview.html", context)
        if not context["is_moving"]:
            response.status_code = progress.POLLING_ENDED
        if task.has_run:
            response["HX-Trigger"] = "records-come" if context["is_moving"] else "records-made"
        return response

    def records_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        task = self.found(request, object_id, "view")
        return render(request, f"{FOLDER}/records.html", self.records_context(request, task))

    def rows_view(self, request: HttpRequest) -> HttpResponse:
        """Answer the list's poll with the cells of its running tasks. Cost: two queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = [text for text in request.GET.get("ids", "").split(",") if text.isdecimal()]
        tasks = list(self.get_queryset(request).filter(pk__in=ids[:MOST_ROWS_POLLED]))
        cells = [self.cells(request, task, *CELLS, is_swap=True) for task in tasks]
        is_active = any(task.is_active for task in tasks)
        return HttpResponse("".join(cells), status=200 if is_active else progress.POLLING_ENDED)

    def cells(
        self, request: HttpRequest, task: Any, *names: str, is_swap: bool = False
    ) -> SafeString:
        """Render cells of a task's row; a swap replaces those that the page has."""
        can_change = self.has_change_permission(request)
        context = {
            "task": task,
            "opts": self.opts,
            "commands": self.commands.possible(task) if can_change else [],
            "can_add": self.has_add_permission(request),
            "is_swap": is_swap,
            **self.page.figures(task),
        }
        rendered = ((render_to_string(f"{FOLDER}/cell_{name}.html", context),) for name in names)
        return format_html_join("", "{}", rendered)

    def download_view(self, request: HttpRequest, object_id: int, format: str) -> HttpResponse:
        task = self.found(request, object_id, "view")
        records = downloads.chosen(self.page.records_of(task), request.GET.get("records"))
        try:
            return downloads.download(records, task.dataset, format, request)
        except NotATableError as error:
            messages.error(request, str(error))
            return redirect(self.page_url(task))

    # What changes something

    def command_view(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        task = self.found(request, object_id, "change")
        command = self.commands.COMMANDS.get(name)
        if command is None:
            raise Http404
        if request.method == "GET" and command.confirmation:
            context = {"task": task, "command": command}
            return render(request, f"{FOLDER}/confirm.html", context)
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
        text = gettext("This is a copy of %(task)s. Change what you want, then start it.")
        messages.success(request, text % {"task": task})
        return redirect(self.page_url(copy))


class VariablesViews(OrderViews):
    """The fragment of orders whose form fills the variables of a template."""

    def check_ordering(self, request: HttpRequest) -> None:
        """Refuse those who may not fill in the form. Errors: PermissionDenied."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied

    def views(self) -> list[tuple[str, View, str]]:
        variables = require_POST(self.variables_view)
        return [*super().views(), ("variables/", variables, "variables")]

    def variables_view(self, request: HttpRequest) -> HttpResponse:
        """Show the inputs of the chosen template, with what was typed so far."""
        self.check_ordering(request)
        bound = self.variables_form(request)["values"]
        # Not as_widget(), which would find what is missing while it is still being typed.
        return HttpResponse(bound.field.widget.render(bound.html_name, bound.value()))
