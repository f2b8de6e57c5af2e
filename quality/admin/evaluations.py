from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from providers.admin.pages import View
from quality.admin.dataset_jobs import DatasetJobAdmin
from quality.evaluation import comparison, exports
from quality.models import Evaluation
from synthesis.admin.filters import RelatedFilter
from synthesis.errors import WrongStateError
from synthesis.models import Dataset

OTHERS_SHOWN = 50
FORMATS = [(name, name.upper()) for name in exports.FORMATS]


class ChoiceForm(forms.Form):
    """Which other report to compare with."""

    second = forms.ModelChoiceField(
        Evaluation.objects.none(),
        label=_("Compare with"),
        widget=widgets.UnfoldAdminSelectWidget,
        empty_label=None,
    )

    def __init__(self, evaluation: Evaluation, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        others = Evaluation.objects.completed().exclude(pk=evaluation.pk)
        # Models of forms refuse a slice; the newest are enough to choose from.
        newest = list(others.order_by("-pk").values_list("pk", flat=True)[:OTHERS_SHOWN])
        self.fields["second"].queryset = (
            Evaluation.objects.filter(pk__in=newest).select_related("dataset").defer("report")
        )
        self.has_others = bool(newest)


class EvaluationForm(forms.ModelForm):
    # Unfold takes a posted "dataset" for one of its own tables.
    prefix = "evaluation"


@admin.register(Evaluation)
class EvaluationAdmin(DatasetJobAdmin):
    purpose = _(
        "An evaluation is a report on a dataset: yield, duplicates, balance, diversity, scores,"
        " and what to do about them."
    )
    noun = "evaluation"
    form = EvaluationForm
    list_display = (
        "name_cell",
        "dataset_cell",
        "state_cell",
        "progress_cell",
        "reason_cell",
        "created_by",
        "created_at",
    )
    list_filter = (
        ("dataset", RelatedFilter),
        ("job__state", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    search_fields = ("dataset__name",)
    fields = ("dataset", "field")
    autocomplete_fields = ("dataset",)
    actions = ("compare_two",)

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evaluation]:
        return super().get_queryset(request).without_report()

    @display(description=_("evaluation"), ordering="pk")
    def name_cell(self, evaluation: Evaluation) -> str:
        return f"#{evaluation.pk}"

    @display(description=_("progress"))
    def progress_cell(self, evaluation: Evaluation) -> str:
        return f"{evaluation.progress_percent}%"

    @display(description=_("reason"))
    def reason_cell(self, evaluation: Evaluation) -> str:
        return evaluation.reason or "–"

    @action(description=_("Compare the two selected evaluations"))
    def compare_two(self, request: HttpRequest, queryset: QuerySet[Evaluation]) -> Any:
        chosen = list(queryset.completed().order_by("pk").values_list("pk", flat=True)[:3])
        if len(chosen) != 2:
            messages.error(request, gettext("Select exactly two completed evaluations."))
            return None
        first, second = chosen
        return redirect(
            f"{reverse('admin:quality_evaluation_compare', args=[first])}?second={second}"
        )

    def save_model(self, request: HttpRequest, obj: Evaluation, form: Any, change: bool) -> None:
        obj.created_by = request.user
        obj.begin()

    def views(self) -> list[tuple[str, View, str]]:
        return [
            ("start/<int:dataset_id>/", self.start_view, "start"),
            ("<int:object_id>/progress/", self.progress_view, "progress"),
            ("<int:object_id>/cancel/", self.cancel_view, "cancel"),
            ("<int:object_id>/compare/", self.compare_view, "compare"),
            ("<int:object_id>/download/<str:format>/", self.download_view, "download"),
        ]

    def read(self, request: HttpRequest, object_id: Any, *, completed: bool = False) -> Evaluation:
        """Return the evaluation with its report.

        Errors: PermissionDenied; Http404, also when it should be completed and is not.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Evaluation.objects.select_related("dataset", "job")
        evaluation = rows.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if evaluation is None or (completed and evaluation.report is None):
            raise Http404
        return evaluation

    # Views

    def start_view(self, request: HttpRequest, dataset_id: int) -> HttpResponse:
        """Evaluate a dataset, from the button on its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        dataset = Dataset.objects.filter(pk=dataset_id).first()
        may_see = request.user.has_perm("synthesis.view_dataset")
        if not (self.has_add_permission(request) and may_see):
            raise PermissionDenied
        if dataset is None:
            raise Http404
        field = request.POST.get("field", "").strip()[:200]
        evaluation = Evaluation.start(dataset, field=field, user=request.user)
        return redirect(self.page_url(evaluation))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        evaluation = self.read(request, object_id)
        context = {
            "formats": FORMATS,
            "can_cancel": self.has_change_permission(request, evaluation),
            "can_delete": self.has_delete_permission(request, evaluation),
            "can_start": self.has_add_permission(request),
        }
        if evaluation.report is not None:
            context |= {**exports.context_of(evaluation), "choice": ChoiceForm(evaluation)}
        return self.page(request, evaluation, "page", **context)

    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        evaluation = self.found(request, object_id, "view")
        if not self.has_change_permission(request, evaluation):
            raise PermissionDenied
        try:
            evaluation.cancel()
            messages.success(request, gettext("The evaluation was cancelled."))
        except WrongStateError as error:
            messages.error(request, str(error))
        return redirect(self.page_url(evaluation))

    def compare_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        first = self.read(request, object_id, completed=True)
        second = self.read(request, request.GET.get("second", ""), completed=True)
        context = {
            "title": gettext("Two evaluations side by side"),
            "second": second,
            "differences": comparison.compare(first.report, second.report),
        }
        return self.page(request, first, "compare", **context)

    def download_view(self, request: HttpRequest, object_id: int, format: str) -> HttpResponse:
        if format not in exports.FORMATS:
            raise Http404
        evaluation = self.read(request, object_id, completed=True)
        name = exports.name_of(evaluation, format)
        headers = {
            "Content-Disposition": content_disposition_header(True, name),
            "X-Content-Type-Options": "nosniff",
        }
        content = exports.write(evaluation, format)
        return HttpResponse(content, content_type=exports.CONTENT_TYPES[format], headers=headers)
