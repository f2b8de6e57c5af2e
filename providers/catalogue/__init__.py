"""The vendors that are known by name: their addresses, their manners and their current models.

entries   the types of what is said here
models    the models, with their prices and the pages that these were read from
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers.catalogue.entries import (
    SAMPLING,
    Capability,
    CatalogueModel,
    Currency,
    Vendor,
)
from providers.catalogue.models import MODELS

__all__ = ["CHOICES", "VENDORS", "Capability", "CatalogueModel", "Currency", "Vendor"]

OPEN_SERVER = (Capability.JSON_SCHEMA, Capability.JSON_OBJECT, Capability.SEED, *SAMPLING)

VENDORS: dict[str, Vendor] = {
    vendor.code: vendor
    for vendor in (
        Vendor(
            code="local",
            family="local",
            label=_("Built-in local model (demo quality)"),
            needs_key=False,
            capabilities=OPEN_SERVER,
            models=MODELS["local"],
        ),
        Vendor(
            code="openai",
            family="openai",
            label="OpenAI",
            base_url="https://api.openai.com/v1",
            max_tokens_field="max_completion_tokens",
            capabilities=(Capability.JSON_SCHEMA, Capability.JSON_OBJECT, Capability.BATCH_API),
            models=MODELS["openai"],
        ),
        Vendor(
            code="anthropic",
            family="anthropic",
            label="Anthropic",
            base_url="https://api.anthropic.com",
            capabilities=(Capability.JSON_SCHEMA, Capability.BATCH_API),
            models=MODELS["anthropic"],
        ),
        Vendor(
            code="qianfan",
            family="openai",
            label=_("Baidu Qianfan (ERNIE)"),
            base_url="https://qianfan.baidubce.com/v2",
            models=MODELS["qianfan"],
        ),
        Vendor(
            code="dashscope",
            family="openai",
            label=_("Alibaba Bailian DashScope (Qwen)"),
            base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",
            models=MODELS["dashscope"],
        ),
        Vendor(
            code="deepseek",
            family="openai",
            label="DeepSeek",
            base_url="https://api.deepseek.com",
            models=MODELS["deepseek"],
        ),
        Vendor(
            code="zhipu",
            family="openai",
            label=_("Zhipu (GLM)"),
            base_url="https://open.bigmodel.cn/api/paas/v4",
            models=MODELS["zhipu"],
        ),
        Vendor(
            code="moonshot",
            family="openai",
            label=_("Moonshot (Kimi)"),
            base_url="https://api.moonshot.cn/v1",
            models=MODELS["moonshot"],
        ),
        Vendor(
            code="siliconflow",
            family="openai",
            label=_("SiliconFlow"),
            base_url="https://api.siliconflow.cn/v1",
            models=MODELS["siliconflow"],
        ),
        Vendor(
            code="volcengine",
            family="openai",
            label=_("Volcengine Ark (Doubao)"),
            base_url="https://ark.cn-beijing.volces.com/api/v3",
            models=MODELS["volcengine"],
        ),
        Vendor(
            code="vllm",
            family="openai",
            label="vLLM",
            base_url="http://127.0.0.1:8000/v1",
            needs_key=False,
            capabilities=OPEN_SERVER,
        ),
        Vendor(
            code="ollama",
            family="openai",
            label="Ollama",
            base_url="http://127.0.0.1:11434/v1",
            needs_key=False,
            capabilities=OPEN_SERVER,
        ),
        Vendor(
            code="compatible",
            family="openai",
            label=_("OpenAI-compatible address"),
            needs_key=False,
        ),
    )
}
CHOICES = [(vendor.code, vendor.label) for vendor in VENDORS.values()]
