from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from providers.admin.pages import PagesAdmin, View
from synthesis import coverage, reasons
from synthesis.admin import task_page
from synthesis.admin.filters import RelatedFilter
from synthesis.admin.progress import bar
from synthesis.admin.read_only import ReadOnlyAdmin
from synthesis.models import Batch, Call, Run
from synthesis.templatetags.synthesis_admin import CHIPS, duration

PAGE_ROWS = 25
REASON_CHARACTERS = 120


@admin.register(Run)
class RunAdmin(PagesAdmin, ReadOnlyAdmin, ModelAdmin):
    list_display = (
        "number_cell",
        "task_cell",
        "status_cell",
        "started_at",
        "duration_cell",
        "records_cell",
        "reason_cell",
    )
    list_display_links = ("number_cell",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("task", RelatedFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ("task",)
    search_fields = ("task__name",)
    show_full_result_count = False

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    @display(description=_("run"), ordering="pk")
    def number_cell(self, run: Run) -> str:
        return f"#{run.number}"

    @display(description=_("task"), ordering="task__name")
    def task_cell(self, run: Run) -> str:
        return run.task.name

    @display(description=_("status"), ordering="status", label=CHIPS)
    def status_cell(self, run: Run) -> tuple[str, str]:
        return run.status, run.get_status_display()

    @display(description=_("duration"))
    def duration_cell(self, run: Run) -> str:
        return duration(task_page.span(run))

    @display(description=pgettext_lazy("how many", "records"), ordering="accepted")
    def records_cell(self, run: Run) -> str:
        return f"{run.accepted}/{run.target_count}"

    @display(description=_("reason"))
    def reason_cell(self, run: Run) -> str:
        return Truncator(run.reason).chars(REASON_CHARACTERS) or "–"

    def views(self) -> list[tuple[str, View, str]]:
        return [
            ("<int:object_id>/calls/<int:call_id>/", self.call_view, "call"),
            ("<int:object_id>/coverage/", self.coverage_view, "coverage"),
        ]

    def found(self, request: HttpRequest, object_id: Any) -> Run:
        """Return the run.

        Errors: PermissionDenied; Http404.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        runs = Run.objects.select_related("task", "dataset", "template_version__template")
        run = runs.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if run is None:
            raise Http404
        return run

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.found(request, object_id)
        context = {
            **self.page_context(request, run),
            **task_page.results(run),
            "bar": bar(run),
            "task": run.task,
            "span": task_page.span(run),
            "batches": batch_page(run, request),
            "calls_page": call_page(run, request),
        }
        return TemplateResponse(request, "admin/synthesis/run/page.html", context)

    def call_view(self, request: HttpRequest, object_id: int, call_id: int) -> HttpResponse:
        """Show one call of the ledger with the response as it came, escaped."""
        run = self.found(request, object_id)
        calls = run.calls.select_related("batch", "language_model__provider", "provider")
        call = calls.filter(pk=call_id).first()
        if call is None:
            raise Http404
        advice = reasons.sentence(call.error_code) if call.error_code else ""
        context = {**self.page_context(request, run), "call": call, "advice": advice}
        return TemplateResponse(request, "admin/synthesis/run/call.html", context)

    def coverage_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show what became of each drawn value; a part of the page that is loaded when opened."""
        run = self.found(request, object_id)
        context = {"variables": coverage.of_run(run)}
        return TemplateResponse(request, "admin/synthesis/run/plan_coverage.html", context)

    def page_context(self, request: HttpRequest, run: Run) -> dict[str, Any]:
        request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": str(run),
            "original": run,
            "run": run,
        }


def batch_page(run: Run, request: HttpRequest) -> Any:
    state = request.GET.get("batch_state", "")
    rows = run.batches.select_related("language_model__provider").order_by("pk")
    return page_of(rows.filter(state=state) if state in Batch.State else rows, request, "batches")


def call_page(run: Run, request: HttpRequest) -> Any:
    """Page through the ledger without loading the responses."""
    state = request.GET.get("call_state", "")
    rows = run.calls.select_related("batch", "language_model__provider").defer("response")
    return page_of(
        rows.order_by("-pk").filter(state=state) if state in Call.State else rows.order_by("-pk"),
        request,
        "calls",
    )


def page_of(rows: QuerySet[Any], request: HttpRequest, parameter: str) -> Any:
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get(parameter))
