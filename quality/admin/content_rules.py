from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from providers.admin.exchange import ExchangeAdmin, IndentedJSON
from providers.admin.pages import PagesAdmin, View
from quality.admin import content_rule_preview
from quality.admin.content_rule_exchange import ContentRuleResource
from quality.admin.content_rule_form import ContentRuleForm
from quality.content import Action, Kind
from quality.models import ContentRule


@admin.register(ContentRule)
class ContentRuleAdmin(PagesAdmin, ModelAdmin, ExchangeAdmin):
    form = ContentRuleForm
    resource_classes = (ContentRuleResource,)
    import_form_class = ImportForm
    export_form_class = ExportForm
    formats = (IndentedJSON,)
    list_display = ("title", "kind_label", "action_label", "words_total", "updated_at")
    list_filter = ("kind", "default_action")
    search_fields = ("name", "description")
    actions_detail = ("download_words",)
    change_form_after_template = "admin/quality/contentrule/preview_panel.html"
    compressed_fields = False
    warn_unsaved_form = True
    # Only what a rule of the chosen kind is made of is shown.
    conditional_fields = {
        "words": "kind == 'words'",
        "word_file": "kind == 'words'",
        "replace_words": "kind == 'words'",
        "expression": "kind == 'expression'",
        "data_types": "kind == 'personal'",
        "languages": "kind == 'language'",
    }
    fieldsets = (
        (None, {"fields": ("name", "description", "kind", "default_action")}),
        (
            _("What it looks for"),
            {
                "fields": (
                    "words",
                    "word_file",
                    "replace_words",
                    "expression",
                    "data_types",
                    "languages",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContentRule]:
        rows = super().get_queryset(request)
        is_list = request.resolver_match and request.resolver_match.url_name.endswith("changelist")
        return rows.defer("words") if is_list else rows

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        rows = {"description": 2, "words": 10}
        if db_field.name in rows:
            kwargs["widget"] = UnfoldAdminTextareaWidget({"rows": rows[db_field.name]})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: ContentRule, form: forms.ModelForm, change: bool
    ) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("word_file") and obj.kind == Kind.WORDS:
            self.report_upload(request, form.added, form.repeated)

    def report_upload(self, request: HttpRequest, added: int, repeated: int) -> None:
        text = ngettext("%(count)d word was added.", "%(count)d words were added.", added)
        text %= {"count": added}
        if repeated:
            again = ngettext(
                "%(count)d was in the list already.",
                "%(count)d were in the list already.",
                repeated,
            )
            text = f"{text} {again % {'count': repeated}}"
        self.message_user(request, text, messages.SUCCESS)

    # Columns

    @display(description=_("rule name"), ordering="name", header=True)
    def title(self, rule: ContentRule) -> list[str]:
        return [str(rule), rule.shown_description]

    @display(description=_("kind"), ordering="kind", label=True)
    def kind_label(self, rule: ContentRule) -> str:
        return Kind(rule.kind).label

    @display(
        description=_("suggested action"),
        ordering="default_action",
        label={Action.REJECT: "danger", Action.FLAG: "warning", Action.MASK: "info"},
    )
    def action_label(self, rule: ContentRule) -> tuple[str, str]:
        return rule.default_action, Action(rule.default_action).label

    @display(description=_("words"), ordering="words_count")
    def words_total(self, rule: ContentRule) -> str:
        return f"{rule.words_count:,}" if rule.kind == Kind.WORDS else "–"

    # Pages

    def has_download_words_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Offer the download only where there are words; the id may be any text."""
        lists = ContentRule.objects.filter(kind=Kind.WORDS)
        is_list = str(object_id).isdecimal() and lists.filter(pk=object_id).exists()
        return self.has_view_permission(request) and is_list

    @action(
        description=_("Download words"),
        url_path="words",
        permissions=["download_words"],
        icon="download",
    )
    def download_words(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rule = self.found(request, object_id)
        name = slugify(rule.name) or f"rule-{rule.pk}"
        headers = {"Content-Disposition": f'attachment; filename="{name}.txt"'}
        return HttpResponse(
            f"{rule.words}\n", content_type="text/plain; charset=utf-8", headers=headers
        )

    def views(self) -> list[tuple[str, View, str]]:
        return [("preview/", require_POST(self.preview_view), "preview")]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Let the posted, unsaved rule read the text of the panel."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rule = self.get_object(request, request.POST.get("preview_rule", ""))
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        context = content_rule_preview.preview(
            form, request.POST.get("preview_text", ""), request.POST.get("preview_prompt", "")
        )
        return TemplateResponse(request, "admin/quality/contentrule/preview.html", context)
