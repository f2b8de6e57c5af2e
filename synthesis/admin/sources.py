from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from synthesis.admin import deletion
from synthesis.admin.source_form import CUTTING, SourceForm
from synthesis.admin.source_views import SourceViews
from synthesis.models import Run, Source, SourceFile, SourceItem, SynthesisTask
from synthesis.templatetags.synthesis_admin import CHIPS

USERS_SHOWN = 20


@admin.register(Source)
class SourceAdmin(SourceViews, ModelAdmin):
    purpose = _(
        "A source is your own material: rows of a table, or documents cut in chunks. A task that"
        " takes it makes records of each row or chunk."
    )
    form = SourceForm
    list_display = (
        "name",
        "kind",
        "state_cell",
        "item_count",
        "files_cell",
        "created_by",
        "created_at",
    )
    list_filter = (("kind", ChoicesDropdownFilter), ("job__state", ChoicesDropdownFilter))
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ("job", "created_by")
    search_fields = ("name", "description")
    show_full_result_count = False
    autocomplete_fields = ("dataset",)
    show_add_link = False
    change_list_template = "admin/synthesis/source/change_list.html"
    change_form_template = "admin/synthesis/source/change_form.html"
    change_form_after_template = "admin/synthesis/source/preview_panel.html"
    formfield_overrides = {
        models.TextField: {"widget": widgets.UnfoldAdminTextareaWidget({"rows": 2})}
    }

    class Media:
        css = {"all": ("synthesis/admin.css",)}
        js = ("synthesis/source.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        rows = super().get_queryset(request).select_related("job", "dataset", "created_by")
        return rows.annotate(file_count=Count("files"))

    def get_fieldsets(self, request: HttpRequest, obj: Source | None = None) -> Any:
        return [
            (None, {"fields": ["name", "description", "kind", "files", "dataset"]}),
            (_("How documents are cut"), {"fields": list(CUTTING)}),
        ]

    @display(description=_("status"), ordering="job__state", label=CHIPS)
    def state_cell(self, source: Source) -> tuple[str, str]:
        return source.state, source.state_label

    @display(description=_("files"), ordering="file_count")
    def files_cell(self, source: Source) -> int:
        return source.file_count

    # The form

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the source's page; its form only when it is asked for."""
        if request.method in ("GET", "HEAD") and "edit" not in request.GET:
            return self.source_view(request, object_id)
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
        uploads, is_afresh = form.cleaned_data["files"], form.is_afresh
        if uploads or is_afresh or obj.job is None:
            obj.load(request.user, uploads=uploads, afresh=is_afresh)

    def response_add(
        self, request: HttpRequest, obj: Source, post_url_continue: Any = None
    ) -> HttpResponse:
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(self.page_url(obj))

    def response_change(self, request: HttpRequest, obj: Source) -> HttpResponse:
        messages.success(request, gettext("The source was saved."))
        return HttpResponseRedirect(self.page_url(obj))

    # Deletion

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> deletion.Preview:
        sources = list(objs)
        users = [
            deletion.describe(row)
            for model in (SynthesisTask, Run)
            for row in model.objects.filter(source__in=sources)[:USERS_SHOWN]
        ]
        counted = [model.objects.filter(source__in=sources) for model in (SourceFile, SourceItem)]
        return deletion.preview(sources, counted, users)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        for source in queryset:
            source.delete()
