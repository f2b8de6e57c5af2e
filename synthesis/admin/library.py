"""What the admins of templates and of rubrics have in common: versions, preview, trial, copies."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from providers.admin.exchange import ExchangeAdmin, IndentedJSON
from providers.admin.pages import PagesAdmin, View

VERSIONS_SHOWN = 10


class LibraryAdmin(PagesAdmin, ModelAdmin, ExchangeAdmin):
    """An admin says how an item is previewed and tried: preview_context, trial_form, attempt."""

    text_rows: ClassVar[dict[str, int]]

    import_form_class = ImportForm
    export_form_class = ExportForm
    formats = (IndentedJSON,)
    readonly_fields = ("history",)
    compressed_fields = False
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_latest_number()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.text_rows:
            kwargs["widget"] = UnfoldAdminTextareaWidget({"rows": self.text_rows[db_field.name]})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    @display(description=_("version"), ordering="latest_number")
    def version_number(self, item: Any) -> str:
        return f"v{item.latest_number}"

    def has_duplicate_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return self.has_add_permission(request)

    @action(description=_("Try it"), url_path="trial", permissions=["change"], icon="experiment")
    def try_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the page; a POST makes one real call and shows what came of it."""
        item = self.found(request, object_id)
        form = self.trial_form(request, item, request.POST if request.method == "POST" else None)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Try it: %(name)s") % {"name": item.name},
            "item": item,
            "form": form,
            "opts": None,
            "item_url": self.page_url(item),
            "trial": None,
            **(self.attempt(item, form) if form.is_valid() else {}),
        }
        return TemplateResponse(request, f"{self.folder}/trial.html", context)

    @action(
        description=pgettext_lazy("to copy", "Duplicate"),
        url_path="duplicate",
        permissions=["duplicate"],
        icon="content_copy",
        dialog={
            "title": _("Make a copy?"),
            "description": _("The copy has the same content, a name of its own and one version."),
            "form_submit_text": pgettext_lazy("to copy", "Duplicate"),
        },
    )
    def duplicate(self, request: HttpRequest, _form: forms.Form, object_id: str) -> HttpResponse:
        item = self.found(request, object_id)
        copy = item.duplicate(request.user)
        self.log_addition(request, copy, str(_("Copied from “%(name)s”.") % {"name": item.name}))
        messages.success(request, _("This is the copy; give it a name of its own."))
        return HttpResponse(headers={"HX-Redirect": self.page_url(copy)})

    def views(self) -> list[tuple[str, View, str]]:
        return [("preview/", require_POST(self.preview_view), "preview")]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Show what the posted, unsaved form would send."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = self.get_form(request, None, change=False)(request.POST)
        context = self.preview_context(request, form)
        return TemplateResponse(request, f"{self.folder}/preview.html", context)
