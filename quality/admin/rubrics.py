from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from quality import rubric_trial
from quality.admin import rubric_preview
from quality.admin.rubric_exchange import RubricResource
from quality.admin.rubric_form import RubricForm
from quality.admin.rubric_trial_page import RubricTrialForm
from quality.models import Judgement, Rubric
from synthesis.admin.library import VERSIONS_SHOWN, LibraryAdmin
from synthesis.models import TemplateType


@admin.register(Rubric)
class RubricAdmin(LibraryAdmin):
    form = RubricForm
    resource_classes = (RubricResource,)
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
    text_rows = {"instructions": 3, "description": 2}
    actions_detail = ("try_it", "duplicate")
    actions_row = ("try_it",)
    change_form_after_template = "admin/quality/rubric/preview_panel.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rubric]:
        judged = Judgement.objects.filter(rubric_version__rubric=OuterRef("pk")).order_by()
        count = judged.values("rubric_version__rubric").annotate(total=Count("pk"))
        rubrics = super().get_queryset(request)
        return rubrics.annotate(judgements_total=Subquery(count.values("total")))

    def get_fieldsets(self, request: HttpRequest, obj: Rubric | None = None) -> Any:
        basics = ["name", "description", "template_type", "is_enabled"]
        tabs = [(_("Basics"), basics), (_("What is judged"), ["instructions", "dimensions"])]
        if obj:
            tabs.append((_("Versions"), ["history"]))
        return [(title, {"classes": ["tab"], "fields": fields}) for title, fields in tabs]

    def trial_form(self, _request: HttpRequest, _rubric: Rubric, data: Any) -> RubricTrialForm:
        return RubricTrialForm(data)

    def attempt(self, rubric: Rubric, form: RubricTrialForm) -> dict[str, Any]:
        return {"trial": rubric_trial.run(rubric, form.case(), form.cleaned_data["language_model"])}

    def preview_context(self, request: HttpRequest, form: RubricForm) -> dict[str, Any]:
        return rubric_preview.preview(form)

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

    @display(description=_("judgements"), ordering="judgements_total")
    def judgements_count(self, rubric: Rubric) -> int:
        return rubric.judgements_total or 0

    @display(description=_("Versions"))
    def history(self, rubric: Rubric) -> SafeString:
        versions = rubric.versions.annotate(judged=Count("judgements")).order_by("-number")
        context = {"versions": versions[:VERSIONS_SHOWN]}
        return render_to_string("admin/quality/rubric/history.html", context)
