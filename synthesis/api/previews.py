"""What a template would send, without sending it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from synthesis import steps, templating, variables
from synthesis.engine import planner, prompting
from synthesis.models import PromptTemplate


class PreviewSerializer(serializers.Serializer):
    values = serializers.DictField(
        default=dict, help_text=_("A value for each variable of the template.")
    )
    count = serializers.IntegerField(
        default=10, min_value=1, max_value=200, help_text=_("Records that the batch asks for.")
    )
    seed = serializers.IntegerField(
        default=1,
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("The same seed draws the same values again."),
    )


class MessageSerializer(serializers.Serializer):
    role = serializers.ChoiceField(
        [("system", "system"), ("user", "user"), ("assistant", "assistant")]
    )
    content = serializers.CharField()


class PreviewedSerializer(serializers.Serializer):
    messages = MessageSerializer(many=True)
    values = serializers.DictField(help_text=_("The values that were drawn."))
    later_steps = serializers.ListField(
        child=serializers.ListField(child=MessageSerializer()),
        help_text=_("The messages of each later step, with names for the fields of earlier ones."),
    )


def preview(
    template: PromptTemplate, *, values: Mapping[str, Any], count: int, seed: int
) -> dict[str, Any]:
    """Draw the values of a first batch and render its messages.

    Errors: ValidationError when a value is missing or wrong, or the prompt grows too long.
    """
    model = template.language_model
    by_schema = model is not None and "json_schema" in model.capabilities
    try:
        drawn = _drawn(template.variables, values, count, seed)
        sent = [
            prompting.messages(part, given, instruct=not by_schema)
            for part, given in steps.shown(template, drawn)
        ]
    except variables.VariableError as error:
        sentences = [problem.sentence for problem in error.problems]
        raise serializers.ValidationError({"values": sentences}) from error
    except templating.TemplatingError as error:
        raise serializers.ValidationError({"values": [str(error)]}) from error
    first, *later = [
        [{"role": message.role, "content": message.content} for message in messages]
        for messages in sent
    ]
    return {"messages": first, "values": drawn, "later_steps": later}


def _drawn(
    declared: list[dict[str, Any]], values: Mapping[str, Any], count: int, seed: int
) -> dict[str, Any]:
    rng = random.Random(f"{seed}:1")  # noqa: S311  reproducible, not secret
    resolved = variables.resolve(declared, values)
    built_in = planner.built_in_values(index=1, seed=seed, count=count, rng=rng)
    return {**variables.draw(resolved, declared, rng), **built_in}
