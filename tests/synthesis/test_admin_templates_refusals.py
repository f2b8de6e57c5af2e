"""What the pages of templates refuse: strangers' files, odd addresses and bad rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from synthesis.models import PromptTemplate, TemplateVersion
from tests import factories
from tests.synthesis.test_admin_tasks_list import viewer

pytestmark = pytest.mark.django_db

CHINESE = {"Accept-Language": "zh-hans"}
IMPORT = reverse("admin:synthesis_prompttemplate_import")
PROCESS = reverse("admin:synthesis_prompttemplate_process_import")
EXPORT = reverse("admin:synthesis_prompttemplate_export")
LIST = reverse("admin:synthesis_prompttemplate_changelist")


def upload(client: Client, text: str | bytes, **headers: Any) -> Any:
    raw = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("templates.json", raw, "application/json")
    return client.post(IMPORT, {"import_file": file, "format": "0", "resource": ""}, **headers)


def row_errors(response: Any) -> list[str]:
    return [text for row in response.context["result"].invalid_rows for text in row.error.messages]


# Permissions of files


def test_staff_without_permission_neither_imports_nor_exports() -> None:
    before = PromptTemplate.objects.count()
    client = viewer("view_synthesistask")
    for url in (IMPORT, EXPORT):
        assert client.get(url).status_code == 403
    assert upload(client, '[{"name": "mine", "type": "qa", "prompt": "Hi"}]').status_code == 403
    assert client.post(PROCESS, {"import_file_name": "x"}).status_code == 403
    assert client.post(EXPORT, {"format": "0", "resource": ""}).status_code == 403
    assert PromptTemplate.objects.count() == before


@pytest.mark.parametrize("codename", ["add_prompttemplate", "change_prompttemplate"])
def test_an_import_needs_both_permissions_because_it_does_both(codename: str) -> None:
    client = viewer("view_prompttemplate", codename)
    assert client.get(IMPORT).status_code == 403
    both = ["add_prompttemplate", "change_prompttemplate"]
    user = User.objects.get(username="viewer")
    user.user_permissions.set(Permission.objects.filter(codename__in=both))
    assert client.get(IMPORT).status_code == 200


def test_a_viewer_is_offered_the_export_and_not_the_import() -> None:
    client = viewer("view_prompttemplate")
    html = client.get(LIST).content.decode()
    assert EXPORT in html
    assert IMPORT not in html
    assert client.get(EXPORT).status_code == 200


def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    for url in (IMPORT, EXPORT, PROCESS):
        assert client.get(url).headers["Location"].startswith(reverse("admin:login"))


# Files


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            "{}",
            "The file must hold a JSON list of objects.",
            "文件内容必须是由对象组成的 JSON 列表。",
        ),
        (
            "[1]",
            "The file must hold a JSON list of objects.",
            "文件内容必须是由对象组成的 JSON 列表。",
        ),
        ("[{", "The file is not JSON: ", "JSON"),
        ("[" * 100_000, "The file is not JSON: ", "JSON"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_both_languages(
    admin_client: Client, text: str, english: str, chinese: str
) -> None:
    before = PromptTemplate.objects.count()
    errors = upload(admin_client, text).context["form"].errors["import_file"]
    assert english in errors[0]
    errors = upload(admin_client, text, headers=CHINESE).context["form"].errors["import_file"]
    assert chinese in errors[0]
    assert english not in errors[0]
    assert PromptTemplate.objects.count() == before


def test_a_file_that_is_not_text_is_refused(admin_client: Client) -> None:
    before = PromptTemplate.objects.count()
    response = upload(admin_client, b"\xff\xfe\x00\x00")
    assert response.status_code == 200
    assert response.context["form"].errors["import_file"]
    assert PromptTemplate.objects.count() == before


def test_a_bad_row_beside_a_good_one_lets_nothing_in(admin_client: Client) -> None:
    rows = [
        {"name": "good", "type": "qa", "prompt": "Hi"},
        {"name": "bad", "type": "qa", "prompt": "Hi", "versions": [1]},
    ]
    response = upload(admin_client, json.dumps(rows))
    assert row_errors(response) == ["Each version must be a JSON object."]
    assert "confirm_form" not in response.context
    assert not PromptTemplate.objects.filter(name__in=["good", "bad"]).exists()


def test_a_bad_row_is_refused_in_chinese(admin_client: Client) -> None:
    rows = [{"name": "bad", "type": "qa", "prompt": "Hi", "versions": [1]}]
    response = upload(admin_client, json.dumps(rows), headers=CHINESE)
    assert row_errors(response) == ["每个版本必须是 JSON 对象。"]


def test_the_preview_of_an_import_stores_nothing(admin_client: Client) -> None:
    rows = [{"name": "preview", "type": "qa", "prompt": "Hi"}]
    response = upload(admin_client, json.dumps(rows))
    assert "confirm_form" in response.context
    assert not PromptTemplate.objects.filter(name="preview").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "gone.json"])
def test_a_forged_name_of_a_file_reads_nothing(admin_client: Client, name: str) -> None:
    admin_client.raise_request_exception = False
    given = {"import_file_name": name, "original_file_name": name, "format": "0", "resource": ""}
    response = admin_client.post(PROCESS, given)
    assert "root:" not in response.content.decode()
    assert PromptTemplate.objects.filter(name__startswith="root").count() == 0


# Addresses


@pytest.mark.parametrize("page", ["trial", "create-task", "duplicate"])
@pytest.mark.parametrize("pk", ["999", "x", "9" * 30, "1 OR 1=1"])
def test_a_button_of_what_is_not_there_is_not_found(
    admin_client: Client, page: str, pk: str
) -> None:
    before = PromptTemplate.objects.count()
    response = admin_client.post(f"{LIST}{pk}/{page}/", {"_form_submitted": "1"})
    assert response.status_code == 404
    assert PromptTemplate.objects.count() == before


def test_another_templates_version_is_not_restored(admin_client: Client) -> None:
    long, short = factories.template(), factories.template()
    long.prompt = "Second {topic}"
    long.save()
    url = reverse("admin:synthesis_prompttemplate_restore", args=[short.pk, 2])
    assert admin_client.post(url).status_code == 404
    assert TemplateVersion.objects.filter(template=short).count() == 1
