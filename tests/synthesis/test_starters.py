from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from synthesis import (
    content_rules,
    presets,
    schemas,
    source_prompts,
    source_rules,
    steps,
    templating,
    variables,
)
from synthesis.models import PromptTemplate, Source
from synthesis.parsing import parse_reply
from synthesis.starters import LANGUAGES, load

TYPES = {
    "qa", "dialogue", "summary", "classification", "chain_of_thought", "instruction", "rewrite",
    "preference", "custom",
}  # fmt: skip
FIELDS = {
    "name", "description", "type", "language", "sample", "system_prompt", "prompt", "variables",
    "output_schema", "examples", "preset", "parameters",
}  # fmt: skip
STARTERS = load()
CHINESE = re.compile(r"[\u4e00-\u9fff]")

FROM_SOURCE = [row for row in STARTERS if any(part.get("required") for part in row["variables"])]

every_starter = pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter["name"])


def drawn(starter: dict[str, Any], seed: int) -> dict[str, Any]:
    """Give the values of one batch when the user gives none, and a source what is its own."""
    declared = starter["variables"]
    dice = random.Random(seed)  # noqa: S311
    given = {row["name"]: f"Tea, {seed} cups" for row in declared if row.get("required")}
    values = variables.draw(variables.resolve(declared, given), declared, dice)
    return {**values, "count": 3}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_one_of_each_type_in_each_language(language: str) -> None:
    types = [
        starter["type"]
        for starter in STARTERS
        if starter["language"] == language and not starter["sample"] and starter not in FROM_SOURCE
    ]
    assert sorted(types) == sorted(TYPES)


def test_there_is_exactly_one_sample() -> None:
    [sample] = [starter for starter in STARTERS if starter["sample"]]
    assert sample["name"] == "Sample: question and answer"
    assert sample["language"] == "en"


def test_the_sample_is_short_enough_for_a_tiny_model() -> None:
    [sample] = [starter for starter in STARTERS if starter["sample"]]
    assert len(sample["prompt"]) < 200
    assert sample["parameters"]["max_tokens"] <= 512


def test_names_are_unique() -> None:
    names = [starter["name"] for starter in STARTERS]
    assert len(set(names)) == len(names) == 41


def test_the_folder_is_read_in_a_stable_order() -> None:
    assert load() == STARTERS


@every_starter
def test_has_exactly_the_fields_of_a_template(starter: dict[str, Any]) -> None:
    assert set(starter) - {"steps"} == FIELDS
    assert starter["description"]
    assert len(starter["name"]) <= 100


@every_starter
def test_declares_sound_variables(starter: dict[str, Any]) -> None:
    variables.check_declarations(starter["variables"])
    assert all(declaration["description"] for declaration in starter["variables"])


@every_starter
def test_uses_exactly_the_variables_that_it_declares(starter: dict[str, Any]) -> None:
    assert content_rules.remarks({"steps": [], **starter}) == []


@every_starter
def test_asks_for_the_count(starter: dict[str, Any]) -> None:
    assert "count" in templating.variables(starter["prompt"])


@every_starter
def test_makes_a_prompt_without_any_value_given(starter: dict[str, Any]) -> None:
    prompt = templating.render(starter["prompt"], drawn(starter, 1))
    assert "{" not in prompt


@every_starter
def test_varies_its_prompt_between_batches(starter: dict[str, Any]) -> None:
    prompts = {templating.render(starter["prompt"], drawn(starter, seed)) for seed in range(20)}
    assert len(prompts) >= 8


@every_starter
def test_has_a_schema_that_can_be_satisfied(starter: dict[str, Any]) -> None:
    schemas.check(starter["output_schema"])
    required = starter["output_schema"]["required"]
    assert required == list(starter["output_schema"]["properties"])


@every_starter
def test_explains_every_field_in_its_prompt(starter: dict[str, Any]) -> None:
    for name in starter["output_schema"]["properties"]:
        assert name in "\n".join(steps.prompts({"steps": [], **starter}))


@every_starter
def test_shows_few_examples_that_satisfy_the_schema(starter: dict[str, Any]) -> None:
    judge = schemas.validator(starter["output_schema"])
    assert len(starter["examples"]) <= 2
    for example in starter["examples"]:
        assert set(example) == {"input", "output"}
        assert list(judge.iter_errors(example["output"])) == []


@every_starter
def test_examples_parse_back_as_one_record(starter: dict[str, Any]) -> None:
    for example in starter["examples"]:
        reply = json.dumps(example["output"], ensure_ascii=False)
        [draft] = parse_reply(reply, schema=starter["output_schema"]).drafts
        assert draft.content == example["output"]


@every_starter
def test_takes_a_known_preset_and_sound_parameters(starter: dict[str, Any]) -> None:
    assert starter["preset"] in {"", *presets.PRESETS}
    presets.check_parameters(starter["parameters"])


@every_starter
def test_speaks_the_language_of_its_folder(starter: dict[str, Any]) -> None:
    for name in ("name", "description", "prompt"):
        assert bool(CHINESE.search(starter[name])) is (starter["language"] == "zh")


@every_starter
def test_mentions_every_listed_label_or_leaves_it_to_a_variable(starter: dict[str, Any]) -> None:
    choices = [text for row in starter["variables"] for text in row.get("choices", ())]
    for schema in starter["output_schema"]["properties"].values():
        for value in schema.get("enum", ()):
            assert value in starter["prompt"] or value in choices


def test_as_many_start_from_a_source_in_each_language() -> None:
    schemas_of = {
        language: [row["output_schema"] for row in FROM_SOURCE if row["language"] == language]
        for language in LANGUAGES
    }
    assert schemas_of["en"] == schemas_of["zh"]
    assert len(schemas_of["en"]) == 11


def test_those_ask_a_source_for_columns_that_sources_have() -> None:
    for starter in FROM_SOURCE:
        required = [row["name"] for row in starter["variables"] if row.get("required")]
        assert required in (["text"], ["question", "answer"])


from_source = pytest.mark.parametrize("starter", FROM_SOURCE, ids=lambda starter: starter["name"])


@from_source
def test_of_a_source_shows_the_model_what_it_works_on(starter: dict[str, Any]) -> None:
    content = PromptTemplate(prompt=starter["prompt"], steps=starter.get("steps", []))
    columns = [row["name"] for row in starter["variables"] if row.get("required")]
    assert source_rules.unused(content, Source(columns=columns)) == ""


@from_source
def test_of_a_source_needs_no_value_that_the_source_does_not_give(starter: dict[str, Any]) -> None:
    columns = [row["name"] for row in starter["variables"] if row.get("required")]
    left = source_prompts.resolve(starter["variables"], {}, columns)
    assert not set(left) & set(columns)


@from_source
def test_of_a_source_keeps_hostile_texts_as_they_are(starter: dict[str, Any]) -> None:
    text = "{count} {{text}} </p> 😀\u0301"
    row = {row["name"]: text for row in starter["variables"] if row.get("required")}
    values = {**drawn(starter, 1), **source_prompts.values(list(row), [row])}
    assert templating.render(starter["prompt"], values).count(text) >= 1


@from_source
def test_of_a_source_can_take_several_items_in_one_call(starter: dict[str, Any]) -> None:
    schema = source_prompts.numbered_schema(starter["output_schema"], 2)
    check = schemas.validator(schema)
    outputs = [example["output"] for example in starter["examples"]]
    numbered = [source_prompts.numbered_output(output) for output in outputs]
    assert [list(check.iter_errors(output)) for output in numbered] == [[]] * len(outputs)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("QA pairs", ["question", "answer", "difficulty"]),
        ("Multi-turn dialogues", ["topic", "messages"]),
        ("Instructions", ["instruction", "input", "output"]),
        ("Preference pairs", ["prompt", "chosen", "rejected", "reason"]),
        ("偏好对", ["prompt", "chosen", "rejected", "reason"]),
        ("思维链推理", ["question", "reasoning", "answer"]),
    ],
)
def test_uses_the_field_names_that_training_tools_expect(name: str, fields: list[str]) -> None:
    [starter] = [starter for starter in STARTERS if starter["name"] == name]
    assert starter["output_schema"]["required"] == fields


@pytest.mark.parametrize("name", ["Sentiment classification", "情感分类"])
def test_classification_keeps_to_a_label_that_is_given(name: str) -> None:
    [starter] = [starter for starter in STARTERS if starter["name"] == name]
    label = starter["variables"][0]["choices"][0]
    values = variables.resolve(starter["variables"], {"label": label})
    dice = random.Random(5)  # noqa: S311
    assert variables.draw(values, starter["variables"], dice)["label"] == label


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_in_each_language_asks_in_two_steps(language: str) -> None:
    [starter] = [row for row in STARTERS if row.get("steps") and row["language"] == language]
    assert steps.problems(starter) == []
    assert steps.fields(starter["output_schema"], starter["steps"]) == [
        ["question"],
        ["answer", "evidence"],
    ]
