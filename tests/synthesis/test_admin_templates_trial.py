from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from providers.clients.types import Reply, Usage
from providers.models import LanguageModel
from synthesis import trial
from synthesis.models import Call, PromptTemplate, Record, TemplateVersion
from tests import factories
from tests.stub_vendor import StubVendor

pytestmark = pytest.mark.django_db


def page(template: PromptTemplate) -> str:
    return reverse("admin:synthesis_prompttemplate_try_it", args=[template.pk])


def tried(client: Client, model: LanguageModel, count: int = 2, **fields: Any) -> Any:
    template = fields.pop("template", None) or factories.template()
    given = {"count": count, "language_model": model.pk, "values-topic": "tea", **fields}
    return client.post(page(template), given)


def reply(text: str, finish_reason: str = "stop") -> Reply:
    usage = Usage(prompt_tokens=1, completion_tokens=1)
    return Reply(text=text, finish_reason=finish_reason, model="m", usage=usage)


def test_nothing_is_called_before_the_button(admin_client: Client, stub_vendor: StubVendor) -> None:
    factories.language_model(stub_vendor.openai_url)
    response = admin_client.get(page(factories.template()))
    assert response.context["trial"] is None
    assert stub_vendor.stats.requests == 0


def test_says_that_the_ledger_does_not_count_it(admin_client: Client) -> None:
    html = admin_client.get(page(factories.template())).content.decode()
    assert "nothing is stored, and the dashboard does not count it." in html


def test_shows_records_tokens_cost_and_latency(
    admin_client: Client, stub_vendor: StubVendor
) -> None:
    model = factories.language_model(stub_vendor.openai_url, input_price=1, output_price=2)
    response = tried(admin_client, model)
    result = response.context["trial"]
    usage = result.reply.usage
    assert [record.problem for record in result.records] == ["", ""]
    assert result.cost == model.cost(usage.prompt_tokens, usage.completion_tokens)
    assert result.latency_seconds > 0
    html = response.content.decode()
    assert f"<dd>{usage.prompt_tokens}</dd>" in html
    assert f"<dd>{result.cost:.6f} USD</dd>" in html
    assert html.count("Fits the schema.") == 2
    assert "Raw answer" in html
    assert "Write 2 questions and answers about tea." in html
    assert stub_vendor.stats.requests == 1


def test_stores_nothing(admin_client: Client, stub_vendor: StubVendor) -> None:
    tried(admin_client, factories.language_model(stub_vendor.openai_url))
    assert not Record.objects.exists()
    assert not Call.objects.exists()


def test_a_price_that_is_not_known_is_said(admin_client: Client, stub_vendor: StubVendor) -> None:
    html = tried(admin_client, factories.language_model(stub_vendor.openai_url)).content.decode()
    assert "not known" in html


def test_a_failure_is_shown_with_advice(admin_client: Client) -> None:
    response = tried(admin_client, factories.language_model())
    html = response.content.decode()
    assert "The address cannot be reached." in html
    assert "What was sent" in html
    assert "sk-test" not in html


def test_a_wrong_key_is_said(admin_client: Client) -> None:
    with StubVendor(key="another") as vendor:
        html = tried(admin_client, factories.language_model(vendor.openai_url)).content.decode()
    assert "The vendor did not accept the API key." in html
    assert "sk-test" not in html


def test_records_that_break_the_schema_are_marked(admin_client: Client) -> None:
    with StubVendor(p_malformed=1) as vendor:
        response = tried(admin_client, factories.language_model(vendor.openai_url))
    assert all(record.problem for record in response.context["trial"].records)
    assert "Fits the schema." not in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"count": 6}, "count", "Ensure this value is less than or equal to 5."),
        ({"count": 0}, "count", "Ensure this value is greater than or equal to 1."),
        (
            {"values-topic": "x" * 100_001},
            "values",
            "Some variables need another value.",
        ),
    ],
)
def test_a_mistake_costs_no_call(
    admin_client: Client,
    stub_vendor: StubVendor,
    fields: dict[str, Any],
    field: str,
    sentence: str,
) -> None:
    response = tried(admin_client, factories.language_model(stub_vendor.openai_url), **fields)
    assert response.context["form"].errors[field] == [sentence]
    assert stub_vendor.stats.requests == 0


def test_a_prompt_that_explodes_costs_no_call(
    admin_client: Client, stub_vendor: StubVendor
) -> None:
    model = factories.language_model(stub_vendor.openai_url)
    template = factories.template(prompt="{topic}" * 20)
    response = tried(admin_client, model, template=template, **{"values-topic": "x" * 90_000})
    [sentence] = response.context["form"].non_field_errors()
    assert sentence.startswith("The prompt grows beyond 1000000 characters.")
    assert stub_vendor.stats.requests == 0


def test_a_disabled_model_cannot_be_chosen(admin_client: Client) -> None:
    response = tried(admin_client, factories.language_model(is_enabled=False))
    assert list(response.context["form"].errors) == ["language_model"]


def test_the_templates_model_is_chosen_first(admin_client: Client) -> None:
    factories.language_model(is_default=True)
    model = factories.language_model(name="its own")
    response = admin_client.get(page(factories.template(language_model=model)))
    assert response.context["form"].initial["language_model"] == model


def test_the_models_words_stay_text(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, stub_vendor: StubVendor
) -> None:
    hostile = '[{"question": "<script>alert(1)</script>", "answer": "<img src=x>"}]'
    monkeypatch.setattr(trial, "read_reply", lambda _family, _body: reply(hostile))
    html = tried(admin_client, factories.language_model(stub_vendor.openai_url)).content.decode()
    assert "<script>alert(1)</script>" not in html
    assert "<img src=x>" not in html
    assert "&lt;img src=x&gt;" in html


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[{"question": "a", "answer": "b"}]', ""),
        ('[{"question": "a"}]', "$ lacks answer."),
        ("Sorry, I cannot.", "The model refused to answer."),
        ("", "The reply holds no record."),
    ],
)
def test_reads_a_reply_as_a_run_would(text: str, problem: str) -> None:
    [record] = trial.read(reply(text), TemplateVersion(output_schema=factories.QA_SCHEMA))
    assert record.problem == problem


def test_says_that_an_answer_was_cut_off() -> None:
    version = TemplateVersion(output_schema=factories.QA_SCHEMA)
    [record] = trial.read(reply('[{"question": "a', "length"), version)
    assert record.problem


def test_two_trials_draw_differently(stub_vendor: StubVendor) -> None:
    model = factories.language_model(stub_vendor.openai_url)
    results = [trial.run(factories.template(), {}, model, 1) for _time in range(2)]
    assert len({result.prepared.request.seed for result in results}) == 2


class TestSource:
    """The first item of a source in place of typed values."""

    def test_its_first_item_is_sent(self, admin_client: Client, stub_vendor: StubVendor) -> None:
        source = factories.source({"question": "Why?"}, {"question": "How?"})
        template = factories.template(prompt="Rewrite {question} as {topic}", variables=[])
        model = factories.language_model(stub_vendor.openai_url)
        page = tried(admin_client, model, template=template, source=source.pk)
        sent = page.context["trial"].prepared.messages[-1].content
        assert sent.startswith("Rewrite Why? as tea")

    def test_what_it_lacks_or_that_it_is_empty_is_said_before_any_call(
        self, admin_client: Client, stub_vendor: StubVendor
    ) -> None:
        source = factories.source(columns=["answer"], name="Nothing")
        template = factories.template(prompt="Rewrite {question} as {topic}", variables=[])
        model = factories.language_model(stub_vendor.openai_url)
        page = tried(admin_client, model, template=template, source=source.pk)
        text = page.content.decode()
        assert "The source “Nothing” holds nothing to generate from. Load it first." in text
        assert "no column of this name. It has {answer}, {text}." in text
        assert (page.context["trial"], stub_vendor.stats.requests) == (None, 0)

    def test_the_inputs_that_it_leaves_open_follow_it(self, admin_client: Client) -> None:
        source = factories.source("Tea is green.")
        template = factories.template(prompt="Ask about {text} as {topic}", variables=[])
        url = reverse("admin:synthesis_prompttemplate_variables", args=[template.pk])
        text = admin_client.post(url, {"source": source.pk, "values-topic": "me"}).content.decode()
        assert 'name="values-topic"' in text
        assert 'name="values-text"' not in text
        assert "Give a value" not in text
        assert "Filled by the source:" in text

    def test_where_there_is_none_none_is_offered(self, admin_client: Client) -> None:
        assert "source" not in admin_client.get(page(factories.template())).context["form"].fields
