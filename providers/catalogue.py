"""The vendors that are known by name: their addresses, their manners and their current models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

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


def choices(vendors: Iterable[Vendor]) -> list[tuple[str, str | Promise]]:
    return [(vendor.code, vendor.label) for vendor in vendors]


VENDORS: dict[str, Vendor] = {
    vendor.code: vendor
    for vendor in (
        Vendor(
            code="local",
            family="local",
            label=_("Built-in local model (demo quality)"),
            needs_key=False,
        ),
        Vendor(
            code="openai",
            family="openai",
            label="OpenAI",
            base_url="https://api.openai.com/v1",
            max_tokens_field="max_completion_tokens",
            capabilities=(Capability.JSON_SCHEMA, Capability.JSON_OBJECT, Capability.BATCH_API),
        ),
        Vendor(
            code="anthropic",
            family="anthropic",
            label="Anthropic",
            base_url="https://api.anthropic.com",
            capabilities=(Capability.JSON_SCHEMA, Capability.BATCH_API),
        ),
        Vendor(
            code="qianfan",
            family="openai",
            label=_("Baidu Qianfan (ERNIE)"),
            base_url="https://qianfan.baidubce.com/v2",
        ),
        Vendor(
            code="dashscope",
            family="openai",
            label=_("Alibaba Bailian DashScope (Qwen)"),
            base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",
        ),
        Vendor(
            code="deepseek",
            family="openai",
            label="DeepSeek",
            base_url="https://api.deepseek.com",
        ),
        Vendor(
            code="zhipu",
            family="openai",
            label=_("Zhipu (GLM)"),
            base_url="https://open.bigmodel.cn/api/paas/v4",
        ),
        Vendor(
            code="moonshot",
            family="openai",
            label=_("Moonshot (Kimi)"),
            base_url="https://api.moonshot.cn/v1",
        ),
        Vendor(
            code="siliconflow",
            family="openai",
            label=_("SiliconFlow"),
            base_url="https://api.siliconflow.cn/v1",
        ),
        Vendor(
            code="volcengine",
            family="openai",
            label=_("Volcengine Ark (Doubao)"),
            base_url="https://ark.cn-beijing.volces.com/api/v3",
        ),
        Vendor(
            code="vllm",
            family="openai",
            label="vLLM",
            base_url="http://127.0.0.1:8000/v1",
            needs_key=False,
            capabilities=(
                Capability.JSON_SCHEMA,
                Capability.JSON_OBJECT,
                Capability.SEED,
                *SAMPLING,
            ),
        ),
        Vendor(
            code="ollama",
            family="openai",
            label="Ollama",
            base_url="http://127.0.0.1:11434/v1",
            needs_key=False,
            capabilities=(
                Capability.JSON_SCHEMA,
                Capability.JSON_OBJECT,
                Capability.SEED,
                *SAMPLING,
            ),
        ),
        Vendor(
            code="compatible",
            family="openai",
            label=_("OpenAI-compatible address"),
            needs_key=False,
        ),
    )
}
CHOICES = choices(VENDORS.values())
