"""The way back from a button to the page that it was on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Return to where the request came from, if that is a page of ours."""
    is_dialog = "HX-Request" in request.headers
    came_from = request.headers.get("HX-Current-URL" if is_dialog else "Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        came_from = otherwise
    if is_dialog:
        return HttpResponse(headers={"HX-Redirect": came_from})
    return redirect(came_from)
