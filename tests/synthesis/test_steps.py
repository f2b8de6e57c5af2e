from __future__ import annotations

import random
from typing import Any

import pytest

from synthesis import steps
from synthesis.content_rules import problems
from synthesis.models import PromptTemplate, TemplateVersion
from tests.factories import QA_SCHEMA

ANSWER = {"prompt": "Answer {question}", "fields": ["answer"]}
THREE = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"$ref": "#/$defs/b"}, "c": {}},
    "required": ["a", "c"],
    "minProperties": 3,
    "additionalProperties": False,
    "$defs": {"b": {"type": "integer"}},
}


def content(*later: Any, **fields: Any) -> TemplateVersion:
    return TemplateVersion(
        **{
            "prompt": "Ask {count} about {topic}",
            "output_schema": QA_SCHEMA,
            "variables": [{"name": "topic", "type": "text"}],
            "steps": list(later),
            **fields,
        }
    )


def three_steps() -> TemplateVersion:
    later = [{"prompt": "{a}", "fields": ["b"]}, {"prompt": "{b}", "fields": ["c"]}]
    return content(*later, output_schema=THREE)


def sentences(*later: Any, **fields: Any) -> list[str]:
    return problems(content(*later, **fields).content()).get("steps", [])


def test_the_first_step_fills_what_no_later_one_does():
    assert steps.fields(QA_SCHEMA, [ANSWER]) == [["question"], ["answer"]]
    assert steps.fields(QA_SCHEMA, []) == [["question", "answer"]]


def test_a_template_of_one_step_is_its_own_part():
    version = content()
    assert steps.part(version, 0) is version


# b is not required by the schema, but the third prompt uses it; a rule across fields waits
def test_a_parts_schema_has_its_fields_and_demands_what_later_prompts_use():
    version = three_steps()
    assert [steps.part(version, step).output_schema["required"] for step in range(3)] == [
        ["a"],
        ["b"],
        ["c"],
    ]
    assert steps.part(version, 1).output_schema == {
        "type": "object",
        "properties": {"b": {"$ref": "#/$defs/b"}},
        "required": ["b"],
        "$defs": {"b": {"type": "integer"}},
        "additionalProperties": False,
    }


def test_a_part_has_its_own_prompt_and_the_one_system_prompt():
    version = content(ANSWER, system_prompt="Be brief.")
    assert [steps.part(version, step).prompt for step in (0, 1)] == [
        "Ask {count} about {topic}",
        "Answer {question}",
    ]
    assert {steps.part(version, step).system_prompt for step in (0, 1)} == {"Be brief."}


def test_examples_are_cut_down_to_what_a_step_sees_and_fills():
    example = {"input": "tea", "output": {"question": "Why?", "answer": "So."}}
    version = content(ANSWER, examples=[example])
    assert [steps.part(version, step).examples for step in (0, 1)] == [
        [{"input": "tea", "output": {"question": "Why?"}}],
        [{"input": '{"question": "Why?"}', "output": {"answer": "So."}}],
    ]


def test_an_example_without_a_steps_fields_is_left_out_of_it():
    version = content(ANSWER, examples=[{"output": {"question": "Why?"}}])
    assert steps.part(version, 1).examples == []


@pytest.mark.parametrize("output", ["answer: So.", ["answer"]])
def test_an_example_that_is_no_object_is_shown_by_no_step(output):
    version = content(ANSWER, examples=[{"output": output}])
    assert [steps.part(version, step).examples for step in (0, 1)] == [[], []]


def test_a_record_is_put_together_in_the_order_of_the_schema():
    version = content(
        {"prompt": "Ask about {answer}", "fields": ["question"]}, output_schema=QA_SCHEMA
    )
    merged = steps.merged(version, 1, {"answer": "So.", "topic": "tea"}, {"question": "Why?"})
    assert list(merged.items()) == [("question", "Why?"), ("answer", "So.")]


def test_what_a_step_may_leave_out_stays_out():
    assert steps.merged(three_steps(), 1, {"a": "x"}, {}) == {"a": "x"}


def drawn(seed: int) -> TemplateVersion:
    """A template of several steps over a shuffled schema, drawn from a seed."""
    rng = random.Random(seed)  # noqa: S311  reproducible, not secret
    names = [f"f{number}" for number in range(rng.randint(2, 12))]
    properties = {name: {"type": "integer"} for name in rng.sample(names, len(names))}
    taken, later = names[1:], []
    for _step in range(rng.randint(1, 4)):
        own, taken = taken[: (cut := rng.randint(1, 3))], taken[cut:]
        if own:
            later.append({"prompt": "Go on.", "fields": own})
    required = rng.sample(names, rng.randint(0, len(names)))
    schema = {"type": "object", "properties": properties, "required": required}
    return content(*later, output_schema=schema)


@pytest.mark.parametrize("seed", range(8))
def test_every_field_is_filled_by_exactly_one_step(seed):
    version = drawn(seed)
    named = [name for own in steps.fields(version.output_schema, version.steps) for name in own]
    assert sorted(named) == sorted(version.output_schema["properties"])


@pytest.mark.parametrize("seed", range(8))
def test_the_parts_together_demand_what_the_schema_does(seed):
    version = drawn(seed)
    parts = [steps.part(version, step).output_schema for step in range(len(version.steps) + 1)]
    demanded = [name for part in parts for name in part["required"]]
    assert sorted(demanded) == sorted(version.output_schema["required"])
    assert all(set(part["required"]) <= set(part["properties"]) for part in parts)


@pytest.mark.parametrize("seed", range(8))
def test_what_the_steps_fill_one_after_the_other_is_a_whole_record(seed):
    version = drawn(seed)
    values: dict[str, Any] = {"topic": "tea", "seed": 1}
    for step, own in enumerate(steps.fields(version.output_schema, version.steps)):
        assert steps.filled(version, step, values).keys().isdisjoint(own)
        whole = steps.merged(version, step, values, dict.fromkeys(own, step))
        values |= whole
    assert list(whole) == list(version.output_schema["properties"])


def test_a_step_changes_no_field_of_another():
    draft = {"a": "other", "b": 2, "c": "early", "more": 1}
    assert steps.merged(three_steps(), 1, {"a": "x"}, draft) == {"a": "x", "b": 2}


def test_what_is_filled_is_no_variable_and_no_field_of_a_later_step():
    values = {"topic": "tea", "a": "x", "b": 2, "c": 3}
    assert [steps.filled(three_steps(), step, values) for step in range(3)] == [
        {},
        {"a": "x"},
        {"a": "x", "b": 2},
    ]


def test_a_part_knows_the_fields_of_all_steps_before_it():
    assert [steps.part(three_steps(), step).earlier for step in range(3)] == [[], ["a"], ["a", "b"]]


def test_an_example_of_a_third_step_has_both_earlier_fields_as_its_input():
    version = three_steps()
    version.examples = [{"input": "tea", "output": {"b": 1, "a": "x", "c": "茶"}}]
    assert steps.part(version, 2).examples == [
        {"input": '{"a": "x", "b": 1}', "output": {"c": "茶"}}
    ]


def test_a_preview_shows_fields_by_their_names():
    shown = [values for _part, values in steps.shown(three_steps(), {"count": 5, "topic": "tea"})]
    assert shown == [
        {"count": 5, "topic": "tea"},
        {"count": 1, "topic": "tea", "a": "{a}"},
        {"count": 1, "topic": "tea", "a": "{a}", "b": "{b}"},
    ]


def test_a_missing_schema_is_read_from_the_examples_of_all_prompts():
    given = content(
        {"prompt": 'Answer {question}: {"answer": "x"}', "fields": ["answer"]},
        prompt='Ask: {"question": "x"}',
        output_schema={},
    )
    schema = steps.schema_of(given.content())
    assert list(schema["properties"]) == schema["required"]
    assert set(schema["required"]) == {"question", "answer"}


def test_sound_steps_have_no_problem():
    assert sentences(ANSWER) == []
    assert problems(three_steps().content()).get("steps") is None


@pytest.mark.parametrize(
    "later",
    [
        {},
        [1],
        [{"prompt": "x"}],
        [{"prompt": 1, "fields": ["answer"]}],
        [{"prompt": "x", "fields": "answer"}],
        [{"prompt": "x", "fields": [{}]}],
        [{**ANSWER, "more": 1}],
        [ANSWER] * 5,
    ],
)
def test_refuses_what_is_no_list_of_steps(later):
    assert sentences(steps=later) == [
        "Later steps are a JSON list of at most 4 objects: prompt and fields."
    ]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({"prompt": " ", "fields": ["answer"]}, "Step 2 has no prompt."),
        ({"prompt": "x", "fields": []}, "Step 2 fills no field; name fields of the output schema."),
        (
            {"prompt": "x", "fields": ["score"]},
            "Step 2: the output schema has no field called score.",
        ),
        (
            {"prompt": "x", "fields": ["answer", "answer"]},
            "answer is filled twice; one step fills a field.",
        ),
        (
            {"prompt": "x", "fields": ["question", "answer"]},
            "The first prompt fills no field; leave it one that no later step fills.",
        ),
        (
            {"prompt": "Mend {answer}", "fields": ["answer"]},
            "Step 2 uses {answer}, which no step before it fills.",
        ),
    ],
)
def test_says_what_is_wrong_with_a_step(later, expected):
    assert sentences(later) == [expected]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"prompt": "Ask {answer}"}, "Step 1 uses {answer}, which no step before it fills."),
        (
            {"system_prompt": "Know {question}"},
            "The system prompt goes with every step; it cannot use {question}.",
        ),
        (
            {"variables": [{"name": "question", "type": "text"}]},
            "question is a variable and a field; give one of them another name.",
        ),
        (
            {"output_schema": {}},
            "Later steps need an output schema that names the fields of a record.",
        ),
    ],
)
def test_says_what_steps_ask_of_the_rest(fields, expected):
    assert sentences(ANSWER, **fields) == [expected]


def test_a_variable_whose_name_is_no_text_is_refused_by_the_variables_alone():
    version = content(ANSWER, variables=[{"name": ["question"], "type": "text"}])
    assert list(problems(version.content())) == ["variables"]


def test_a_field_named_like_a_built_in_is_refused():
    schema = {"type": "object", "properties": {"seed": {}, "answer": {}}}
    assert sentences({"prompt": "x", "fields": ["answer"]}, output_schema=schema) == [
        "seed is a variable and a field; give one of them another name."
    ]


def test_a_broken_schema_is_said_once():
    found = problems(content(ANSWER, output_schema={"type": "array"}).content())
    assert set(found) == {"output_schema"}


def test_later_prompts_declare_variables_but_no_fields():
    template = PromptTemplate(
        prompt="Ask {count}",
        output_schema=QA_SCHEMA,
        steps=[{"prompt": "Answer {question} in {tone}", "fields": ["answer"]}],
    )
    template.complete()
    assert [row["name"] for row in template.variables] == ["tone"]
