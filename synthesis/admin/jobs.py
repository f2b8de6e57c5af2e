from __future__ import annotations

import contextlib

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from synthesis.admin.read_only import ReadOnlyAdmin
from synthesis.engine import background
from synthesis.errors import WrongStateError
from synthesis.models import Job

CHIPS = {
    Job.State.RUNNING: "info",
    Job.State.DONE: "success",
    Job.State.FAILED: "danger",
    Job.State.CANCELLED: "warning",
}


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin, ModelAdmin):
    purpose = _("Imports, evaluations, the loading of sources and other long work stand here.")
    list_display = ("title_cell", "state_cell", "progress_cell", "reason_cell", "created_at")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "title_cell",
        "state_cell",
        "progress_cell",
        "reason_cell",
        "attempts",
        "created_by",
        "created_at",
        "started_at",
        "ended_at",
    )
    actions = ("cancel_jobs",)

    @display(description=_("background job"), ordering="kind")
    def title_cell(self, job: Job) -> str:
        return f"{background.title(job.kind)} #{job.pk}"

    @display(description=_("status"), ordering="state", label=CHIPS)
    def state_cell(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @display(description=_("progress"))
    def progress_cell(self, job: Job) -> str:
        if job.total is None:
            return str(job.progress or "–")
        return f"{job.progress}/{job.total} ({job.progress_percent} %)"

    @display(description=_("reason"))
    def reason_cell(self, job: Job) -> str:
        return job.reason or "–"

    @action(description=_("Cancel the selected jobs"), permissions=["cancel"])
    def cancel_jobs(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = 0
        for job in queryset:
            with contextlib.suppress(WrongStateError):
                job.cancel()
                count += 1
        text = ngettext("%(count)s job was cancelled.", "%(count)s jobs were cancelled.", count)
        messages.success(request, text % {"count": count})

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("synthesis.change_job")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("created_by")
