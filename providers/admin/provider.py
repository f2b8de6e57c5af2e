from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from providers import catalogue
from providers.admin import connection_page
from providers.admin.fields import STRUCTURE_OVERRIDES
from providers.admin.forms import InlineModelForm, ProviderForm
from providers.admin.pages import PagesAdmin, View
from providers.models import LanguageModel, Provider


class LanguageModelInline(TabularInline):
    model = LanguageModel
    form = InlineModelForm
    fields = InlineModelForm.Meta.fields
    extra = 0
    tab = True
    show_change_link = True


@admin.register(Provider)
class ProviderAdmin(PagesAdmin, ModelAdmin):
    form = ProviderForm
    formfield_overrides = STRUCTURE_OVERRIDES
    list_display = ("name", "vendor", "address", "key_hint", "models_count", "is_enabled")
    list_filter = ("vendor", "is_enabled")
    search_fields = ("name", "base_url")
    inlines = (LanguageModelInline,)
    actions = ("add_catalogue_models",)
    actions_detail = ("connection",)
    actions_row = ("connection",)
    change_form_before_template = "providers/vendor_catalogue.html"
    warn_unsaved_form = True

    # Pages

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        return super().get_queryset(request).annotate(models_total=Count("models"))

    def get_fieldsets(self, request: HttpRequest, obj: Provider | None = None) -> Any:
        key = ["api_key"]
        if obj and obj.key_hint:
            key.append("forget_key")
        last = [] if obj else ["add_models"]
        limits = ["timeout_seconds", "max_concurrency", "requests_per_minute", "tokens_per_minute"]
        return [
            (None, {"fields": ["vendor", "name", "base_url", *key, "is_enabled", *last]}),
            (_("Limits"), {"fields": limits}),
            (_("Extra fields"), {"fields": ["extra_headers", "extra_body"]}),
        ]

    def get_inlines(self, request: HttpRequest, obj: Provider | None) -> Any:
        return self.inlines if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        vendor = catalogue.VENDORS.get(initial.get("vendor", ""))
        if vendor is not None:
            initial.setdefault("base_url", vendor.base_url)
            initial.setdefault("name", str(vendor.label))
        return initial

    @method_decorator(sensitive_post_parameters("api_key"))
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"vendor_catalogue": vendor_catalogue(), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(
        self, request: HttpRequest, obj: Provider, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if not change and form.cleaned_data.get("add_models"):
            self.report_added(request, obj.add_catalogue_models())

    # Columns

    @display(description=_("address"))
    def address(self, provider: Provider) -> str:
        return provider.base_url or provider.catalogue_entry.base_url

    @display(description=_("models"), ordering="models_total")
    def models_count(self, provider: Provider) -> int:
        return provider.models_total

    # Actions

    @admin.action(description=_("Add the catalogue's models"), permissions=["change"])
    def add_catalogue_models(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        self.report_added(
            request, [model for provider in queryset for model in provider.add_catalogue_models()]
        )

    def report_added(self, request: HttpRequest, added: list[LanguageModel]) -> None:
        if not added:
            text = _("No model was added. Test the connection to choose from those that it has.")
            self.message_user(request, text, messages.WARNING)
            return
        text = ngettext("%(count)d model was added.", "%(count)d models were added.", len(added))
        self.message_user(request, text % {"count": len(added)}, messages.SUCCESS)

    @action(
        description=_("Test connection"),
        url_path="connection",
        permissions=["change"],
        icon="network_check",
    )
    def connection(self, request: HttpRequest, object_id: str) -> HttpResponse:
        provider = self.found(request, object_id)
        return connection_page.show(self, request, provider, provider)

    def views(self) -> list[tuple[str, View, str]]:
        return [("<int:provider_id>/add-model/", require_POST(self.add_model_view), "add_model")]

    def add_model_view(self, request: HttpRequest, provider_id: int) -> HttpResponse:
        """Add one of the models that the vendor was heard to have."""
        if not request.user.has_perm("providers.add_languagemodel"):
            raise PermissionDenied
        provider = get_object_or_404(Provider, pk=provider_id)
        try:
            model = provider.add_model(request.POST.get("name", "").strip())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("admin:providers_provider_change", provider_id)
        messages.success(request, _("%(model)s was added.") % {"model": model})
        return redirect("admin:providers_languagemodel_change", model.pk)


def vendor_catalogue() -> dict[str, dict[str, Any]]:
    """What the form's script fills in when a vendor is chosen."""
    return {
        vendor.code: {
            "label": str(vendor.label),
            "address": vendor.base_url,
            "note": str(key_note(vendor)),
        }
        for vendor in catalogue.VENDORS.values()
    }


def key_note(vendor: catalogue.Vendor) -> Any:
    if vendor.family == "local":
        return _("The built-in model needs neither address nor key.")
    if vendor.needs_key:
        return _("This vendor needs an API key.")
    return _("An API key is needed only if the server asks for one.")
