"""What the admins of orders of background work on a dataset have in common."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from providers.admin.pages import PagesAdmin
from synthesis.admin.progress import POLLING_ENDED
from synthesis.templatetags.synthesis_admin import CHIPS


class DatasetJobAdmin(PagesAdmin, ModelAdmin):
    noun: str  # what the templates call the order
    joined: tuple[str, ...] = ("dataset", "job", "created_by")

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related(*self.joined)

    @display(description=_("dataset"), ordering="dataset__name")
    def dataset_cell(self, order: Any) -> str:
        return order.dataset.name

    @display(description=_("status"), label=CHIPS)
    def state_cell(self, order: Any) -> tuple[str, str]:
        return order.state, order.state_label

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        return redirect(self.page_url(obj))

    def page(self, request: HttpRequest, order: Any, name: str, **context: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": str(order),
            "original": order,
            self.noun: order,
            **context,
        }
        return TemplateResponse(request, f"{self.folder}/{name}.html", whole)

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show how far it is; when it has ended the page is loaded anew."""
        order = self.found(request, object_id, "view")
        context = {"opts": self.opts, "original": order}
        response = render(request, "admin/quality/datasetjob/progress.html", context)
        if not order.is_open:
            response.status_code = POLLING_ENDED
            response["HX-Refresh"] = "true"
        return response
