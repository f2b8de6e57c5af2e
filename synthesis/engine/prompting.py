"""Turn a template's content and drawn values into the request that is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from providers.clients.types import ChatRequest, Message
from providers.models import LanguageModel
from synthesis import presets, schemas, templating
from synthesis.engine import samples
from synthesis.models.template import PromptContent
from synthesis.steps import Part

EXAMPLE = {"en": "Example", "zh": "示例"}  # what was asked, where an example does not say
BASE_TOKENS = 512
TOKENS_PER_RECORD = 512
MOST_TOKENS = 8192


def build_request(
    content: PromptContent | Part,
    values: Mapping[str, Any],
    language_model: LanguageModel,
    parameters: Mapping[str, Any],
) -> ChatRequest:
    """Render the prompts and fit schema, seed and parameters to what the model takes.

    Errors: MissingVariableError, PromptTooLongError.
    """
    capabilities = language_model.capabilities
    by_schema = bool(content.output_schema) and "json_schema" in capabilities
    count = int(values["count"])
    return ChatRequest(
        model=language_model.name,
        messages=messages(content, values, instruct=not by_schema),
        parameters=sent_parameters(language_model, parameters, count),
        seed=values["seed"] if "seed" in capabilities else None,
        json_schema=schemas.reply_schema(content.output_schema, count) if by_schema else None,
    )


def messages(
    content: PromptContent | Part, values: Mapping[str, Any], *, instruct: bool
) -> tuple[Message, ...]:
    values = {samples.AVOID: "", **values}
    prompt = templating.render(content.prompt, values)
    system = templating.render(content.system_prompt, values)
    language = templating.language(content.prompt)
    prompt += samples.instruction(content, values, language)
    if instruct and content.output_schema:
        text = schemas.instruction(content.output_schema, int(values["count"]), language)
        prompt = f"{prompt}\n\n{text}"
    examples = [*content.examples, *samples.examples(content, values)]
    shots = [turn for example in examples for turn in example_turns(example, language, instruct)]
    head = [Message(role="system", content=system)] if system.strip() else []
    return (*head, *shots, Message(role="user", content=prompt))


def example_turns(example: Mapping[str, Any], language: str, instruct: bool) -> list[Message]:
    """One few-shot example as a question and the reply that answers it, in the reply's form."""
    given = example.get("input") or EXAMPLE[language]
    asked = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    output = [example["output"]]
    answer = json.dumps(output if instruct else {"items": output}, ensure_ascii=False)
    return [Message(role="user", content=asked), Message(role="assistant", content=answer)]


def sent_parameters(
    language_model: LanguageModel, parameters: Mapping[str, Any], count: int
) -> dict[str, Any]:
    """Merge the model's defaults with the run's parameters, less what it does not take."""
    most = language_model.max_output_tokens or MOST_TOKENS
    needed = min(most, BASE_TOKENS + TOKENS_PER_RECORD * count)
    merged = presets.effective(
        {"max_tokens": needed}, language_model.default_parameters, parameters
    )
    return language_model.split_parameters(merged)[0]
