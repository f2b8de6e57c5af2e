"""The page of a source: its files, its items and the buttons; and the preview of its form."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from providers.admin.pages import PagesAdmin, View
from synthesis.admin import source_form
from synthesis.admin.progress import POLLING_ENDED
from synthesis.errors import SynthesisError
from synthesis.models import Source

ITEMS_SHOWN = 20
FILES_SHOWN = 1000


class SourceViews(PagesAdmin):
    def views(self) -> list[tuple[str, View, str]]:
        return [
            ("preview/", require_POST(self.preview_view), "preview"),
            ("<int:object_id>/progress/", self.progress_view, "progress"),
            ("<int:object_id>/reload/", require_POST(self.reload_view), "reload"),
            ("<int:object_id>/cancel/", require_POST(self.cancel_view), "cancel"),
            ("<int:object_id>/copy/", require_POST(self.copy_view), "copy"),
        ]

    def source_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        source = self.found(request, object_id, "view")
        may_change = self.has_change_permission(request, source)
        is_used = source.is_used
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": source.name,
            "original": source,
            "is_used": is_used,
            "can_edit": may_change and not source.is_open,
            "can_reload": may_change and not source.is_open and not is_used,
            "can_cancel": may_change and source.is_open,
            "can_add": self.has_add_permission(request),
            "can_delete": self.has_delete_permission(request, source) and not is_used,
            **files_of(source),
            **items_of(source, request.GET.get("from", "")),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"{self.folder}/page.html", context)

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show how far it is; when it has ended the page is loaded anew."""
        source = self.found(request, object_id, "view")
        response = render(request, f"{self.folder}/progress.html", files_of(source))
        if not source.is_open:
            response.status_code = POLLING_ENDED
            response["HX-Refresh"] = "true"
        return response

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Show the first items that the posted, unsaved form would give; stores nothing."""
        number = request.GET.get("source", "")
        source = self.found(request, number, "change") if number else None
        if source is None and not self.has_add_permission(request):
            raise PermissionDenied
        form_class = self.get_form(request, source, change=source is not None)
        form = form_class(request.POST, request.FILES, instance=source)
        return TemplateResponse(request, f"{self.folder}/preview.html", source_form.preview(form))

    def reload_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self.found(request, object_id, "change")
        text = gettext("The source is loaded again.")
        return self.told(request, source, text, lambda: source.load(request.user, afresh=True))

    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self.found(request, object_id, "change")
        text = gettext("Loading was cancelled. Load the source again before you use it.")
        return self.told(request, source, text, source.cancel)

    def told(
        self, request: HttpRequest, source: Source, text: str, order: Callable[[], None]
    ) -> HttpResponse:
        try:
            order()
        except SynthesisError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, source, text)
            messages.success(request, text)
        return redirect(self.page_url(source))

    def copy_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Copy a source that runs have used; the copy opens in its form."""
        source = self.found(request, object_id, "view")
        if not self.has_add_permission(request):
            raise PermissionDenied
        copy = source.duplicate(request.user)
        self.log_addition(request, copy, pgettext("to copy", "Duplicate"))
        messages.success(
            request, gettext("This is the copy. Change what you want; saving loads it.")
        )
        return redirect(f"{self.page_url(copy)}?edit=1")


def files_of(source: Source) -> dict[str, Any]:
    """List the files, each with the position of its first item."""
    files = list(source.files.all()[:FILES_SHOWN])
    ends = accumulate((file.item_count for file in files), initial=0)
    return {"source": source, "files": list(zip(files, ends, strict=False))}


def items_of(source: Source, first: str) -> dict[str, Any]:
    """Read a page of items by their positions, which have no gaps."""
    start = int(first) if first.isdecimal() and len(first) < 10 else 0
    rows = source.items.select_related("file").filter(position__gte=start).order_by("position")
    items = list(rows[:ITEMS_SHOWN])
    return {
        "items": items,
        "first": start + 1,
        "last": start + len(items),
        "previous": max(0, start - ITEMS_SHOWN) if start else None,
        "following": start + ITEMS_SHOWN if start + ITEMS_SHOWN < source.item_count else None,
    }
