"""What a policy would do to a dataset, on a page of its own: preview, apply, undo."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from providers.admin.pages import View
from quality.admin.dataset_jobs import DatasetJobAdmin
from quality.models import PolicyCheck, PolicyVersion, QualityPolicy
from quality.policy_checks import words
from synthesis.admin.filters import RelatedFilter
from synthesis.errors import SynthesisError

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
        label=_("Quality policy"),
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
class PolicyCheckAdmin(DatasetJobAdmin):
    purpose = _(
        "A policy check tells what a quality policy would do to the records that a dataset has,"
        " before anything is changed."
    )
    noun = "check"
    joined = (*DatasetJobAdmin.joined, "version__policy")
    form = PolicyCheckForm
    list_display = ("name_cell", "dataset", "version_cell", "state_cell", "created_by")
    list_filter = (("dataset", RelatedFilter),)
    list_filter_submit = True
    search_fields = ("dataset__name", "version__policy__name")
    fields = ("dataset", "policy")
    autocomplete_fields = ("dataset",)

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    @display(description=_("policy check"), ordering="pk")
    def name_cell(self, check: PolicyCheck) -> str:
        return f"#{check.pk}"

    @display(description=_("quality policy"), ordering="version__policy__name")
    def version_cell(self, check: PolicyCheck) -> PolicyVersion:
        return check.version

    def has_command_permission(self, request: HttpRequest) -> bool:
        may_change = self.has_change_permission(request)
        return may_change and request.user.has_perm("synthesis.change_record")

    def save_model(self, request: HttpRequest, obj: PolicyCheck, form: Any, change: bool) -> None:
        obj.begin(request.user)

    def views(self) -> list[tuple[str, View, str]]:
        return [
            ("<int:object_id>/progress/", self.progress_view, "progress"),
            ("<int:object_id>/command/<str:command>/", self.command_view, "command"),
        ]

    # Views

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        check = self.found(request, object_id, "view")
        context = {"may_command": self.has_command_permission(request)}
        if check.report is not None:
            context |= outcome(check, may_read=request.user.has_perm("synthesis.view_record"))
        return self.page(request, check, "page", **context)

    def command_view(self, request: HttpRequest, object_id: int, command: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        check = self.found(request, object_id, "view")
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
        return redirect(self.page_url(check))


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
