"""Templates of several steps: each later prompt fills more fields of a record that was begun.

The schema says what the finished record is. A later step is a prompt and the fields that it
fills; the first prompt fills the others. A prompt may use the fields of the steps before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from synthesis import schemas, templating

if TYPE_CHECKING:
    from synthesis.models.template import PromptContent

MOST_STEPS = 5

Schema = Mapping[str, Any]
Steps = Sequence[Mapping[str, Any]]


@dataclass
class Part:
    """What one step says to the model, named like the columns of a template."""

    system_prompt: str
    prompt: str
    output_schema: dict[str, Any]
    examples: list[dict[str, Any]]
    earlier: list[str]  # the fields of the steps before it


def prompts(content: Mapping[str, Any]) -> list[str]:
    return [content["prompt"], *(step["prompt"] for step in content["steps"])]


def schema_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content's schema; a missing one is read from the JSON examples in its prompts."""
    if content["output_schema"]:
        return dict(content["output_schema"])
    found = [schema for prompt in prompts(content) if (schema := schemas.infer(prompt))]
    if len(found) < 2:
        return found[0] if found else {}
    properties: dict[str, Any] = {}
    for schema in found:
        properties |= {**schema["properties"], **properties}
    required = dict.fromkeys(name for schema in found for name in schema["required"])
    return {**found[0], "properties": properties, "required": list(required)}


def fields(schema: Schema, steps: Steps) -> list[list[str]]:
    """Name the fields of each step; the first one fills what no later one does."""
    later = [list(step["fields"]) for step in steps]
    taken = {name for names in later for name in names}
    return [[name for name in schema.get("properties", {}) if name not in taken], *later]


def part(content: PromptContent, step: int) -> PromptContent | Part:
    """Return what a content says in one of its steps."""
    if not content.steps:
        return content
    names = fields(content.output_schema, content.steps)
    earlier = [name for group in names[:step] for name in group]
    texts = prompts(content.content())
    used = templating.variables("\n".join(texts[step + 1 :]))
    return Part(
        system_prompt=content.system_prompt,
        prompt=texts[step],
        output_schema=part_schema(content.output_schema, names[step], used),
        examples=list(part_examples(content.examples, earlier, names[step])),
        earlier=earlier,
    )


def own_fields(part: PromptContent | Part, content: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a step fills; in the fields of other steps it has no say."""
    return {name: content[name] for name in part.output_schema["properties"] if name in content}


def part_schema(schema: Schema, names: Sequence[str], used: Sequence[str]) -> dict[str, Any]:
    """Keep of a record's schema what is about some fields; those that prompts use must be there.

    Rules across fields wait until the record is whole.
    """
    demanded = {*schema.get("required", ()), *used}
    kept = {key: schema[key] for key in ("$defs", "additionalProperties") if key in schema}
    return {
        "type": "object",
        "properties": {name: schema["properties"][name] for name in names},
        "required": [name for name in names if name in demanded],
        **kept,
    }


def part_examples(
    examples: Sequence[Mapping[str, Any]], earlier: Sequence[str], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Cut few-shot examples down to one step: from what was filled to what it fills."""
    for example in examples:
        output = example["output"]
        if not isinstance(output, Mapping):
            continue
        answer = {name: output[name] for name in names if name in output}
        begun = {name: output[name] for name in earlier if name in output}
        if answer:
            given = json.dumps(begun, ensure_ascii=False) if begun else example.get("input")
            yield {"input": given, "output": answer}


def shown(
    content: PromptContent, values: Mapping[str, Any]
) -> Iterator[tuple[PromptContent | Part, Mapping[str, Any]]]:
    """Give each step with values to show it with: fields by their names, for none is filled."""
    names: list[str] = []
    for step, own in enumerate(fields(content.output_schema, content.steps)):
        later = {"count": 1, **{name: f"{{{name}}}" for name in names}} if step else {}
        yield part(content, step), {**values, **later}
        names += own


def filled(content: PromptContent, step: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the steps before this one filled."""
    earlier = fields(content.output_schema, content.steps)[:step] if step else []
    return {name: values[name] for names in earlier for name in names if name in values}


def merged(
    content: PromptContent, step: int, values: Mapping[str, Any], draft: Mapping[str, Any]
) -> dict[str, Any]:
    """Put what a step filled to what those before it did, in the order of the schema."""
    own = fields(content.output_schema, content.steps)[step]
    whole = filled(content, step, values) | {name: draft[name] for name in own if name in draft}
    return {name: whole[name] for name in content.output_schema["properties"] if name in whole}


# What must hold


def problems(content: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with a content's later steps."""
    steps = content["steps"]
    if not is_list_of_steps(steps):
        words = _("Later steps are a JSON list of at most %(count)d objects: prompt and fields.")
        return [words % {"count": MOST_STEPS - 1}]
    if not steps:
        return []
    found = list(shape_problems(steps))
    if found:
        return found
    properties = schema_of(content).get("properties")
    if not isinstance(properties, Mapping):
        return [_("Later steps need an output schema that names the fields of a record.")]
    return [*field_problems(properties, steps), *name_problems(content, properties)]


def is_list_of_steps(steps: Any) -> bool:
    return (
        isinstance(steps, list)
        and len(steps) < MOST_STEPS
        and all(isinstance(step, dict) and step.keys() == {"prompt", "fields"} for step in steps)
        and all(isinstance(step["prompt"], str) for step in steps)
        and all(
            isinstance(step["fields"], list)
            and all(isinstance(name, str) for name in step["fields"])
            for step in steps
        )
    )


def shape_problems(steps: Steps) -> Iterator[str]:
    for number, step in enumerate(steps, 2):
        if not step["prompt"].strip():
            yield _("Step %(number)d has no prompt.") % {"number": number}
        if not step["fields"]:
            yield _("Step %(number)d fills no field; name fields of the output schema.") % {
                "number": number
            }


def field_problems(properties: Mapping[str, Any], steps: Steps) -> Iterator[str]:
    seen: set[str] = set()
    for number, step in enumerate(steps, 2):
        for name in step["fields"]:
            if name not in properties:
                words = _("Step %(number)d: the output schema has no field called %(name)s.")
                yield words % {"number": number, "name": name}
            elif name in seen:
                yield _("%(name)s is filled twice; one step fills a field.") % {"name": name}
            seen.add(name)
    if seen >= set(properties):
        yield _("The first prompt fills no field; leave it one that no later step fills.")


def name_problems(content: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[str]:
    """Say which names mean two things, and which are used before they are filled."""
    declared = content["variables"] if isinstance(content["variables"], list) else []
    # A list, for a name that is refused elsewhere may be what no set can hold.
    taken = [row.get("name") for row in declared if isinstance(row, Mapping)]
    for name in properties:
        if name in taken or name in templating.BUILT_IN:
            words = _("%(name)s is a variable and a field; give one of them another name.")
            yield words % {"name": name}
    known: set[str] = set()
    names = fields({"properties": properties}, content["steps"])
    for number, prompt in enumerate(prompts(content), 1):
        for name in templating.variables(prompt):
            if name in properties and name not in known and name not in taken:
                words = _("Step %(number)d uses {%(name)s}, which no step before it fills.")
                yield words % {"number": number, "name": name}
        known.update(names[number - 1])
    for name in templating.variables(content["system_prompt"]):
        if name in properties and name not in taken:
            words = _("The system prompt goes with every step; it cannot use {%(name)s}.")
            yield words % {"name": name}
