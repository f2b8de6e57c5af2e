from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from providers.admin.fields import STRUCTURE_OVERRIDES
from synthesis import presets
from synthesis.admin.exchange import TemplateResource
from synthesis.admin.library import VERSIONS_SHOWN
from synthesis.admin.template_form import TemplateForm
from synthesis.admin.template_views import TemplateViews
from synthesis.models import PromptTemplate, SynthesisTask, TemplateType


@admin.register(PromptTemplate)
class TemplateAdmin(TemplateViews):
    form = TemplateForm
    formfield_overrides = STRUCTURE_OVERRIDES
    resource_classes = (TemplateResource,)
    list_display = (
        "title",
        "type_label",
        "variables_count",
        "version_number",
        "tasks_count",
        "is_enabled",
        "updated_at",
    )
    list_filter = ("type", "is_enabled", "is_starter")
    search_fields = ("name", "description", "prompt")
    text_rows = {"system_prompt": 3, "prompt": 18, "description": 2}
    actions_list = ("create_template",)
    show_add_link = False
    actions_detail = ("create_task", "try_it", "duplicate")
    actions_row = ("create_task", "try_it")
    change_form_before_template = "admin/synthesis/prompttemplate/presets.html"
    change_form_after_template = "admin/synthesis/prompttemplate/preview_panel.html"

    # Pages

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptTemplate]:
        tasks = SynthesisTask.objects.filter(template_version__template=OuterRef("pk")).order_by()
        used = tasks.values("template_version__template").annotate(total=Count("pk"))
        return super().get_queryset(request).annotate(tasks_total=Subquery(used.values("total")))

    def get_fieldsets(self, request: HttpRequest, obj: PromptTemplate | None = None) -> Any:
        basics = ["name", "description", "type", "is_enabled"]
        prompt = ["system_prompt", "prompt", "variables", "output_schema", "examples", "steps"]
        numbers = [
            ("temperature", "top_p", "max_tokens"),
            ("frequency_penalty", "presence_penalty"),
        ]
        tabs = [
            (_("Basics"), basics),
            (_("Prompt"), prompt),
            (_("Parameters"), ["language_model", "preset", *numbers, "stop"]),
            (_("Expectations"), ["expected_language", "code_fields", "compared_fields"]),
        ]
        if obj:
            tabs.append((_("Versions"), ["history"]))
        return [(title, {"classes": ["tab"], "fields": fields}) for title, fields in tabs]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "language_model":
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_view_related = field.widget.can_delete_related = False
        return field

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {
            "parameter_presets": presets.PRESETS,
            "sources": self.sources(request),
            **(extra_context or {}),
        }
        return super().changeform_view(request, object_id, form_url, context)

    # Columns

    @display(description=_("template name"), ordering="name", header=True)
    def title(self, template: PromptTemplate) -> list[str]:
        return [template.name, _("Starter") if template.is_starter else ""]

    @display(description=_("type"), ordering="type", label=True)
    def type_label(self, template: PromptTemplate) -> str:
        return TemplateType(template.type).label

    @display(description=_("variables"))
    def variables_count(self, template: PromptTemplate) -> int:
        return len(template.variables)

    @display(description=_("tasks"), ordering="tasks_total")
    def tasks_count(self, template: PromptTemplate) -> int:
        return template.tasks_total or 0

    @display(description=_("Versions"))
    def history(self, template: PromptTemplate) -> SafeString:
        versions = template.versions.order_by("-number")[:VERSIONS_SHOWN]
        context = {"template": template, "versions": versions}
        return render_to_string("admin/synthesis/prompttemplate/history.html", context)
