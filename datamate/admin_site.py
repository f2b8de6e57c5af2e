from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite


class DatamateAdminSite(UnfoldAdminSite):
    """The one admin site; every app registers its pages here."""

    index_title = _("Dashboard")
