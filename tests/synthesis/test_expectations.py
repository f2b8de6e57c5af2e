"""What a template expects of texts beside its schema: kept, versioned, carried everywhere."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from providers.admin.exchange import IndentedJSON
from synthesis.admin.exchange import TemplateResource
from synthesis.models import PromptTemplate
from tests import api, factories

pytestmark = pytest.mark.django_db

GIVEN = {
    "expected_language": "zh",
    "code_fields": {"answer": "sql"},
    "compared_fields": ["question"],
}


def expected_of(row) -> dict:
    return {name: getattr(row, name) for name in GIVEN}


def test_a_change_of_expectations_is_a_version() -> None:
    template = factories.template()
    for name, value in GIVEN.items():
        setattr(template, name, value)
    template.full_clean()
    template.save()
    assert template.latest_version.number == 2
    assert expected_of(template.latest_version) == GIVEN


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("expected_language", "xx", "This language is not known."),
        (
            "code_fields",
            {"answer": "perl"},
            'Code fields are a JSON object such as {"query": "sql"}; known are json, python, sql.',
        ),
        (
            "code_fields",
            ["answer"],
            'Code fields are a JSON object such as {"query": "sql"}; known are json, python, sql.',
        ),
        ("code_fields", {"query": "sql"}, "The output schema has no field called query."),
        (
            "compared_fields",
            {"a": 1},
            'Compared fields are a JSON list of names such as ["question"].',
        ),
        (
            "compared_fields",
            [[], 7],
            'Compared fields are a JSON list of names such as ["question"].',
        ),
        ("compared_fields", ["x", "y"], "The output schema has no field called x, y."),
    ],
)
def test_says_what_cannot_be_expected(field: str, value: object, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        factories.template(**{field: value})
    assert refused.value.message_dict[field][-1] == sentence


def test_a_schema_without_properties_may_have_any_field() -> None:
    template = factories.template(output_schema={"type": "object"}, compared_fields=["anything"])
    assert template.compared_fields == ["anything"]


def test_the_api_keeps_expectations() -> None:
    template = factories.template()
    address = f"/api/v1/templates/{template.pk}/"
    answer = api.editor().patch(address, GIVEN)
    assert {name: answer.json()[name] for name in GIVEN} == GIVEN
    refused = api.editor().patch(address, {"code_fields": {"answer": "perl"}})
    assert refused.status_code == 400


def test_a_file_carries_expectations_of_a_template_and_its_versions() -> None:
    template = factories.template(**GIVEN)
    text = IndentedJSON().export_data(TemplateResource().export(PromptTemplate.objects.all()))
    template.delete()
    dataset = IndentedJSON().create_dataset(text)
    assert not TemplateResource().import_data(dataset, dry_run=False).has_errors()
    [again] = PromptTemplate.objects.all()
    assert expected_of(again) == expected_of(again.latest_version) == GIVEN


def test_the_form_keeps_expectations(admin_client: Client) -> None:
    fields = {name: json.dumps(value) for name, value in GIVEN.items()} | {
        "expected_language": "zh",
        "name": "Quiz",
        "type": "qa",
        "prompt": "Write {count} questions.",
        "output_schema": json.dumps(factories.QA_SCHEMA),
        "variables": "[]",
        "examples": "",
    }
    add = reverse("admin:synthesis_prompttemplate_add")
    assert admin_client.post(add, fields).status_code == 302
    assert expected_of(PromptTemplate.objects.get()) == GIVEN
    page = reverse(
        "admin:synthesis_prompttemplate_versions", args=[PromptTemplate.objects.get().pk]
    )
    assert "## Expected language" in admin_client.get(page).content.decode()
