"""The buttons and pages of a template beside its form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import action
from unfold.enums import ActionVariant

from providers.admin.pages import View
from synthesis.admin import template_preview, template_trial, template_versions
from synthesis.admin.library import LibraryAdmin
from synthesis.models import PromptTemplate, Source


class TemplateViews(LibraryAdmin):
    # Actions

    # By a method, because Unfold looks a dotted permission up in the database at every check,
    # even before the first migration.
    def has_create_task_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("synthesis.add_synthesistask")

    @action(
        description=_("Create template"),
        url_path="create",
        permissions=["add"],
        icon="add",
        variant=ActionVariant.PRIMARY,
    )
    def create_template(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:synthesis_prompttemplate_add")

    @action(
        description=_("Create task"),
        url_path="create-task",
        permissions=["create_task"],
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def create_task(self, request: HttpRequest, object_id: str) -> HttpResponse:
        template = self.found(request, object_id)
        add = reverse("admin:synthesis_synthesistask_add")
        return redirect(f"{add}?template={template.pk}")

    # Trial and preview

    def sources(self, request: HttpRequest) -> QuerySet[Source]:
        """Return the sources that the user may read, whose first items fill a prompt."""
        may_read = request.user.has_perm("synthesis.view_source")
        return Source.objects.all() if may_read else Source.objects.none()

    def trial_form(
        self, request: HttpRequest, template: PromptTemplate, data: Any
    ) -> template_trial.TrialForm:
        return template_trial.TrialForm(template, self.sources(request), data)

    def attempt(self, template: PromptTemplate, form: template_trial.TrialForm) -> dict[str, Any]:
        return template_trial.attempt(template, form)

    def preview_context(self, request: HttpRequest, form: forms.ModelForm) -> dict[str, Any]:
        return template_preview.preview(form, request.POST, self.sources(request))

    def variables_view(self, request: HttpRequest, template_id: int) -> HttpResponse:
        """Show the inputs of a trial that the chosen source leaves open."""
        template = self.found(request, template_id)
        bound = self.trial_form(request, template, request.POST)["values"]
        return HttpResponse(bound.field.widget.render(bound.html_name, bound.data))

    # Versions

    def views(self) -> list[tuple[str, View, str]]:
        restore = require_POST(self.restore_view)
        return [
            *super().views(),
            ("<int:template_id>/variables/", require_POST(self.variables_view), "variables"),
            ("<int:template_id>/versions/", self.versions_view, "versions"),
            ("<int:template_id>/restore/<int:number>/", restore, "restore"),
        ]

    def versions_view(self, request: HttpRequest, template_id: int) -> HttpResponse:
        template = get_object_or_404(PromptTemplate, pk=template_id)
        if not self.has_view_permission(request, template):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Versions of %(name)s") % {"name": template.name},
            "template": template,
            "changes": template_versions.changes(template),
            "may_restore": self.has_change_permission(request, template),
        }
        return TemplateResponse(request, "admin/synthesis/prompttemplate/versions.html", context)

    def restore_view(self, request: HttpRequest, template_id: int, number: int) -> HttpResponse:
        template = get_object_or_404(PromptTemplate, pk=template_id)
        if not self.has_change_permission(request, template):
            raise PermissionDenied
        version = get_object_or_404(template.versions, number=number)
        template.restore(version)
        text = _("Version %(number)d is the newest content again.") % {"number": version.number}
        self.log_change(request, template, str(text))
        messages.success(request, text)
        return redirect("admin:synthesis_prompttemplate_change", template.pk)
