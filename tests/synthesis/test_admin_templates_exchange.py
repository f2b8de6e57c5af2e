from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from providers.admin.exchange import IndentedJSON
from synthesis.admin.exchange import TemplateResource
from synthesis.models import PromptTemplate
from tests import factories, guide

pytestmark = pytest.mark.django_db


def exported(*templates: PromptTemplate) -> str:
    rows = PromptTemplate.objects.filter(pk__in=[template.pk for template in templates])
    return IndentedJSON().export_data(TemplateResource().export(rows))


def imported(text: str) -> Any:
    dataset = IndentedJSON().create_dataset(text)
    return TemplateResource().import_data(dataset, dry_run=False)


def sentences(result: Any) -> list[str]:
    return [text for row in result.invalid_rows for text in row.error.messages]


def with_history() -> PromptTemplate:
    template = factories.template(
        name="问答",
        prompt=guide.SECOND,
        variables=[],
        output_schema={},
        parameters={"temperature": 0.4},
        preset="fast",
        examples=[{"output": {"question": "=1+1", "answer": "二"}}],
    )
    template.prompt = f"{guide.SECOND}\n更难一些。"
    template.language_model = factories.language_model()
    template.save()
    return template


def contents(template: PromptTemplate) -> list[dict[str, Any]]:
    return [version.content() for version in template.versions.order_by("number")]


def test_the_file_is_readable_json_with_chinese_as_it_is() -> None:
    text = exported(with_history())
    [row] = json.loads(text)
    assert "你是一个专业的教育内容创作助手。" in text
    assert [version["number"] for version in row["versions"]] == [1, 2]
    assert row["parameters"] == {"temperature": 0.4}
    assert row["language_model"]["name"] == "stub-model"


def test_a_template_comes_back_with_its_versions() -> None:
    template = with_history()
    text, before = exported(template), contents(template)
    template.delete()
    assert imported(text).totals["new"] == 1
    again = PromptTemplate.objects.get(name="问答")
    assert contents(again) == before
    assert again.content() == before[-1]
    assert exported(again) == text


def test_importing_the_same_again_changes_nothing() -> None:
    template = with_history()
    before = contents(template)
    assert imported(exported(template)).totals["skip"] == 1
    assert contents(template) == before


def test_changed_content_becomes_a_version_of_the_template_here() -> None:
    template = with_history()
    [row] = json.loads(exported(template))
    assert imported(json.dumps([{**row, "prompt": "Another {topic}"}])).totals["update"] == 1
    template.refresh_from_db()
    assert template.prompt == "Another {topic}"
    assert template.latest_version.number == 3


def test_content_newer_than_the_files_versions_is_one_more() -> None:
    [row] = json.loads(exported(with_history()))
    imported(json.dumps([{**row, "name": "copy", "prompt": "Newest {topic}"}]))
    template = PromptTemplate.objects.get(name="copy")
    assert [version.prompt for version in template.versions.order_by("number")][-1] == (
        "Newest {topic}"
    )
    assert template.latest_version.number == 3


def test_a_file_without_versions_makes_the_first_one() -> None:
    imported('[{"name": "short", "type": "qa", "prompt": "Write about {topic}."}]')
    template = PromptTemplate.objects.get(name="short")
    assert template.latest_version.number == 1
    assert [row["name"] for row in template.variables] == ["topic"]


def test_a_model_that_is_not_here_is_left_empty() -> None:
    template = with_history()
    text = exported(template)
    model = template.language_model
    template.delete()
    model.delete()
    imported(text)
    assert PromptTemplate.objects.get(name="问答").language_model is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"prompt": ""}, "This field cannot be blank."),
        ({"type": "poem"}, "Value 'poem' is not a valid choice."),
        ({"variables": "[broken"}, "“[broken” is not JSON."),
        ({"variables": {"topic": 1}}, "“{'topic': 1}” has the wrong shape."),
        ({"variables": [{"name": "a", "type": "poem"}]}, "The type of a must be one of "),
        ({"parameters": {"temperature": 9}}, "temperature must be a number from 0 to 2."),
        ({"examples": [1]}, "Examples are a JSON list of objects that have an “output”."),
        ({"versions": [1]}, "Each version must be a JSON object."),
        ({"versions": [{"prompt": ""}]}, "Version 1: The prompt is empty."),
        ({"versions": "no"}, "“no” is not JSON."),
    ],
)
def test_a_bad_row_is_refused_in_words(change: dict[str, Any], sentence: str) -> None:
    [row] = json.loads(exported(with_history()))
    result = imported(json.dumps([{**row, "name": "bad", **change}]))
    assert sentences(result)[0].startswith(sentence)
    assert not PromptTemplate.objects.filter(name="bad").exists()


def test_a_file_never_makes_a_starter() -> None:
    imported('[{"name": "s", "type": "qa", "prompt": "Hi", "is_starter": true}]')
    assert not PromptTemplate.objects.get(name="s").is_starter


def test_goes_through_the_pages(admin_client: Client) -> None:
    text = exported(with_history()).replace('"问答"', '"从文件"')
    upload = SimpleUploadedFile("templates.json", text.encode(), "application/json")
    url = reverse("admin:synthesis_prompttemplate_import")
    preview = admin_client.post(url, {"import_file": upload, "format": "0", "resource": ""})
    confirm = {**preview.context["confirm_form"].initial, "resource": ""}
    admin_client.post(reverse("admin:synthesis_prompttemplate_process_import"), confirm)
    assert PromptTemplate.objects.get(name="从文件").versions.count() == 2


def test_hostile_texts_stay_text_in_the_import_preview(admin_client: Client) -> None:
    rows = [{"name": "<script>alert(1)</script>", "type": "qa", "prompt": "<img src=x> {topic}"}]
    upload = SimpleUploadedFile("t.json", json.dumps(rows).encode(), "application/json")
    url = reverse("admin:synthesis_prompttemplate_import")
    html = admin_client.post(
        url, {"import_file": upload, "format": "0", "resource": ""}
    ).content.decode()
    assert "<script>alert(1)</script>" not in html
    assert "<img src=x>" not in html


def test_exports_through_the_pages(admin_client: Client) -> None:
    with_history()
    url = reverse("admin:synthesis_prompttemplate_export")
    response = admin_client.post(url, {"format": "0", "resource": ""})
    assert response.headers["Content-Disposition"].startswith("attachment")
    rows = json.loads(response.content.decode())
    assert any(row["name"] == "问答" and len(row["versions"]) == 2 for row in rows)
