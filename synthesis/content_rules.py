"""What must hold before a template or a task is saved, as sentences per field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from synthesis import (
    expectations,
    presets,
    schemas,
    source_prompts,
    steps,
    templating,
    variables,
)

Problems = dict[str, list[str]]


def problems(content: Mapping[str, Any]) -> Problems:
    """List what is wrong with a template's content, by field."""
    found: Problems = {}
    if not content["prompt"].strip():
        found["prompt"] = [_("The prompt is empty. Write what the model should generate.")]
    for field, check, errors in (
        ("variables", variables.check_declarations, variables.VariableError),
        ("parameters", presets.check_parameters, presets.ParameterError),
        ("examples", check_examples, ValueError),
    ):
        try:
            check(content[field])
        except errors as error:
            found[field] = [str(error)]
    if content["output_schema"] != {}:
        try:
            schemas.check(content["output_schema"])
        except schemas.SchemaError as error:
            found["output_schema"] = [str(error)]
    if "output_schema" not in found and (sentences := steps.problems(content)):
        found["steps"] = sentences
    return found | expectation_problems(content)


def expectation_problems(content: Mapping[str, Any]) -> Problems:
    """List what is wrong with what is expected of the records' texts, by field."""
    found: Problems = {}
    schema = content["output_schema"]
    for field, check in (
        ("code_fields", expectations.check_code_fields),
        ("compared_fields", expectations.check_compared_fields),
    ):
        try:
            check(content[field], schema)
        except ValueError as error:
            found[field] = [str(error)]
    if content["expected_language"] not in ("", *expectations.LANGUAGES):
        found["expected_language"] = [_("This language is not known.")]
    return found


def check_examples(examples: Any) -> None:
    """Refuse few-shot examples without an output.

    Errors: ValueError.
    """
    if not isinstance(examples, list) or not all(
        isinstance(example, dict) and example.get("output") for example in examples
    ):
        raise ValueError(_("Examples are a JSON list of objects that have an “output”."))


def undeclared(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Declare, as required texts, the variables that prompts use and nobody declared."""
    names = [remark.name for remark in remarks(content) if remark.code == "undeclared"]
    return [{"name": name, "type": "text", "required": True} for name in names]


def remarks(content: Mapping[str, Any]) -> list[templating.PromptProblem]:
    """Compare the names that prompts use with those that exist; later ones may use fields."""
    texts = "\n".join([content["system_prompt"], *steps.prompts(content)])
    fields = content["output_schema"].get("properties", ()) if content["steps"] else ()
    declared = [row["name"] for row in content["variables"]]
    return templating.problems(texts, declared, columns=fields)


def task_problems(
    declared: list[dict[str, Any]],
    values: Any,
    parameters: Any,
    columns: list[str] | None = None,
) -> Problems:
    """List what is wrong with a task's values and parameters, by field.

    Columns are those of the source that fills variables, if there is one.
    """
    found: Problems = {}
    try:
        source_prompts.resolve(declared, values, columns)
    except variables.VariableError as error:
        found["values"] = [str(error)]
    try:
        presets.check_parameters(parameters)
    except presets.ParameterError as error:
        found["parameters"] = [str(error)]
    return found
