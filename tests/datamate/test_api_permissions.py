"""Every route with every kind of user, read from the router: a new route is tested by itself."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from datamate.api.urls import router
from providers.connection import ConnectionReport
from quality.models import ContentRule, Deduplication, PolicyCheck, QualityPolicy
from synthesis.models import Dataset, DatasetImport, PromptTemplate
from tests import api, factories
from tests.quality.evaluation.datasets import evaluated

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

READING = "get"


def routes():
    """Return (method, address with its row open, action) of all routes."""
    found = []
    for prefix, viewset, _basename in router.registry:
        for route in router.get_routes(viewset):
            methods = router.get_method_map(viewset, route.mapping)
            tail = route.url.replace("{trailing_slash}$", "/").replace("^{prefix}", prefix)
            address = f"/api/v1/{tail.replace('{lookup}', '{pk}')}"
            found += [
                (method, address, action)
                for method, action in methods.items()
                if method in viewset.http_method_names
            ]
    return found


ROUTES = routes()
# Reading and drawing only, and asked for as such.
VIEWERS_COMMANDS = {"preview", "examine"}


@pytest.fixture(scope="module")
def rows(module_db):
    """One row behind every detail route."""
    run = factories.run()
    [record] = factories.records(1, of_run=run)
    batch = run.batches.create(
        index=1, requested=1, seed=1, language_model=run.task.task_models.get().language_model
    )
    return {
        "providers": batch.language_model.provider_id,
        "language-models": batch.language_model_id,
        "templates": PromptTemplate.objects.get().pk,
        "tasks": run.task_id,
        "runs": run.pk,
        "batches": batch.pk,
        "records": record.pk,
        "datasets": run.dataset_id,
        "evaluations": evaluated(run.dataset).pk,
        "deduplications": Deduplication.start(run.dataset).pk,
        "ratio-tasks": factories.ratio_task({"good": 60, "bad": 40}).pk,
        "imports": DatasetImport.objects.create(dataset=run.dataset, name="a.csv").pk,
        "quality-policies": QualityPolicy.objects.create(name="Ours").pk,
        "policy-checks": PolicyCheck.objects.create(
            dataset=run.dataset, version=QualityPolicy.objects.get().latest_version
        ).pk,
        "rubrics": factories.rubric().pk,
        "judgements": factories.judgement(record).pk,
        "content-rules": ContentRule.objects.create(name="Mine", words="fool").pk,
    }


@pytest.fixture(autouse=True)
def no_vendor(monkeypatch):
    report = ConnectionReport(outcome="works", models=[])
    for name in ("check_provider", "check_model"):
        monkeypatch.setattr(f"providers.connection.{name}", lambda _row: report)


def status_of(client, method, address, rows):
    prefix = address.split("/")[3]
    pair = "?first={pk}&second={pk}" if address.endswith("/compare/") else ""
    pair = "?before=accepted&after=rejected" if address.endswith("/samples/") else pair
    return getattr(client, method)((address + pair).format(pk=rows[prefix])).status_code


def test_there_are_as_many_routes_as_expected():
    assert len(ROUTES) > 40
    assert {address.split("/")[3] for _method, address, _action in ROUTES} == {
        prefix for prefix, _viewset, _basename in router.registry
    }


@pytest.mark.parametrize(("method", "address", "action"), ROUTES)
def test_nobody_gets_in(method, address, action, rows):
    assert status_of(APIClient(), method, address, rows) == 401


@pytest.mark.parametrize(("method", "address", "action"), ROUTES)
def test_a_user_without_permissions_may_do_nothing(method, address, action, rows):
    assert status_of(api.client(), method, address, rows) == 403


@pytest.mark.parametrize(("method", "address", "action"), ROUTES)
def test_a_viewer_may_read_only(method, address, action, rows):
    expected = 200 if method == READING or action in VIEWERS_COMMANDS else 403
    assert status_of(api.client("view"), method, address, rows) == expected


@pytest.mark.parametrize(("method", "address", "action"), ROUTES)
def test_an_editor_may_do_all(method, address, action, rows):
    assert status_of(api.editor(), method, address, rows) in {200, 201, 202, 204, 400, 409}


@pytest.mark.parametrize(
    ("verb", "method", "address", "expected"),
    [
        ("add", "post", "/api/v1/tasks/{pk}/start/", 403),
        ("change", "post", "/api/v1/tasks/{pk}/clone/", 403),
        ("change", "post", "/api/v1/tasks/{pk}/pause/", 200),
        ("change", "delete", "/api/v1/datasets/{pk}/", 403),
        ("change", "post", "/api/v1/templates/{pk}/duplicate/", 403),
        ("change", "post", "/api/v1/providers/{pk}/test/", 200),
        ("change", "get", "/api/v1/datasets/{pk}/", 403),
    ],
)
def test_one_permission_does_not_stand_for_another(verb, method, address, expected, rows):
    assert status_of(api.client(verb), method, address, rows) == expected


def test_an_export_needs_the_permission_to_see_records(rows):
    user = api.user("view")
    user.user_permissions.remove(user.user_permissions.get(codename="view_record"))
    client = api.client()
    client.force_authenticate(user)
    assert status_of(client, "get", "/api/v1/datasets/{pk}/export/", rows) == 403


def test_the_root_needs_a_user_only():
    assert APIClient().get("/api/v1/").status_code == 401
    assert api.client().get("/api/v1/").status_code == 200


def test_a_refusal_changes_nothing(rows):
    api.client("view").patch(f"/api/v1/datasets/{rows['datasets']}/", {"name": "taken over"})
    assert not Dataset.objects.filter(name="taken over").exists()
