"""The buttons and pages of a rubric beside its form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import action

from quality.admin import rubric_preview, rubric_trial_page
from quality.models import Rubric


class RubricViews(ModelAdmin):
    def has_duplicate_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return self.has_add_permission(request)

    def found(self, request: HttpRequest, object_id: str) -> Rubric:
        """Return the rubric of an address, whose id may be any text.

        Errors: Http404.
        """
        rubric = self.get_object(request, object_id)
        if rubric is None:
            raise Http404
        return rubric

    @action(description=_("Try it"), url_path="trial", permissions=["change"], icon="experiment")
    def try_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return rubric_trial_page.show(self, request, self.found(request, object_id))

    @action(
        description=pgettext_lazy("to copy", "Duplicate"),
        url_path="duplicate",
        permissions=["duplicate"],
        icon="content_copy",
        dialog={
            "title": _("Duplicate this rubric?"),
            "description": _("The copy has the same content, a name of its own and one version."),
            "form_submit_text": pgettext_lazy("to copy", "Duplicate"),
        },
    )
    def duplicate(self, request: HttpRequest, _form: forms.Form, object_id: str) -> HttpResponse:
        copy = self.found(request, object_id).duplicate(request.user)
        self.log_addition(request, copy, str(_("Copied from another rubric.")))
        messages.success(request, _("This is the copy; give it a name of its own."))
        page = reverse("admin:quality_rubric_change", args=[copy.pk])
        return HttpResponse(headers={"HX-Redirect": page})

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(require_POST(self.preview_view))
        own = [path("preview/", preview, name="quality_rubric_preview")]
        return [*own, *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a judge would be sent by the posted, unsaved form."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = self.get_form(request, None, change=False)(request.POST)
        context = rubric_preview.preview(form)
        return TemplateResponse(request, "admin/quality/rubric/preview.html", context)
