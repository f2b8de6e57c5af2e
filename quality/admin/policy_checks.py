"""What a policy would do to a dataset, on a page of its own: preview, apply, undo."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from providers.admin.pages import PagesAdmin, View
from quality.models import PolicyCheck, PolicyVersion, QualityPolicy
from quality.policy_checks import words
from synthesis.admin.progress import POLLING_ENDED
from synthesis.errors import SynthesisError
from synthesis.templatetags.synthesis_admin import CHIPS

MOVES_SAMPLED = 20
COMMANDS = {
    "apply": _("The changes are being applied."),
    "undo": _("The changes are being undone."),
    "cancel": _("The policy check was cancelled."),
}


class PolicyCheckForm(forms.ModelForm):
    # Unfold takes a posted "dataset" for one of its own tables.
    prefix = "check"
    policy = forms.ModelChoiceField(
        QualityPolicy.objects.all(),
        label=_("quality policy"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("Its latest version is tried. No record changes until you say so."),
    )

    class Meta:
        model = PolicyCheck
        fields = ("dataset",)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("policy"):
            self.instance.version = cleaned["policy"].latest_version
        return cleaned


@admin.register(PolicyCheck)
class PolicyCheckAdmin(PagesAdmin, ModelAdmin):
    form = PolicyCheckForm
    list_display = ("name_cell", "dataset", "version_cell", "state_cell", "created_by")
    list_filter = (("dataset", AutocompleteSelectFilter),)
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("dataset__name", "version__policy__name")
    show_full_result_count = False
    fields = ("dataset", "policy")
    autocomplete_fields = ("dataset",)

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyCheck]:
        joined = ("dataset", "version__policy", "job", "created_by")
        return super().get_queryset(request).select_related(*joined)

    @display(description=_("policy check"), ordering="pk")
    def name_cell(self, check: PolicyCheck) -> str:
        return f"#{check.pk}"

    @display(description=_("quality policy"), ordering="version__policy__name")
    def version_cell(self, check: PolicyCheck) -> PolicyVersion:
        return check.version

    @display(description=_("status"), label=CHIPS)
    def state_cell(self, check: PolicyCheck) -> tuple[str, str]:
        return check.state, check.state_label

    def has_command_permission(self, request: HttpRequest) -> bool:
        may_change = self.has_change_permission(request)
        return may_change and request.user.has_perm("synthesis.change_record")

    def save_model(self, request: HttpRequest, obj: PolicyCheck, form: Any, change: bool) -> None:
        obj.begin(request.user)

    def response_add(
        self, request: HttpRequest, obj: PolicyCheck, post_url_continue: Any = None
    ) -> HttpResponse:
        return redirect(page_url(obj.pk))

    def views(self) -> list[tuple[str, View, str]]:
        return [
            ("<int:object_id>/progress/", self.progress_view, "progress"),
            ("<int:object_id>/command/<str:command>/", self.command_view, "command"),
        ]

    def found(self, request: HttpRequest, object_id: Any) -> PolicyCheck:
        """Return the check.

        Errors: PermissionDenied; Http404.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request)
        check = rows.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if check is None:
            raise Http404
        return check

    # Views

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        check = self.found(request, object_id)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": str(check),
            "original": check,
            "check": check,
            "may_command": self.has_command_permission(request),
        }
        if check.report is not None:
            context |= outcome(check, may_read=request.user.has_perm("synthesis.view_record"))
        return TemplateResponse(request, "admin/quality/policycheck/page.html", context)

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show how far it is; when it has ended the page is loaded anew."""
        check = self.found(request, object_id)
        response = render(request, "admin/quality/policycheck/progress.html", {"check": check})
        if not check.is_open:
            response.status_code = POLLING_ENDED
            response["HX-Refresh"] = "true"
        return response

    def command_view(self, request: HttpRequest, object_id: int, command: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        check = self.found(request, object_id)
        if command not in COMMANDS:
            raise Http404
        if not self.has_command_permission(request):
            raise PermissionDenied
        try:
            if command == "cancel":
                check.cancel()
            else:
                getattr(check, command)(request.user)
            messages.success(request, COMMANDS[command])
        except SynthesisError as error:
            messages.error(request, str(error))
        return redirect(page_url(check.pk))


def outcome(check: PolicyCheck, *, may_read: bool) -> dict[str, Any]:
    """Gather what the preview found; samples only for those who may read records."""
    moves = words.moves(check)
    sampled = moves[:MOVES_SAMPLED] if may_read else []
    return {
        "figures": words.figures(check),
        "moves": [
            {"move": move, "samples": words.samples(check, move) if move in sampled else []}
            for move in moves
        ],
        "result": words.result(check) if check.stage != check.Stage.PREVIEW else "",
    }


def page_url(check_id: int) -> str:
    return reverse("admin:quality_policycheck_change", args=[check_id])
