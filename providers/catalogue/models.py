"""Current models of the vendors, as read in November 2026; prices change, so check your own.

A price that rises with the length of the prompt is the one for short prompts, which generation
has. Where a vendor's price for this address was not found it is None, never a guess.
Thinking is turned down by default: its tokens are paid and use up the answer's limit.
"""

from __future__ import annotations

from decimal import Decimal

from providers.catalogue.entries import SAMPLING, Capability, CatalogueModel, Currency

OPENAI = (Capability.JSON_SCHEMA, Capability.JSON_OBJECT, Capability.BATCH_API)
ANTHROPIC = (Capability.JSON_SCHEMA, Capability.BATCH_API)
JSON_AND_SAMPLING = (Capability.JSON_OBJECT, *SAMPLING)

MODELS: dict[str, tuple[CatalogueModel, ...]] = {
    "local": (
        CatalogueModel(
            name="SmolLM2-135M-Instruct",
            label="SmolLM2 135M",
            context_tokens=4096,
            max_output_tokens=2048,
            input_price=Decimal(0),
            output_price=Decimal(0),
            capabilities=(Capability.JSON_SCHEMA, Capability.SEED, *SAMPLING),
        ),
    ),
    # developers.openai.com/api/docs/models
    "openai": (
        CatalogueModel(
            name="gpt-6-luna",
            label="GPT-6 Luna",
            context_tokens=1_050_000,
            max_output_tokens=128_000,
            input_price=Decimal("0.10"),
            output_price=Decimal("0.50"),
            capabilities=OPENAI,
            parameters={"reasoning_effort": "none"},
        ),
        CatalogueModel(
            name="gpt-6.2-sol",
            label="GPT-6.2 Sol",
            context_tokens=1_050_000,
            max_output_tokens=128_000,
            input_price=Decimal(2),
            output_price=Decimal(10),
            capabilities=OPENAI,
            parameters={"reasoning_effort": "low"},
        ),
        CatalogueModel(
            name="gpt-6-astra",
            label="GPT-6 Astra",
            context_tokens=1_050_000,
            max_output_tokens=128_000,
            input_price=Decimal(10),
            output_price=Decimal(50),
            capabilities=OPENAI,
            parameters={"reasoning_effort": "low"},
        ),
    ),
    # platform.claude.com/docs/en/about-claude/models
    "anthropic": (
        CatalogueModel(
            name="claude-haiku-5-5",
            label="Claude Haiku 5.5",
            context_tokens=1_000_000,
            max_output_tokens=128_000,
            input_price=Decimal("0.10"),
            output_price=Decimal("0.50"),
            capabilities=ANTHROPIC,
        ),
        CatalogueModel(
            name="claude-sonnet-5-5",
            label="Claude Sonnet 5.5",
            context_tokens=1_000_000,
            max_output_tokens=128_000,
            input_price=Decimal(2),
            output_price=Decimal(10),
            capabilities=ANTHROPIC,
        ),
        CatalogueModel(
            name="claude-opus-5-5",
            label="Claude Opus 5.5",
            context_tokens=1_000_000,
            max_output_tokens=128_000,
            input_price=Decimal(4),
            output_price=Decimal(20),
            capabilities=ANTHROPIC,
        ),
    ),
    # cloud.baidu.com/doc/qianfan/s/rmh4stp0j
    "qianfan": (
        CatalogueModel(
            name="ernie-5.1",
            label="ERNIE 5.1",
            context_tokens=131_072,
            max_output_tokens=65_536,
            input_price=Decimal(4),
            output_price=Decimal(18),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
        ),
        CatalogueModel(
            name="ernie-4.5-turbo-128k",
            label="ERNIE 4.5 Turbo 128K",
            context_tokens=131_072,
            max_output_tokens=12_288,
            input_price=Decimal("0.8"),
            output_price=Decimal("3.2"),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
        ),
    ),
    # help.aliyun.com/zh/model-studio/model-pricing (Beijing)
    "dashscope": (
        CatalogueModel(
            name="qwen3.8-flash",
            label="Qwen3.8 Flash",
            context_tokens=1_000_000,
            max_output_tokens=131_072,
            input_price=Decimal("0.8"),
            output_price=Decimal("2.7"),
            currency=Currency.CNY,
            capabilities=(*JSON_AND_SAMPLING, Capability.SEED),
            parameters={"enable_thinking": False},
        ),
        CatalogueModel(
            name="qwen3.8-max",
            label="Qwen3.8 Max",
            context_tokens=1_000_000,
            max_output_tokens=131_072,
            input_price=Decimal(12),
            output_price=Decimal(36),
            currency=Currency.CNY,
            capabilities=(*JSON_AND_SAMPLING, Capability.SEED),
            parameters={"enable_thinking": False},
        ),
    ),
    # api-docs.deepseek.com/zh-cn/quick_start/pricing: the rate of the peak hours, twice the other
    "deepseek": (
        CatalogueModel(
            name="deepseek-flash",
            label="DeepSeek V4.1 Flash",
            context_tokens=1_048_576,
            max_output_tokens=393_216,
            input_price=Decimal(2),
            output_price=Decimal(8),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
            parameters={"thinking": {"type": "disabled"}},
        ),
        CatalogueModel(
            name="deepseek-v4-pro",
            label="DeepSeek V4 Pro",
            context_tokens=1_048_576,
            max_output_tokens=393_216,
            input_price=Decimal(9),
            output_price=Decimal(27),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
            parameters={"thinking": {"type": "disabled"}},
        ),
    ),
    # docs.bigmodel.cn/cn/guide/start/model-overview, bigmodel.cn/pricing
    "zhipu": (
        CatalogueModel(
            name="glm-5.2",
            label="GLM-5.2",
            context_tokens=1_000_000,
            max_output_tokens=131_072,
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
            parameters={"reasoning_effort": "minimal"},
        ),
        CatalogueModel(
            name="glm-4.7-flash",
            label="GLM-4.7-Flash",
            context_tokens=200_000,
            max_output_tokens=131_072,
            input_price=Decimal(0),
            output_price=Decimal(0),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
            parameters={"thinking": {"type": "disabled"}},
        ),
    ),
    # platform.kimi.com/docs/pricing/chat: sampling is fixed by the vendor
    "moonshot": (
        CatalogueModel(
            name="kimi-k3",
            label="Kimi K3",
            context_tokens=1_048_576,
            max_output_tokens=131_072,
            input_price=Decimal(20),
            output_price=Decimal(100),
            currency=Currency.CNY,
            capabilities=(Capability.JSON_OBJECT,),
        ),
        CatalogueModel(
            name="kimi-k2.6",
            label="Kimi K2.6",
            context_tokens=262_144,
            max_output_tokens=32_768,
            input_price=Decimal("6.5"),
            output_price=Decimal(27),
            currency=Currency.CNY,
            capabilities=(Capability.JSON_OBJECT,),
            parameters={"thinking": {"type": "disabled"}},
        ),
    ),
    # siliconflow.cn/zh-cn/models
    "siliconflow": (
        CatalogueModel(
            name="deepseek-ai/DeepSeek-V4-Flash",
            label="DeepSeek V4 Flash",
            context_tokens=1_048_576,
            input_price=Decimal(1),
            output_price=Decimal(2),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
        ),
        CatalogueModel(
            name="Qwen/Qwen3.6-35B-A3B",
            label="Qwen3.6 35B A3B",
            context_tokens=262_144,
            input_price=Decimal("0.4"),
            output_price=Decimal("3.2"),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
            parameters={"enable_thinking": False},
        ),
    ),
    # www.volcengine.com/docs/82379/1544106
    "volcengine": (
        CatalogueModel(
            name="doubao-seed-2-1-turbo-260628",
            label="Doubao Seed 2.1 Turbo",
            context_tokens=256_000,
            input_price=Decimal(3),
            output_price=Decimal(15),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
            parameters={"reasoning_effort": "minimal"},
        ),
        CatalogueModel(
            name="doubao-seed-2-1-pro-260628",
            label="Doubao Seed 2.1 Pro",
            context_tokens=256_000,
            input_price=Decimal(6),
            output_price=Decimal(30),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
            parameters={"reasoning_effort": "minimal"},
        ),
        CatalogueModel(
            name="doubao-seed-2-0-mini-260428",
            label="Doubao Seed 2.0 Mini",
            context_tokens=256_000,
            max_output_tokens=128_000,
            input_price=Decimal("0.2"),
            output_price=Decimal(2),
            currency=Currency.CNY,
            capabilities=JSON_AND_SAMPLING,
            parameters={"reasoning_effort": "minimal"},
        ),
    ),
}
