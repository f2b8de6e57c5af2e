from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from providers.admin.fields import STRUCTURE_OVERRIDES
from quality.models import QualityPolicy


@admin.register(QualityPolicy)
class PolicyAdmin(ModelAdmin):
    list_display = ("name", "is_default", "version_cell", "tasks_cell", "updated_at")
    search_fields = ("name", "description")
    list_per_page = 50
    formfield_overrides = {
        **STRUCTURE_OVERRIDES,
        models.TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 2})},
    }
    warn_unsaved_form = True
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
        (_("Content"), {"fields": ("rules",)}),
        (_("Rule score"), {"fields": ("minimum_score", "weights")}),
        (
            _("Judge"),
            {
                "fields": (
                    "rubric",
                    "judge_model",
                    ("judge_threshold", "judge_share"),
                    "second_judge_model",
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

    @display(description=_("version"), ordering="latest_number")
    def version_cell(self, policy: Any) -> str:
        return f"v{policy.latest_number}"

    @display(description=_("tasks"), ordering="task_count")
    def tasks_cell(self, policy: Any) -> int:
        return policy.task_count
