"""Records that wait for a judge: exactly the target passes it, whatever happens to the judge."""

from __future__ import annotations

import pytest

from providers.models import LanguageModel
from synthesis.engine import works, writer
from synthesis.models import Record, Run
from tests import factories, toy_judge
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import counts, serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def judge(monkeypatch):
    """A judge at a vendor of its own, which passes seven records in ten."""
    monkeypatch.setitem(works.WORKS, "judge", None)
    toy_judge.connect()
    with StubVendor(p_pass=0.7) as server:
        factories.language_model(server.openai_url, name=toy_judge.NAME, capabilities=[])
        yield server
    toy_judge.disconnect()


@pytest.fixture
def no_pauses(monkeypatch):
    monkeypatch.setattr(writer, "pause_seconds", lambda *_args: 0)


def started(server: StubVendor, **fields: object) -> Run:
    model = factories.language_model(server.openai_url)
    return factories.task(model, **{"target_count": 60, "max_attempts": 1, **fields}).start()


def assert_counted(run: Run) -> None:
    """Its counters, and those of its batches, are what a query finds."""
    found = counts(run)
    assert {name: getattr(run, name) for name in Run.COUNTERS} == found
    rows = run.batches.values(*Run.COUNTERS)
    assert {name: sum(row[name] for row in rows) for name in Run.COUNTERS} == found


def test_delivers_exactly_what_the_judge_has_passed(stub_vendor, judge):
    run = serve_until_ended(started(stub_vendor, target_count=300, batch_size=10))
    assert (run.status, run.accepted, run.pending) == (Run.Status.COMPLETED, 300, 0)
    judged = Record.objects.accepted().filter(run=run, findings__0__code="judged")
    assert judged.count() == 300 <= judge.stats.passed
    assert run.rejected > 60
    assert_counted(run)


def test_pauses_when_the_judges_key_is_refused_and_goes_on_with_a_good_one(stub_vendor, judge):
    judge.set(key="sk-good-0123456789")
    run = serve_until_ended(started(stub_vendor))
    assert (run.status, run.accepted, run.reason_code) == ("paused", 0, "judge:authentication")
    assert run.reason == (
        "Paused because of the judge: The vendor did not accept the API key. Enter a valid key at"
        " the provider, then resume."
    )
    assert run.reason_detail.startswith("Provider") and "Incorrect API key" in run.reason_detail
    provider = LanguageModel.objects.get(name=toy_judge.NAME).provider
    provider.set_key("sk-good-0123456789")
    provider.save()
    run.resume()
    run = serve_until_ended(run)
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 60)
    assert_counted(run)


@pytest.mark.usefixtures("no_pauses")
def test_waits_for_a_judge_that_is_down_for_a_while(stub_vendor, judge):
    judge.set(first_fail=12)
    run = serve_until_ended(started(stub_vendor))
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 60)
    assert run.call_counts()["failed"] == 12
    assert not run.batches.failed().exists()


@pytest.mark.usefixtures("no_pauses")
def test_pauses_when_the_judge_never_gives_a_verdict(stub_vendor, judge):
    judge.set(p_broken=1)
    run = serve_until_ended(started(stub_vendor))
    assert (run.status, run.accepted, run.reason_code) == ("paused", 0, "judge_failing")
    assert run.reason.startswith("Paused, for the latest judgements all failed, the last one with:")
    assert "The judge gave no verdict." in run.reason
    failed = run.batches.failed()
    assert set(failed.values_list("kind", "error_code")) == {("judge", "reply_malformed")}
    unjudged = Record.objects.filter(findings__0__code="unjudged", status="pending")
    assert unjudged.count() == sum(failed.values_list("requested", flat=True))
    judge.set(p_broken=0)
    assert run.retry_failed() >= 5
    run = serve_until_ended(run)
    assert (run.status, run.accepted, run.pending) == (Run.Status.COMPLETED, 60, 0)
    assert_counted(run)


def test_stalls_when_the_judge_rejects_nearly_everything(stub_vendor, judge, settings):
    settings.DATAMATE_STALL_WINDOW_BATCHES = 5
    judge.set(p_pass=0)
    run = serve_until_ended(started(stub_vendor))
    assert (run.status, run.accepted, run.reason_code) == ("stalled", 0, "low_judgement")
    assert run.reason.startswith("Hardly any record passed its judge lately: of ")
    assert_counted(run)
