from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from providers.models import LanguageModel
from synthesis.admin.template_preview import estimated_tokens
from synthesis.engine import prompting
from synthesis.models import PromptTemplate
from tests import factories, guide
from tests.synthesis.test_admin_templates import staff

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PREVIEW = reverse("admin:synthesis_prompttemplate_preview")
HOSTILE = "<script>alert(1)</script>"


def shown(client: Client, **fields: Any) -> str:
    given = {"variables": "[]", "output_schema": "", "examples": "", **fields}
    response = client.post(PREVIEW, given)
    assert response.status_code == 200
    return response.content.decode()


def sent(page: str) -> list[tuple[str, str]]:
    """Read the messages of a preview as role and text."""
    found = re.findall(r'<pre class="dm-pre" data-role="(\w+)">(.*?)</pre>', page, re.DOTALL)
    return [(role, html.unescape(text)) for role, text in found]


def built(template: PromptTemplate, model: LanguageModel, **values: Any) -> list[tuple[str, str]]:
    request = prompting.build_request(template, {"seed": 1, **values}, model, {})
    return [(message.role, message.content) for message in request.messages]


@pytest.mark.parametrize("capabilities", [["json_schema"], ["json_object"]])
@pytest.mark.parametrize(
    ("prompt", "values"),
    [
        (guide.FIRST, {"topic": "医疗健康", "difficulty": "中等", "count": 3}),
        (guide.SECOND, {"subject": "数学", "grade": "高一", "count": 3}),
    ],
)
def test_shows_the_guides_prompts_as_they_are_sent(
    admin_client: Client, prompt: str, values: dict[str, Any], capabilities: list[str]
) -> None:
    model = factories.language_model(capabilities=capabilities, is_default=True)
    template = factories.template(prompt=prompt, variables=[], output_schema={})
    given = {f"preview-{name}": value for name, value in values.items() if name != "count"}
    page = shown(admin_client, prompt=prompt, **given)
    assert sent(page) == built(template, model, **values)
    assert "{" + "count}" not in page


def test_shows_system_prompt_and_examples_too(admin_client: Client) -> None:
    model = factories.language_model(is_default=True)
    content = {
        "system_prompt": "You know {topic}.",
        "examples": [{"input": "Ask", "output": {"question": "问", "answer": "答"}}],
    }
    template = factories.template(**content)
    page = shown(
        admin_client,
        prompt=template.prompt,
        system_prompt=template.system_prompt,
        examples=json.dumps(template.examples),
        variables=json.dumps(template.variables),
        output_schema=json.dumps(template.output_schema),
        preview_count="2",
    )
    assert sent(page) == built(template, model, topic="tea", count=2)
    assert [role for role, _text in sent(page)] == ["system", "user", "assistant", "user"]


def test_works_before_a_model_is_connected(admin_client: Client) -> None:
    LanguageModel.objects.all().delete()
    page = shown(admin_client, prompt="Write about {topic}", **{"preview-topic": "tea"})
    assert sent(page) == [("user", "Write about tea")]
    assert "No model is connected yet." in page


def test_draws_by_the_chosen_model(admin_client: Client) -> None:
    model = factories.language_model(name="chosen", max_output_tokens=77)
    page = shown(admin_client, prompt="Hi", language_model=model.pk)
    assert f"For {model}." in page
    assert "max_tokens = 77" in page


def test_says_which_parameters_the_model_does_not_take(admin_client: Client) -> None:
    factories.language_model(is_default=True, capabilities=["temperature"])
    page = shown(admin_client, prompt="Hi", temperature="0.5", top_p="0.9")
    assert "temperature = 0.5" in page
    assert "This model does not take top_p; it is not sent." in page


def test_a_value_that_is_missing_stays_its_variable(admin_client: Client) -> None:
    page = shown(admin_client, prompt="Write about {topic}.")
    assert sent(page) == [("user", "Write about {topic}.")]
    assert "Give a value for topic." in page


def test_right_values_are_used_beside_wrong_ones(admin_client: Client) -> None:
    declared = [{"name": "size", "type": "integer"}, {"name": "topic", "type": "text"}]
    page = shown(
        admin_client,
        prompt="{size} {topic}",
        variables=json.dumps(declared),
        **{"preview-size": "many", "preview-topic": "tea"},
    )
    assert sent(page) == [("user", "{size} tea")]
    assert "size must be a whole number." in page


@pytest.mark.parametrize(
    ("prompt", "declared", "remark"),
    [
        ("{topic}", [], "{topic} is new; saving declares it as a required text."),
        ("Hi", [{"name": "topic", "type": "text"}], "topic is declared, but no prompt uses it."),
        (
            "{topic} and { topic }",
            [{"name": "topic", "type": "text"}],
            "{ topic } with spaces stays plain text; write {topic}.",
        ),
    ],
)
def test_remarks_on_variables(
    admin_client: Client, prompt: str, declared: list[Any], remark: str
) -> None:
    assert remark in shown(admin_client, prompt=prompt, variables=json.dumps(declared))


def test_shows_the_schema_that_the_example_implies(admin_client: Client) -> None:
    page = html.unescape(shown(admin_client, prompt=guide.FIRST))
    assert '"question": {\n      "type": "string"' in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"variables": "no"}, "Variables: Enter a valid JSON."),
        ({"variables": '["x"]'}, "Variables: Each variable is a JSON object with a name"),
        ({"output_schema": "{"}, "Output schema: Enter a valid JSON."),
        ({"examples": "[1]"}, "Few-shot examples: Examples are a JSON list of objects"),
        ({"temperature": "9"}, "Temperature: temperature must be a number from 0 to 2."),
    ],
)
def test_a_broken_field_is_named_and_the_rest_shown(
    admin_client: Client, fields: dict[str, str], sentence: str
) -> None:
    page = shown(admin_client, prompt="Hi", **fields)
    assert sentence in page
    assert sent(page) == [("user", "Hi")]


def test_an_empty_form_is_no_error(admin_client: Client) -> None:
    assert admin_client.post(PREVIEW, {}).status_code == 200


def test_a_prompt_that_explodes_is_refused_in_words(admin_client: Client) -> None:
    given = {"preview-topic": "x" * 90_000}
    page = shown(admin_client, prompt="{topic}" * 20, **given)
    assert "The prompt grows beyond 1000000 characters." in page


@pytest.mark.parametrize("count", ["0", "9999", "x", "", "²"])
def test_a_strange_count_is_brought_into_range(admin_client: Client, count: str) -> None:
    page = shown(admin_client, prompt="{count}", preview_count=count)
    assert sent(page)[0][1] in {"1", "200", "3"}


def test_inputs_are_sent_only_when_the_variables_change(admin_client: Client) -> None:
    first = admin_client.post(PREVIEW, {"prompt": "{topic}", "variables": "[]"})
    assert 'name="preview-topic"' in first.content.decode()
    again = {"prompt": "Now {topic}", "variables": "[]", "preview_names": first.context["names"]}
    assert 'name="preview-topic"' not in shown(admin_client, **again)
    again["prompt"] = "{topic} {tone}"
    assert 'name="preview-tone"' in shown(admin_client, **again)


def test_the_source_text_gets_an_input(admin_client: Client) -> None:
    page = shown(admin_client, prompt="Sum up: {text}", **{"preview-text": "A chapter."})
    assert sent(page) == [("user", "Sum up: A chapter.")]
    assert page.count('name="preview-text"') == 1


class TestSource:
    """The first item of a source in place of typed values."""

    def test_its_first_item_fills_the_prompt(self, admin_client: Client) -> None:
        source = factories.source("Tea is green. {seed}", "Rice grows.")
        given = {"preview_source": source.pk, "preview-tone": "a child", "preview-text": "mine"}
        page = shown(admin_client, prompt="Ask about {text} as {tone}", **given)
        assert sent(page) == [("user", "Ask about Tea is green. {seed} as a child")]
        assert "Filled by the source:" in page
        assert 'name="preview-text"' not in page

    def test_a_column_that_it_lacks_is_named_beside_those_that_it_has(
        self, admin_client: Client
    ) -> None:
        source = factories.source({"answer": "Green."})
        page = shown(admin_client, prompt="Rewrite {question}", preview_source=source.pk)
        assert "no column of this name. It has {answer}, {text}." in page
        assert sent(page) == [("user", "Rewrite {question}")]

    def test_of_an_empty_one_it_says_so(self, admin_client: Client) -> None:
        source = factories.source(name="Nothing", columns=["text"])
        page = shown(admin_client, prompt="Sum up: {text}", preview_source=source.pk)
        assert "The source “Nothing” holds nothing to generate from. Load it first." in page
        assert 'name="preview-text"' in page

    @pytest.mark.parametrize(("codenames", "is_read"), [((), False), (("view_source",), True)])
    def test_only_who_may_read_sources_sees_them(
        self, codenames: tuple[str, ...], is_read: bool
    ) -> None:
        source = factories.source("Tea is green.", name="Crops")
        client, template = staff("view_prompttemplate", *codenames), factories.template()
        page = shown(client, prompt="Sum up: {text}", preview_source=source.pk)
        assert ("Tea is green." in page) is is_read
        url = reverse("admin:synthesis_prompttemplate_change", args=[template.pk])
        assert ("Crops" in client.get(url).content.decode()) is is_read


def test_hostile_texts_stay_text(admin_client: Client) -> None:
    declared = [{"name": "topic", "type": "text", "default": HOSTILE, "description": HOSTILE}]
    page = shown(
        admin_client,
        prompt=f"{HOSTILE} {{topic}}",
        system_prompt=HOSTILE,
        variables=json.dumps(declared),
    )
    assert HOSTILE not in page
    assert sent(page)[1] == ("user", f"{HOSTILE} {HOSTILE}")


def test_saves_nothing(admin_client: Client) -> None:
    before = PromptTemplate.objects.count()
    shown(admin_client, prompt="Hi", name="Quiz", type="qa")
    assert PromptTemplate.objects.count() == before


def test_asks_for_permission_and_a_post(admin_client: Client) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.post(PREVIEW, {}).status_code == 403
    assert admin_client.get(PREVIEW).status_code == 405


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("word word", 3),  # 9 characters / 4, rounded up
        ("生成问答对", 5),
        ("生成 QA", 3),  # 2 wide, and 3 characters / 4 rounded up
    ],
)
def test_estimates_tokens(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens
