from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter

from providers.admin.pages import View
from synthesis.admin import mixture_commands, mixture_page, rows
from synthesis.admin.mixture_form import MixtureForm, MixtureFormSet, RowForm
from synthesis.errors import SynthesisError, TaskNotReadyError
from synthesis.models import Mixture, MixtureRow


class StatusFilter(DropdownFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return Mixture.Status.choices

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.of_status(self.value()) if self.value() else queryset


def may_read(request: HttpRequest) -> bool:
    return request.user.has_perms(["synthesis.view_dataset", "synthesis.view_record"])


@admin.register(Mixture)
class MixtureAdmin(rows.RowsAdmin):
    purpose = _(
        "A mixture makes a new dataset of records that other datasets have, in exact proportion;"
        " no model is called."
    )
    page = mixture_page
    commands = mixture_commands
    form = MixtureForm
    rows_formset = MixtureFormSet
    list_display = ("name", "status_cell", "progress_cell", "records_cell", "actions_cell")
    list_filter = (StatusFilter, ("created_at", RangeDateTimeFilter))
    search_fields = ("name", "description", "rows__source__name")
    started_message = _("The mixture was created and its records are being drawn.")
    saved_message = _("Saved. Start it when it is as you want it.")
    deleted_along = ((MixtureRow, "mixture"),)
    fieldsets = (
        (_("Basic information"), {"fields": ("name", "description")}),
        (_("Sources"), {"fields": (("total", "split"), "accepts_shortage")}),
        (_("Output"), {"fields": ("existing_dataset", "new_dataset", "output_format", "seed")}),
    )

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: list[rows.Rows], change: bool
    ) -> None:
        """Store the rows; a new mixture starts."""
        mixture = form.instance
        mixture.arrange(formsets[0].plan.rows)
        if change:
            return
        try:
            mixture.start(request.user)
        except SynthesisError as error:
            messages.error(request, str(error))

    # Who may read: a mixture is made of the records of any dataset

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and may_read(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_read(request)

    def records_context(self, request: HttpRequest, task: Mixture) -> dict[str, Any]:
        context = super().records_context(request, task)
        return context if may_read(request) else {**context, "records": []}

    def download_view(self, request: HttpRequest, object_id: int, format: str) -> HttpResponse:
        if not may_read(request):
            raise PermissionDenied
        return super().download_view(request, object_id, format)

    def refusal(self, mixture: Mixture) -> str:
        """Say why the mixture cannot be changed now; empty where it can."""
        if mixture.completed_at:
            return str(TaskNotReadyError("has_mixed"))
        return str(TaskNotReadyError("still_active")) if mixture.is_active else ""

    def views(self) -> list[tuple[str, View, str]]:
        return [*super().views(), ("found/", self.found_view, "found")]

    def found_view(self, request: HttpRequest) -> HttpResponse:
        """Say how many records the filters of one row of the form find."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        prefix = rows.prefix_of(request)
        form = RowForm(request.GET, prefix=prefix, use_required_attribute=False)
        is_clear = form.is_valid() and form.instance.source_id
        count = form.instance.candidates().count() if is_clear else None
        return render(request, f"{self.folder}/found.html", {"count": count})
