from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from providers.models import LanguageModel
from synthesis.models import Run
from tests import factories
from tests.synthesis.test_admin_tasks_list import viewer
from tests.synthesis.test_admin_tasks_page import call

pytestmark = pytest.mark.django_db

LIST = reverse("admin:synthesis_run_changelist")


@pytest.fixture
def model() -> LanguageModel:
    return factories.language_model(input_price=Decimal(1), output_price=Decimal(1))


@pytest.fixture
def run(model: LanguageModel) -> Run:
    return factories.run(factories.task(model), status="completed", accepted=10)


def page_url(run: Run) -> str:
    return reverse("admin:synthesis_run_change", args=[run.pk])


def test_lists_runs(admin_client: Client, run: Run) -> None:
    run.stop("failed", "authentication")
    page = admin_client.get(LIST).content.decode()
    assert "10/10" in page
    assert run.task.name in page
    assert "completed" in page


def test_lists_with_few_queries(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(8):
        factories.run()
    with django_assert_max_num_queries(8):
        admin_client.get(LIST)


def test_cannot_be_added_changed_or_deleted(admin_client: Client, run: Run) -> None:
    assert admin_client.get(reverse("admin:synthesis_run_add")).status_code == 403
    assert (
        admin_client.post(reverse("admin:synthesis_run_delete", args=[run.pk])).status_code == 403
    )
    assert "delete_selected" not in admin_client.get(LIST).content.decode()
    assert Run.objects.exists()


def test_pages_through_batches_and_calls(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    for _call in range(30):
        call(run, model, "stored", cost=Decimal("0.001"))
    first = admin_client.get(page_url(run))
    assert len(first.context["batches"]) == len(first.context["calls_page"]) == 25
    second = admin_client.get(f"{page_url(run)}?batches=2&calls=2")
    assert [batch.index for batch in second.context["batches"]] == [26, 27, 28, 29, 30]
    assert 'href="?batches=1&amp;calls=2"' in second.content.decode()


def test_filters_batches_and_calls_by_state(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    call(run, model, "stored")
    failed = call(run, model, "failed", error_code="timeout")
    query = "?call_state=failed&batch_state=failed"
    context = admin_client.get(page_url(run) + query).context
    assert list(context["calls_page"]) == [failed]
    assert list(context["batches"]) == []


def test_needs_few_queries_whatever_the_calls(
    admin_client: Client,
    run: Run,
    model: LanguageModel,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _call in range(20):
        call(run, model, "failed", error_code="timeout")
    with django_assert_max_num_queries(14):
        admin_client.get(page_url(run))


def test_shows_a_response_as_escaped_text(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    made = call(run, model, "stored", response=b'{"text":"<script>alert(1)</script>"}')
    url = reverse("admin:synthesis_run_call", args=[run.pk, made.pk])
    page = admin_client.get(url).content.decode()
    assert "<script>alert(1)" not in page
    assert "&quot;text&quot;: &quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot;" in page


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        (None, "No response was stored."),
        (b"\xff\xfe not JSON", "\ufffd\ufffd not JSON"),
        (b"[" * 100_000, "[[["),
    ],
)
def test_shows_any_response(
    admin_client: Client, run: Run, model: LanguageModel, response: bytes | None, shown: str
) -> None:
    made = call(run, model, "failed", response=response, error_code="timeout")
    url = reverse("admin:synthesis_run_call", args=[run.pk, made.pk])
    assert shown in admin_client.get(url).content.decode()


def test_does_not_show_another_runs_call(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    made = call(factories.run(factories.task(model)), model, "stored")
    url = reverse("admin:synthesis_run_call", args=[run.pk, made.pk])
    assert admin_client.get(url).status_code == 404


def test_shows_nothing_without_permission(run: Run, model: LanguageModel) -> None:
    client = viewer()
    made = call(run, model, "stored")
    assert client.get(page_url(run)).status_code == 403
    url = reverse("admin:synthesis_run_call", args=[run.pk, made.pk])
    assert client.get(url).status_code == 403


@pytest.mark.parametrize("pk", ["999", "x"])
def test_does_not_know_other_runs(admin_client: Client, pk: str) -> None:
    assert admin_client.get(reverse("admin:synthesis_run_change", args=[pk])).status_code == 404
