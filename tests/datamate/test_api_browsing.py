from __future__ import annotations

import re

import pytest
from django.test import Client

from datamate.api.urls import router
from tests import api, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PREFIXES = [prefix for prefix, _viewset, _basename in router.registry]
HTML = "text/html"


def browser(*verbs, language="en"):
    client = Client(headers={"Accept": HTML, "Accept-Language": language})
    client.force_login(api.user(*verbs))
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_lists_are_pages(prefix, language):
    factories.records(2, of_run=factories.run())
    response = browser(*api.VERBS, language=language).get(f"/api/v1/{prefix}/")
    assert response.status_code == 200
    assert response["Content-Type"].startswith(HTML)
    assert response["Content-Language"] == language


def test_rows_are_pages():
    run = factories.run()
    for prefix, pk in (("tasks", run.task_id), ("runs", run.pk), ("datasets", run.dataset_id)):
        html = browser("view").get(f"/api/v1/{prefix}/{pk}/").content.decode()
        assert "Django REST framework" in html


def test_content_of_records_is_escaped():
    [record] = factories.records(1)
    record.content = {"question": "<script>alert(1)</script>", "answer": "a"}
    record.save()
    html = browser(*api.VERBS).get(f"/api/v1/records/{record.pk}/").content.decode()
    assert "<script>alert" not in html


def test_filters_list_no_rows():
    task = factories.task(name="a task that a list would name")
    html = browser("view").get("/api/v1/runs/").content.decode()
    assert task.name not in html


def test_pages_load_from_this_server_only():
    html = browser("view").get("/api/v1/tasks/").content.decode()
    addresses = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', html)
    assert addresses
    assert [address for address in addresses if "//" in address] == []


def test_root_lists_every_resource():
    client = api.client()
    assert list(client.get("/api/v1/").json()) == PREFIXES


def test_options_describe_what_can_be_written():
    described = api.editor().options("/api/v1/providers/").json()
    assert described["actions"]["POST"]["vendor"]["type"] == "choice"
