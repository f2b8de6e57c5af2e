from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.decorators import display

from providers.admin.pages import View
from quality.admin.dataset_jobs import DatasetJobAdmin
from quality.deduplication import clusters
from quality.models import Deduplication, Repeat
from synthesis.admin.filters import RelatedFilter
from synthesis.errors import WrongStateError
from synthesis.models import Dataset

CLUSTERS_SHOWN = 10
LABELS = {
    "searched": _("records searched"),
    "clusters": _("clusters"),
    "copies": _("copies found"),
    **{state.value: state.label for state in Repeat.State if state != Repeat.State.FOUND},
}
COMMANDS = {
    "apply": (_("Mark the copies as duplicates"), "done_all"),
    "undo": (_("Undo"), "undo"),
    "cancel": (_("Cancel"), "cancel"),
}


class NamesField(forms.CharField):
    """A list of names, which people write with commas."""

    widget = widgets.UnfoldAdminTextInputWidget

    def to_python(self, value: Any) -> list[str]:
        names = (value or "").replace("，", ",").split(",")
        return [name.strip() for name in names if name.strip()]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class DeduplicationForm(forms.ModelForm):
    # Not called dataset: Unfold takes a posted field of that name for an action in a list.
    target = forms.ModelChoiceField(
        Dataset.objects.all(), label=_("Dataset"), widget=widgets.UnfoldAdminSelectWidget
    )
    compared_fields = NamesField(
        label=_("Compared fields"),
        required=False,
        help_text=_(
            "Names of fields, separated by commas. Empty: those of the template that a record"
            " was made with, else all."
        ),
    )

    class Meta:
        model = Deduplication
        fields = ("keep", "threshold", "compared_fields")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.dataset = cleaned.get("target")
        return cleaned


@admin.register(Deduplication)
class DeduplicationAdmin(DatasetJobAdmin):
    purpose = _(
        "A deduplication finds the accepted records of a dataset that repeat one another. Nothing"
        " is deleted, and what it marks can be undone."
    )
    noun = "order"
    form = DeduplicationForm
    fields = ("target", "keep", "threshold", "compared_fields")
    list_display = (
        "name_cell",
        "dataset_cell",
        "state_cell",
        "searched",
        "created_by",
        "created_at",
    )
    list_filter = (("dataset", RelatedFilter),)
    search_fields = ("dataset__name",)

    class Media:
        css = {"all": ("synthesis/admin.css", "quality/review.css")}

    @display(description=_("deduplication"), ordering="pk")
    def name_cell(self, order: Deduplication) -> str:
        return f"#{order.pk}"

    def save_model(self, request: HttpRequest, obj: Deduplication, form: Any, change: bool) -> None:
        obj.created_by = request.user
        obj.begin()

    def views(self) -> list[tuple[str, View, str]]:
        return [
            ("<int:object_id>/progress/", self.progress_view, "progress"),
            ("<int:object_id>/command/<str:name>/", self.command_view, "command"),
        ]

    def may_command(self, request: HttpRequest, name: str) -> bool:
        may_change = self.has_change_permission(request)
        return may_change and (name == "cancel" or request.user.has_perm("synthesis.change_record"))

    # Views

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        order = self.found(request, object_id, "view")
        may_read = request.user.has_perm("synthesis.view_record")
        rows = order.repeats.clusters() if may_read else Repeat.objects.none().clusters()
        page = Paginator(rows, CLUSTERS_SHOWN).get_page(request.GET.get("p"))
        counts = {"searched": order.searched, **order.counts()}
        context = {
            "counts": counts,
            "figures": [(label, counts[name]) for name, label in LABELS.items() if counts[name]],
            "commands": {
                name: (name, *COMMANDS[name])
                for name in order.possible(counts)
                if self.may_command(request, name)
            },
            "page": page,
            "clusters": clusters.read(order, page),
        }
        return self.page(request, order, "page", **context)

    def command_view(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        """Apply, undo or cancel it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        order = self.found(request, object_id, "view")
        if name not in COMMANDS:
            raise Http404
        if not self.may_command(request, name):
            raise PermissionDenied
        try:
            if name == "cancel":
                order.cancel()
            else:
                getattr(order, name)(request.user)
        except WrongStateError as error:
            messages.error(request, str(error))
        return redirect(self.page_url(order))
