"""What the catalogue says about a vendor and about a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.clients.types import Family


class Capability(TextChoices):
    JSON_SCHEMA = "json_schema", _("JSON schema")
    JSON_OBJECT = "json_object", _("JSON object")
    SEED = "seed", _("seed")
    TEMPERATURE = "temperature", _("temperature")
    TOP_P = "top_p", _("top_p")
    BATCH_API = "batch_api", _("Batch API")


class Currency(TextChoices):
    USD = "USD", _("US dollar")
    CNY = "CNY", _("Chinese yuan")


SAMPLING = (Capability.TEMPERATURE, Capability.TOP_P)


@dataclass(frozen=True, kw_only=True)
class CatalogueModel:
    """One model as its vendor lists it; prices per million tokens, None where not known."""

    name: str
    label: str
    context_tokens: int
    max_output_tokens: int | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    currency: Currency = Currency.USD
    capabilities: tuple[Capability, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Vendor:
    code: str
    family: Family
    label: str | Promise
    base_url: str = ""
    needs_key: bool = True
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    models: tuple[CatalogueModel, ...] = ()
    # What a model that is not listed is taken to be able to do.
    capabilities: tuple[Capability, ...] = (Capability.JSON_OBJECT, *SAMPLING)

    def model(self, name: str) -> CatalogueModel:
        """Return the model as listed here, else as this vendor's models usually are."""
        for listed in self.models:
            if listed.name == name:
                return listed
        return CatalogueModel(
            name=name, label="", context_tokens=32_768, capabilities=self.capabilities
        )
