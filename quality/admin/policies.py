from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from quality.admin.policy_form import PolicyForm
from quality.models import ContentRule, QualityPolicy
from quality.scoring import PARTS


@admin.register(QualityPolicy)
class PolicyAdmin(ModelAdmin):
    list_display = ("title", "is_default", "version_cell", "tasks_cell", "updated_at")
    search_fields = ("name", "description")
    list_per_page = 50
    form = PolicyForm
    formfield_overrides = {
        models.TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 2})},
    }
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/quality/qualitypolicy/checks.html"
    fieldsets = (
        (_("Basics"), {"fields": ("name", "description", "is_default")}),
        (
            _("Duplicates"),
            {"fields": ("near_duplicates", "duplicate_threshold")},
        ),
        (
            _("Form"),
            {
                "fields": (
                    "refuse_empty_fields",
                    ("min_characters", "max_characters"),
                    "check_language",
                    "check_code",
                    "repair_rounds",
                )
            },
        ),
        (_("Rule score"), {"fields": ("minimum_score",)}),
        (
            _("Judge"),
            {
                "fields": (
                    "rubric",
                    "judge_model",
                    ("judge_threshold", "judge_share"),
                    ("second_judge_model", "judge_disagreement"),
                    "records_per_judge_call",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[QualityPolicy]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                latest_number=Max("versions__number"), task_count=Count("tasks", distinct=True)
            )
        )

    @display(description=_("policy name"), ordering="name")
    def title(self, policy: QualityPolicy) -> str:
        return str(policy)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        # Its fields are those of the rules that there are; Django asks the class for them.
        return super().get_form(request, obj, **{**kwargs, "fields": None})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"policy_id": object_id, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Put the rules before the score, whose parts close its section."""
        basics, duplicates, form, score, judge = super().get_fieldsets(request, obj)
        numbers = ContentRule.objects.values_list("pk", flat=True)
        rules = (_("Content"), {"fields": [f"rule_{number}" for number in numbers]})
        weights = tuple(f"weight_{part}" for part in PARTS)
        parts = {"fields": (*score[1]["fields"], weights[:3], weights[3:])}
        return [basics, duplicates, form, rules, (score[0], parts), judge]

    @display(description=_("version"), ordering="latest_number")
    def version_cell(self, policy: Any) -> str:
        return f"v{policy.latest_number}"

    @display(description=_("tasks"), ordering="task_count")
    def tasks_cell(self, policy: Any) -> int:
        return policy.task_count
