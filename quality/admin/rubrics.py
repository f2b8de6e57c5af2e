from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from providers.admin.exchange import ExchangeAdmin, IndentedJSON
from quality.admin.rubric_exchange import RubricResource
from quality.admin.rubric_form import RubricForm
from quality.admin.rubric_views import RubricViews
from quality.models import Judgement, Rubric, RubricVersion
from synthesis.models import TemplateType

VERSIONS_SHOWN = 10


@admin.register(Rubric)
class RubricAdmin(RubricViews, ModelAdmin, ExchangeAdmin):
    form = RubricForm
    resource_classes = (RubricResource,)
    import_form_class = ImportForm
    export_form_class = ExportForm
    formats = (IndentedJSON,)
    list_display = (
        "title",
        "type_label",
        "dimension_names",
        "version_number",
        "judgements_count",
        "is_enabled",
        "updated_at",
    )
    list_filter = ("template_type", "is_enabled", "is_starter")
    search_fields = ("name", "description", "instructions")
    readonly_fields = ("history",)
    actions_detail = ("try_it", "duplicate")
    actions_row = ("try_it",)
    change_form_after_template = "admin/quality/rubric/preview_panel.html"
    compressed_fields = False
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rubric]:
        versions = RubricVersion.objects.filter(rubric=OuterRef("pk")).order_by()
        judged = Judgement.objects.filter(rubric_version__rubric=OuterRef("pk")).order_by()
        latest = versions.values("rubric").annotate(total=Max("number")).values("total")
        count = judged.values("rubric_version__rubric").annotate(total=Count("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                latest_number=Subquery(latest), judgements_total=Subquery(count.values("total"))
            )
        )

    def get_fieldsets(self, request: HttpRequest, obj: Rubric | None = None) -> Any:
        basics = ["name", "description", "template_type", "is_enabled"]
        tabs = [(_("Basics"), basics), (_("What is judged"), ["instructions", "dimensions"])]
        if obj:
            tabs.append((_("Versions"), ["history"]))
        return [(title, {"classes": ["tab"], "fields": fields}) for title, fields in tabs]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        rows = {"instructions": 3, "description": 2}
        if db_field.name in rows:
            kwargs["widget"] = UnfoldAdminTextareaWidget({"rows": rows[db_field.name]})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Rubric, form: forms.ModelForm, change: bool
    ) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    # Columns

    @display(description=_("rubric name"), ordering="name", header=True)
    def title(self, rubric: Rubric) -> list[str]:
        return [rubric.name, _("Starter") if rubric.is_starter else ""]

    @display(description=_("type"), ordering="template_type", label=True)
    def type_label(self, rubric: Rubric) -> str:
        return TemplateType(rubric.template_type).label if rubric.template_type else _("Any")

    @display(description=_("dimensions"))
    def dimension_names(self, rubric: Rubric) -> str:
        return " · ".join(str(row["name"]) for row in rubric.dimensions)

    @display(description=_("version"), ordering="latest_number")
    def version_number(self, rubric: Rubric) -> str:
        return f"v{rubric.latest_number}"

    @display(description=_("judgements"), ordering="judgements_total")
    def judgements_count(self, rubric: Rubric) -> int:
        return rubric.judgements_total or 0

    @display(description=_("Versions"))
    def history(self, rubric: Rubric) -> SafeString:
        versions = rubric.versions.annotate(judged=Count("judgements")).order_by("-number")
        context = {"versions": versions[:VERSIONS_SHOWN]}
        return render_to_string("admin/quality/rubric/history.html", context)
