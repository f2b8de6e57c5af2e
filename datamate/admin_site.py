from __future__ import annotations

from unfold.sites import UnfoldAdminSite


class DatamateAdminSite(UnfoldAdminSite):
    """The one admin site; every app registers its pages here."""
