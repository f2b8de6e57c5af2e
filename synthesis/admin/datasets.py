from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from synthesis import export
from synthesis.admin import deletion, downloads
from synthesis.export import NotATableError
from synthesis.models import Dataset, Mixture, OutputFormat, Record, Run, SynthesisTask

RECORDS_SHOWN = 20


@admin.register(Dataset)
class DatasetAdmin(ModelAdmin):
    list_display = ("name", "records_cell", "tasks_cell", "created_by", "created_at", "exported_at")
    list_filter = (("created_at", RangeDateTimeFilter),)
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ("created_by",)
    search_fields = ("name", "description")
    show_full_result_count = False
    fields = ("name", "description")
    change_form_outer_before_template = "admin/synthesis/dataset/contents.html"

    formfield_overrides = {
        models.TextField: {"widget": widgets.UnfoldAdminTextareaWidget({"rows": 3})}
    }

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        tasks = (
            SynthesisTask.objects.filter(dataset=OuterRef("pk"))
            .order_by()
            .values("dataset")
            .annotate(total=Count("pk"))
            .values("total")
        )
        counted = super().get_queryset(request).with_counts()
        return counted.annotate(task_count=Coalesce(Subquery(tasks), 0))

    @display(description=_("accepted records"), ordering="accepted_count")
    def records_cell(self, dataset: Dataset) -> int:
        return dataset.accepted_count

    @display(description=_("tasks"), ordering="task_count")
    def tasks_cell(self, dataset: Dataset) -> int:
        return dataset.task_count

    def save_model(self, request: HttpRequest, obj: Dataset, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<int:object_id>/download/<str:format>/",
                self.admin_site.admin_view(self.download_view),
                name="synthesis_dataset_download",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        dataset = self.get_object(request, object_id)
        contents = contents_of(dataset) if dataset else {}
        return super().change_view(
            request, object_id, form_url, {**contents, **(extra_context or {})}
        )

    def download_view(self, request: HttpRequest, object_id: int, format: str) -> HttpResponse:
        dataset = self.get_object(request, str(object_id))
        if not self.has_view_permission(request, dataset):
            raise PermissionDenied
        if dataset is None:
            raise Http404
        records = downloads.chosen(
            Record.objects.filter(dataset=dataset), request.GET.get("records")
        )
        try:
            return downloads.download(records, dataset, format, request)
        except NotATableError as error:
            messages.error(request, str(error))
            return redirect(reverse("admin:synthesis_dataset_change", args=[dataset.pk]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> deletion.Preview:
        datasets = list(objs)
        users = [
            deletion.describe(row)
            for model in (SynthesisTask, Run, Mixture)
            for row in model.objects.filter(dataset__in=datasets)[:RECORDS_SHOWN]
        ]
        drawing = Mixture.objects.filter(rows__source__in=datasets).distinct()
        users += [deletion.describe(row) for row in drawing[:RECORDS_SHOWN]]
        records = Record.objects.filter(dataset__in=datasets)
        return deletion.preview(datasets, [records], users)


def contents_of(dataset: Dataset) -> dict[str, Any]:
    accepted = Record.objects.accepted().filter(dataset=dataset)
    records = list(accepted.order_by("-pk")[:RECORDS_SHOWN])
    return {
        "base": dataset,
        "records": records,
        "accepted_count": dataset.accepted_count,
        "review_counts": review_counts(dataset),
        "dataset_tasks": dataset.tasks.with_progress()[:RECORDS_SHOWN],
        "formats": downloads.formats(),
        "examples": examples(accepted.filter(pk=records[0].pk)) if records else [],
    }


def review_counts(dataset: Dataset) -> list[tuple[str, str, int]]:
    """Count a dataset's records by their review. Cost: one query on an index."""
    rows = Record.objects.filter(dataset=dataset).order_by().values_list("review")
    found = dict(rows.annotate(Count("pk")))
    return [(review, label, found.get(review, 0)) for review, label in Record.Review.choices]


def examples(records: QuerySet[Record]) -> list[tuple[str, str]]:
    """Write a record in each format that is text, by the writers that a download uses."""
    return [
        (label, example(records, format))
        for format, label in downloads.formats()
        if format != OutputFormat.XLSX
    ]


def example(records: QuerySet[Record], format: str) -> str:
    try:
        return b"".join(export.stream(records, format)).decode("utf-8-sig")
    except NotATableError as error:
        return str(error)
