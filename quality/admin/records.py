"""The pages of records, with what people decide about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from quality import review
from quality.admin import queue
from quality.admin.filters import AssignedFilter
from quality.admin.review_views import ReviewViews
from quality.judging_again import judge_again
from quality.models import ReviewEvent
from synthesis.admin.records import RecordAdmin
from synthesis.models import Record

EVENTS_SHOWN = 50
NOTHING_TO_JUDGE = _(
    "None of these records waits because a judgement failed. Only records of a run have a judge;"
    " imported ones are never judged."
)
REVIEW_CHIPS = {"unreviewed": "default", "approved": "success", "rejected": "danger"}

admin.site.unregister(Record)


@admin.register(Record)
class ReviewedRecordAdmin(ReviewViews, RecordAdmin):
    list_display = (*RecordAdmin.list_display, "review_cell", "assigned_cell")
    list_filter = (
        *RecordAdmin.list_filter,
        ("review", ChoicesDropdownFilter),
        AssignedFilter,
    )
    list_select_related = (*RecordAdmin.list_select_related, "assigned_to")
    list_before_template = "admin/quality/review/list_links.html"
    # The list counts no rows, so it cannot say how many "all" are; the page of decisions can.
    list_disable_select_all = True
    change_form_outer_after_template = "admin/quality/review/panel.html"
    actions = ("decide_on_selected", "judge_selected_again")

    class Media:
        css = {"all": ("quality/review.css",)}

    @display(description=_("review"), label=REVIEW_CHIPS)
    def review_cell(self, record: Record) -> tuple[str, str]:
        return record.review, record.get_review_display()

    @display(description=_("assigned to"))
    def assigned_cell(self, record: Record) -> str:
        return str(record.assigned_to or "–")

    @action(description=_("Decide on the selected records"), permissions=["review"])
    def decide_on_selected(self, _request: HttpRequest, records: QuerySet[Record]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in records.values_list("pk", flat=True))
        return redirect(f"{reverse('admin:synthesis_record_review_bulk')}?id__in={ids}")

    @action(description=_("Judge again where a judgement failed"), permissions=["judge_again"])
    def judge_selected_again(self, request: HttpRequest, records: QuerySet[Record]) -> None:
        number = judge_again(Record.objects.filter(pk__in=records.values("pk")))
        if not number:
            messages.warning(request, NOTHING_TO_JUDGE)
            return
        text = ngettext(
            "%(count)s record waits for its judge again.",
            "%(count)s records wait for their judge again.",
            number,
        )
        messages.success(request, text % {"count": number})

    def has_judge_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("synthesis.change_run")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_review = {"may_review": self.has_review_permission(request)}
        return super().changelist_view(request, {**may_review, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        record = self.get_object(request, object_id)
        panel = self.panel_context(request, record) if record else {}
        return super().change_view(request, object_id, form_url, {**panel, **(extra_context or {})})

    def panel_context(self, request: HttpRequest, record: Record) -> dict[str, Any]:
        may_review = self.has_review_permission(request)
        here = reverse("admin:synthesis_record_change", args=[record.pk])
        events = record.review_events.select_related("user", "assignee")
        edit = ReviewEvent.latest_edit_of(record)
        return {
            "may_review": may_review,
            "may_change": self.has_change_permission(request, record),
            "events": events.order_by("-pk")[:EVENTS_SHOWN],
            "undoable": edit.pk if edit else None,
            "reviewers": review.reviewers() if may_review else [],
            "quick_reasons": queue.QUICK_REASONS,
            "here": here,
            "next_decided": here,
        }
