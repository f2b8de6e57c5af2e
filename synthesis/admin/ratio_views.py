"""The fragments that only ratio tasks have."""

from __future__ import annotations

from django.http import HttpRequest

from synthesis.admin import ratio_commands, ratio_page, rows
from synthesis.admin.order_views import VariablesViews
from synthesis.admin.ratio_form import CategoryForm


class RatioViews(VariablesViews):
    page = ratio_page
    commands = ratio_commands

    def variables_form(self, request: HttpRequest) -> CategoryForm:
        prefix = rows.prefix_of(request)
        return CategoryForm(request.POST, prefix=prefix, use_required_attribute=False)
