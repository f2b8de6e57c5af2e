"""The fragments that only ratio tasks have."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from synthesis.admin import ratio_commands, ratio_page
from synthesis.admin.order_views import OrderViews
from synthesis.admin.ratio_form import PREFIX, CategoryForm


class RatioViews(OrderViews):
    page = ratio_page
    commands = ratio_commands

    def variables_form(self, request: HttpRequest) -> CategoryForm:
        number = request.GET.get("row", "").removeprefix(f"{PREFIX}-")
        if not number.isdecimal():
            raise Http404
        prefix = f"{PREFIX}-{number}"
        return CategoryForm(request.POST, prefix=prefix, use_required_attribute=False)
