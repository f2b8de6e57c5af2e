from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from datamate import dashboard


class DatamateAdminSite(UnfoldAdminSite):
    """The one admin site; every app registers its pages here."""

    index_title = _("Dashboard")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), **dashboard.shared(request)}
