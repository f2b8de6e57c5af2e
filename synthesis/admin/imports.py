from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from synthesis import uploads
from synthesis.admin.jobs import CHIPS
from synthesis.models import Dataset, DatasetImport


class ImportForm(forms.ModelForm):
    # Not called dataset: Unfold takes a posted field of that name for an action in a list.
    target = forms.ModelChoiceField(
        Dataset.objects.all(), label=_("Dataset"), widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = DatasetImport
        fields = ("file",)
        help_texts = {
            "file": _(
                "JSONL, JSON, CSV, TSV or XLSX; each row, line or element becomes a record. The"
                " columns become its fields. UTF-8 and GBK are recognised."
            )
        }
        widgets = {"file": UnfoldAdminFileFieldWidget}

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        uploads.check(upload)
        return upload


@admin.register(DatasetImport)
class ImportAdmin(ModelAdmin):
    form = ImportForm
    add_fields: tuple[str, ...] = ("target", "file")
    list_display = ("name", "dataset", "state_cell", "rows_read", "unreadable", "created_at")
    list_select_related = ("dataset", "job")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("name", "dataset__name")

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    @display(description=_("status"), ordering="job__state", label=CHIPS)
    def state_cell(self, order: DatasetImport) -> tuple[str, str]:
        return (order.job.state, order.job.get_state_display()) if order.job else ("", "–")

    @display(description=_("result"))
    def result(self, order: DatasetImport) -> SafeString:
        return render_to_string("admin/synthesis/datasetimport/result.html", {"order": order})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "dataset", "result", "created_by", "created_at") if obj else self.add_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and self.has_add_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("dataset", "job", "created_by")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stored = DatasetImport.order(
            form.cleaned_data["target"], form.cleaned_data["file"], request.user
        )
        obj.__dict__.update(stored.__dict__)

    def response_add(
        self, request: HttpRequest, obj: DatasetImport, post_url_continue: Any = None
    ) -> HttpResponse:
        messages.success(request, _("The file was received; its rows are being read."))
        return HttpResponseRedirect(reverse("admin:synthesis_datasetimport_change", args=[obj.pk]))
