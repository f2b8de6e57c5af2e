"""What is sent to a model: the prompt in full, and only what the model takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.models import LanguageModel, Provider
from synthesis.engine import prompting
from synthesis.models import TemplateVersion
from synthesis.templating import MissingVariableError
from tests.factories import QA_SCHEMA

VALUES = {"topic": "tea", "count": 3, "seed": 42}


def content(**fields: Any) -> TemplateVersion:
    return TemplateVersion(**{"prompt": "About {topic}", "output_schema": QA_SCHEMA, **fields})


def model(*capabilities: str, **fields: Any) -> LanguageModel:
    provider = Provider(name="Stub", vendor="compatible", base_url="http://127.0.0.1:9/v1")
    return LanguageModel(name="m", provider=provider, capabilities=list(capabilities), **fields)


def test_sends_the_schema_where_the_model_takes_one():
    request = prompting.build_request(content(), VALUES, model("json_schema"), {})
    assert request.messages[-1].content == "About tea"
    items = request.json_schema["properties"]["items"]
    assert (items["minItems"], items["maxItems"]) == (3, 3)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [("About {topic}", "Reply with a JSON array of exactly 3"), ("关于 {topic}", "恰好包含 3 个")],
)
def test_says_it_in_the_prompts_language_where_it_takes_none(prompt, words):
    request = prompting.build_request(content(prompt=prompt), VALUES, model(), {})
    assert request.json_schema is None
    assert words in request.messages[-1].content
    assert request.messages[-1].content.startswith(prompt.replace("{topic}", "tea") + "\n\n")


def test_adds_nothing_to_a_prompt_without_a_schema():
    request = prompting.build_request(content(output_schema={}), VALUES, model("json_schema"), {})
    assert [row.content for row in request.messages] == ["About tea"]
    assert request.json_schema is None


@pytest.mark.parametrize(("system", "roles"), [("", 1), (" \n", 1), ("Know {topic}.", 2)])
def test_sends_a_system_prompt_only_where_there_is_one(system, roles):
    request = prompting.build_request(content(system_prompt=system), VALUES, model(), {})
    assert len(request.messages) == roles
    if roles == 2:
        assert (request.messages[0].role, request.messages[0].content) == ("system", "Know tea.")


@pytest.mark.parametrize(("prompt", "asked"), [("Ask.", "Example"), ("出题。", "示例")])
def test_asks_for_an_example_in_the_language_of_the_prompt(prompt, asked):
    shots = content(prompt=prompt, examples=[{"output": {"question": "?", "answer": "!"}}])
    assert prompting.build_request(shots, VALUES, model(), {}).messages[0].content == asked


@pytest.mark.parametrize(("capability", "wrapped"), [("json_schema", True), ("seed", False)])
def test_shows_examples_in_the_form_of_the_reply(capability, wrapped):
    output = {"question": "茶?", "answer": "Yes."}
    shots = content(examples=[{"input": {"topic": "茶"}, "output": output}, {"output": output}])
    turns = prompting.build_request(shots, VALUES, model(capability), {}).messages
    assert [row.role for row in turns] == ["user", "assistant", "user", "assistant", "user"]
    assert (turns[0].content, turns[2].content) == ('{"topic": "茶"}', "Example")
    assert json.loads(turns[1].content) == ({"items": [output]} if wrapped else [output])
    assert "茶" in turns[1].content


@pytest.mark.parametrize(("capabilities", "seed"), [(["seed"], 42), ([], None)])
def test_sends_the_seed_only_where_it_is_taken(capabilities, seed):
    request = prompting.build_request(content(), VALUES, model(*capabilities), {})
    assert request.seed == seed


# 512 and 512 for each record, but never more than the model writes, nor 8,192 by itself
@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(1, None, 1024), (10, None, 5632), (200, None, 8192), (10, 1000, 1000), (200, 65536, 102912)],
)
def test_asks_for_room_for_all_records(count, most, expected):
    sent = prompting.sent_parameters(model(max_output_tokens=most), {}, count)
    assert sent["max_tokens"] == min(expected, most or 8192)


def test_lets_the_run_win_over_the_model_and_the_model_over_the_reckoning():
    own = model("temperature", default_parameters={"max_tokens": 50, "temperature": 0.1})
    sent = prompting.sent_parameters(own, {"temperature": 0.9}, 10)
    assert sent == {"max_tokens": 50, "temperature": 0.9}


def test_leaves_out_what_the_model_does_not_take():
    sent = prompting.sent_parameters(model(), {"temperature": 0.9, "top_p": 0.5}, 1)
    assert sent == {"max_tokens": 1024}


@pytest.mark.parametrize("field", ["prompt", "system_prompt"])
def test_names_a_variable_without_a_value(field):
    with pytest.raises(MissingVariableError) as caught:
        prompting.build_request(content(**{field: "{style}"}), VALUES, model(), {})
    assert str(caught.value) == "Give a value for each of these variables: style."


def test_does_not_look_for_variables_in_the_schema_or_the_examples():
    schema = {"type": "object", "properties": {"{topic}": {"type": "string"}}}
    output = {"{topic}": "{count}"}
    shots = content(output_schema=schema, examples=[{"input": "{topic}", "output": output}])
    turns = prompting.build_request(shots, VALUES, model(), {}).messages
    assert turns[0].content == "{topic}"
    assert json.loads(turns[1].content) == [output]
    assert '"{topic}"' in turns[-1].content
