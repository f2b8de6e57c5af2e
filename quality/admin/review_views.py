"""The queue and its decisions, one by one or about all that fit a filter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from providers.admin.pages import PagesAdmin, View
from quality import review
from quality.admin import bulk, queue
from quality.admin.content_form import ContentForm
from quality.errors import AlreadyReviewedError, ReviewError
from quality.models import ReviewEvent
from synthesis.models import Record
from synthesis.models.record import REVIEW_PERMISSION

Action = ReviewEvent.Action
DONE = {
    Action.APPROVED: _("Record %(number)s is approved."),
    Action.REJECTED: _("Record %(number)s is rejected."),
    Action.RESET: _("The decision on record %(number)s is taken back."),
    Action.ASSIGNED: _("Record %(number)s is assigned."),
}


class ReviewViews(PagesAdmin):
    """Custom views of the record admin; each checks the permission that it needs."""

    def has_review_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm(REVIEW_PERMISSION)

    def views(self) -> list[tuple[str, View, str]]:
        return [
            ("review/", self.queue_view, "review"),
            ("review/bulk/", self.bulk_view, "review_bulk"),
            ("<int:record_id>/decide/", require_POST(self.decide_view), "decide"),
            ("<int:record_id>/edit/", require_POST(self.edit_view), "edit"),
            ("<int:record_id>/undo/", require_POST(self.undo_view), "undo"),
        ]

    def page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            **context,
        }
        return TemplateResponse(request, f"admin/quality/review/{name}.html", whole)

    def demand_review(self, request: HttpRequest) -> None:
        if not self.has_review_permission(request):
            raise PermissionDenied

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        self.demand_review(request)
        try:
            context = queue.context(self, request)
        except IncorrectLookupParameters:
            messages.error(request, gettext("The filter in the address means nothing."))
            return redirect("admin:synthesis_record_review")
        record = context["record"]
        if record and context["may_change"] and request.GET.get("edit"):
            context["form"] = ContentForm(record)
        return self.page(request, "queue", {"title": gettext("Review"), **context})

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        self.demand_review(request)
        try:
            context = bulk.answer(self, request)
        except IncorrectLookupParameters:
            messages.error(request, gettext("The filter in the address means nothing."))
            return redirect("admin:synthesis_record_changelist")
        if isinstance(context, HttpResponse):
            return context
        return self.page(request, "bulk", {"title": gettext("Decide on many records"), **context})

    # What changes something

    def decide_view(self, request: HttpRequest, record_id: int) -> HttpResponse:
        self.demand_review(request)
        form = bulk.OrderForm(request.POST)
        if not form.is_valid():
            messages.error(request, form.sentence)
            return self.go(request, "back")
        return self.carry_out(request, record_id, form.order(request.user))

    def carry_out(
        self, request: HttpRequest, record_id: int, order: review.Order, seen: str | None = None
    ) -> HttpResponse:
        """Decide, say what came of it, and go on; where somebody came first, say who."""
        version = request.POST.get("version") if seen is None else seen
        try:
            record = review.decide(record_id, order, seen=version)
        except Record.DoesNotExist as error:
            raise Http404 from error
        except ReviewError as error:
            is_told = isinstance(error, AlreadyReviewedError)
            text = gettext("Record %(number)s: %(problem)s")
            messages.error(request, text % {"number": record_id, "problem": error})
            return self.go(request, "next" if is_told else "back")
        self.log_change(request, record, str(Action(order.action).label))
        messages.success(request, DONE[Action(order.action)] % {"number": record_id})
        if record.status == Record.Status.SURPLUS:
            text = gettext("Its run has all the records that it wants, so this one is surplus.")
            messages.info(request, text)
        return self.go(request, "next")

    def edit_view(self, request: HttpRequest, record_id: int) -> HttpResponse:
        record = get_object_or_404(Record, pk=record_id)
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        form = ContentForm(record, request.POST)
        if not form.is_valid():
            for name, problems in form.errors.items():
                messages.error(request, f"{form.fields[name].label}: {' '.join(problems)}")
            return self.go(request, "back")
        try:
            record = review.edit(
                record_id, form.content, request.user, seen=request.POST.get("version")
            )
        except ReviewError as error:
            messages.error(request, str(error))
            return self.go(request, "back")
        self.log_change(request, record, str(Action.EDITED.label))
        if "approve" in request.POST and self.has_review_permission(request):
            order = review.Order(action=Action.APPROVED, user=request.user)
            return self.carry_out(request, record_id, order, record.version)
        messages.success(request, gettext("Saved, and checked again."))
        return self.go(request, "back")

    def undo_view(self, request: HttpRequest, record_id: int) -> HttpResponse:
        record = get_object_or_404(Record, pk=record_id)
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        try:
            review.undo_edit(record_id, request.user)
        except ReviewError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, record, gettext("Edit undone"))
            messages.success(request, gettext("The edit is undone, and the record checked again."))
        return redirect("admin:synthesis_record_change", record_id)

    def go(self, request: HttpRequest, name: str) -> HttpResponse:
        """Return to where the form says: a page of this site, else the queue."""
        place = request.POST.get(name, "")
        start = reverse("admin:synthesis_record_review")
        if place.startswith("?"):
            place = start + place
        is_ours = url_has_allowed_host_and_scheme(place, {request.get_host()})
        return redirect(place if is_ours else start)
