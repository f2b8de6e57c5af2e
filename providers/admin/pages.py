"""Pages of an admin beside Django's own: their addresses, their templates, whose they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse

View = Callable[..., HttpResponseBase]


class PagesAdmin:
    @property
    def url_prefix(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    @property
    def folder(self) -> str:
        return f"admin/{self.opts.app_label}/{self.opts.model_name}"

    def page_url(self, row: Any) -> str:
        return reverse(f"admin:{self.url_prefix}_change", args=[row.pk])

    def views(self) -> list[tuple[str, View, str]]:
        """List routes with their views and the ends of their names."""
        return []

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(route, self.admin_site.admin_view(view), name=f"{self.url_prefix}_{name}")
            for route, view, name in self.views()
        ]
        return [*own, *super().get_urls()]

    def found(self, request: HttpRequest, object_id: Any, permission: str = "") -> Any:
        """Return the row of an address, whose id may be any text.

        Errors: PermissionDenied where one is asked for and not there; Http404.
        """
        row = self.get_object(request, str(object_id))
        if permission and not getattr(self, f"has_{permission}_permission")(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return row
