from __future__ import annotations

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    RangeNumericFilter,
)
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from quality.models import Judgement
from synthesis.admin.filters import RelatedFilter
from synthesis.admin.read_only import ReadOnlyAdmin
from synthesis.templatetags.synthesis_admin import short


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyAdmin, ModelAdmin):
    list_display = (
        "record_cell",
        "state_cell",
        "score_cell",
        "rubric_version",
        "language_model",
        "position",
        "created_at",
    )
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("passed", BooleanRadioFilter),
        ("score", RangeNumericFilter),
        ("position", ChoicesDropdownFilter),
        ("rubric_version__rubric", RelatedFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    list_select_related = ("record", "rubric_version__rubric", "language_model__provider")
    ordering = ("-pk",)
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = ("overview",)
    readonly_fields = ("overview",)

    class Media:
        css = {"all": ("synthesis/admin.css",)}

    @display(description=_("record"))
    def record_cell(self, judgement: Judgement) -> str:
        return short(judgement.record) or "–"

    @display(
        description=_("state"),
        label={"passed": "success", "below": "danger", "failed": "warning"},
    )
    def state_cell(self, judgement: Judgement) -> tuple[str, str]:
        return judgement.outcome, judgement.outcome_label

    @display(description=_("score"), ordering="score")
    def score_cell(self, judgement: Judgement) -> str:
        return "–" if judgement.score is None else f"{judgement.score:g}"

    @display(description=_("Judgement"))
    def overview(self, judgement: Judgement) -> SafeString:
        context = {"judgement": judgement, "with_record": True}
        return render_to_string("admin/quality/judgement/judgement.html", context)
