"""What cannot heal stops the run at once, with the reason."""

from __future__ import annotations

import pytest
from django.utils import translation

from synthesis.engine import settlement
from synthesis.models import Run
from tests import factories
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    with StubVendor() as vendor:
        yield vendor


@pytest.fixture
def no_patience(monkeypatch):
    """Take the first failures for an outage that lasts."""
    monkeypatch.setattr(settlement, "BLIP_SECONDS", 0)


def started(address: str, **fields: object) -> Run:
    model = factories.language_model(address)
    return factories.task(model, target_count=500, concurrency=4, **fields).start()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (
            401,
            {"error": {"message": "Incorrect API key", "code": "invalid_api_key"}},
            "authentication",
        ),
        (
            404,
            {"error": {"message": "No such model", "code": "model_not_found"}},
            "model_not_found",
        ),
        (429, {"error": {"message": "No credit", "code": "insufficient_quota"}}, "quota_exhausted"),
        (402, {"error": {"message": "Insufficient balance"}}, "quota_exhausted"),
        (400, {"error": {"message": "Bad temperature"}}, "invalid_request"),
    ],
)
def test_stops_at_once_with_the_vendors_words(server, status, body, code):
    server.fail_with(status, body)
    run = serve_until_ended(started(server.openai_url))
    assert (run.status, run.reason_code) == (Run.Status.FAILED, code)
    assert body["error"]["message"] in run.reason_detail
    assert server.stats.requests <= 5
    assert run.reason


@pytest.mark.usefixtures("no_patience")
def test_stops_soon_when_the_address_is_unreachable():
    run = serve_until_ended(started("http://127.0.0.1:9/v1"))
    assert (run.status, run.reason_code) == (Run.Status.FAILED, "unreachable")
    assert run.calls.count() <= 20


def test_refuses_an_address_that_is_not_allowed(settings):
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []
    run = serve_until_ended(started("http://127.0.0.1:9/v1"))
    assert (run.status, run.reason_code) == (Run.Status.FAILED, "blocked_address")


@pytest.mark.usefixtures("no_patience")
def test_stops_when_every_call_fails_from_the_start(server):
    server.fail_with(500, {"error": {"message": "Internal"}})
    run = serve_until_ended(started(server.openai_url, max_attempts=1))
    assert (run.status, run.reason_code) == (Run.Status.FAILED, "unavailable")
    assert server.stats.requests <= 20


def test_goes_on_after_an_outage(server):
    server.set(first_fail=14)
    run = started(server.openai_url, max_attempts=10, batch_size=2)
    Run.objects.filter(pk=run.pk).update(target_count=40, concurrency=16)
    run = serve_until_ended(run)
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 40)
    assert run.call_counts()["failed"] == 14


def test_goes_on_after_the_cause_is_mended(server):
    server.fail_with(401, {"error": {"message": "Incorrect API key"}})
    run = serve_until_ended(started(server.openai_url))
    server.heal()
    run.resume()
    run = serve_until_ended(run)
    assert (run.status, run.accepted, run.reason) == (Run.Status.COMPLETED, 500, "")


def test_says_it_in_chinese(server):
    server.fail_with(401, {"error": {"message": "Incorrect API key"}})
    run = serve_until_ended(started(server.openai_url))
    english = run.reason
    with translation.override("zh-hans"):
        assert run.reason != english
