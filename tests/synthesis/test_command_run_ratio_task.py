from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from synthesis.engine import leases
from synthesis.models import Run, Worker
from tests import factories
from tests.stub_vendor import StubVendor

NO_WORKER = "No worker is running. Start one with “make worker”, or use --serve."


def run_ratio_task(*words):
    output, errors = io.StringIO(), io.StringIO()
    call_command("run_ratio_task", *words, stdout=output, stderr=errors)
    return output.getvalue().splitlines(), errors.getvalue().strip()


def refused(*words):
    with pytest.raises(CommandError) as caught:
        run_ratio_task(*words)
    return str(caught.value), caught.value.returncode


@pytest.fixture
def moods(db):
    return factories.ratio_task({"good": 60, "bad": 40}, name="Moods", total=5)


def test_says_what_was_started_and_that_nobody_works(moods):
    assert run_ratio_task("Moods") == (["Moods started: 5 records."], NO_WORKER)
    assert Run.objects.active().count() == 2


def test_refuses_what_does_not_exist(db):
    expected = "There is no ratio task with the name or number “Tea”."
    assert refused("Tea") == (expected, 2)


def test_refuses_to_start_twice(moods):
    moods.start()
    sentence = "The task is still running. Cancel it, or wait until it ends."
    assert refused("Moods") == (sentence, 1)


def test_follows_what_is_at_work_until_the_time_is_over(moods):
    moods.start()
    Run.objects.filter(category="good").update(accepted=1)
    leases.register(Worker.Role.SUPERVISOR)
    sentence = "The time is over; Moods goes on with 1 of 5 records."
    assert refused("Moods", "--timeout", "0") == (sentence, 1)
    assert Run.objects.count() == 2


@pytest.mark.django_db(transaction=True)
class TestServing:
    def start(self, *servers, **fields):
        models = [factories.language_model(server.openai_url) for server in servers]
        factories.ratio_task({"good": 60, "bad": 40}, *models, name="Moods", **fields)

    def test_ends_well_when_every_category_is_completed(self):
        with StubVendor() as server:
            self.start(server, total=5)
            output, errors = run_ratio_task("Moods", "--serve")
        assert output == [
            "Moods started: 5 records.",
            "good: 3 of 3 records, completed.",
            "bad: 2 of 2 records, completed.",
            "Moods is completed: 5 of 5 records.",
        ]
        assert errors == ""

    def test_fails_when_one_category_could_not_be_completed(self):
        with StubVendor() as good, StubVendor() as bad:
            bad.fail_with(401, {"error": {"message": "Wrong key."}})
            self.start(good, bad, total=5)
            sentence = "Moods has 3 of 5 records: stopped: 1 of 2 categories complete."
            assert refused("Moods", "--serve") == (sentence, 1)
