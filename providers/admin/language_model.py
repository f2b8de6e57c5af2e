from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _
from import_export.formats.base_formats import CSV
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.decorators import action, display

from providers.admin import connection_page
from providers.admin.exchange import ExchangeAdmin, IndentedJSON, LanguageModelResource
from providers.admin.fields import STRUCTURE_OVERRIDES
from providers.admin.forms import LanguageModelForm
from providers.admin.pages import PagesAdmin
from providers.catalogue import VENDORS, Capability
from providers.models import LanguageModel


@admin.register(LanguageModel)
class LanguageModelAdmin(PagesAdmin, ModelAdmin, ExchangeAdmin):
    form = LanguageModelForm
    formfield_overrides = STRUCTURE_OVERRIDES
    resource_classes = (LanguageModelResource,)
    import_form_class = ImportForm
    export_form_class = ExportForm
    formats = (IndentedJSON, CSV)
    list_display = (
        "model_name",
        "provider",
        "context_tokens",
        "prices",
        "abilities",
        "is_enabled",
        "default_mark",
    )
    list_filter = ("provider", "is_enabled")
    list_select_related = ("provider",)
    search_fields = ("name", "label", "provider__name")
    actions = ("make_default",)
    actions_detail = ("connection",)
    compressed_fields = False
    actions_row = ("connection",)
    fieldsets = (
        (None, {"fields": ("provider", "name", "label", "is_enabled", "is_default")}),
        (
            _("Size and price"),
            {
                "fields": (
                    ("context_tokens", "max_output_tokens"),
                    ("input_price", "output_price", "currency"),
                )
            },
        ),
        (_("What it can do"), {"fields": ("capabilities", "default_parameters")}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        initial.setdefault("capabilities", list(VENDORS["compatible"].capabilities))
        return initial

    @display(description=_("name"), ordering="name")
    def model_name(self, model: LanguageModel) -> str:
        return model.label or model.name

    @display(description=_("default"), ordering="is_default", label="success")
    def default_mark(self, model: LanguageModel) -> str:
        return _("default") if model.is_default else ""

    @display(description=_("price in / out, per million tokens"))
    def prices(self, model: LanguageModel) -> str:
        if model.input_price is None and model.output_price is None:
            return "–"
        return f"{plain(model.input_price)} / {plain(model.output_price)} {model.currency}"

    @display(description=_("capabilities"))
    def abilities(self, model: LanguageModel) -> str:
        labels = dict(Capability.choices)
        return ", ".join(str(labels[name]) for name in model.capabilities if name in labels)

    @admin.action(description=_("Make it the default model"), permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        models = list(queryset[:2])
        if len(models) != 1 or not (models[0].is_enabled and models[0].provider.is_enabled):
            text = _("Choose one model that is enabled.")
            self.message_user(request, text, messages.ERROR)
            return
        models[0].make_default()
        text = _("New tasks now use %(model)s.") % {"model": models[0]}
        self.message_user(request, text, messages.SUCCESS)

    @action(
        description=_("Test connection"),
        url_path="connection",
        permissions=["change"],
        icon="network_check",
    )
    def connection(self, request: HttpRequest, object_id: str) -> HttpResponse:
        model = self.found(request, object_id)
        return connection_page.show(self, request, model, model.provider)


def plain(price: Decimal | None) -> str:
    """Write a price without the zeros that fill its column."""
    return "?" if price is None else localize(price.normalize() + 0)
