from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from synthesis.engine import leases
from synthesis.models import Record, Run, SynthesisTask, Worker
from tests import factories
from tests.conftest import ROOT
from tests.stub_vendor import StubVendor

NO_WORKER = "No worker is running. Start one with “make worker”, or use --serve."


def run_task(*words):
    output, errors = io.StringIO(), io.StringIO()
    call_command("run_task", *words, stdout=output, stderr=errors)
    return output.getvalue().splitlines(), errors.getvalue().strip()


def refused(*words):
    with pytest.raises(CommandError) as caught:
        run_task(*words)
    return caught.value


@pytest.mark.django_db
class TestStart:
    def test_says_what_was_started_and_that_nobody_works(self):
        factories.task(name="Tea", target_count=7)
        assert run_task("Tea") == (["Run Tea #1 started: 7 records."], NO_WORKER)

    def test_says_nothing_of_workers_when_one_runs(self):
        factories.task(name="Tea")
        leases.register(Worker.Role.SUPERVISOR)
        assert run_task("Tea")[1] == ""

    def test_finds_the_task_by_its_number(self):
        task = factories.task()
        run_task(str(task.pk))
        assert Run.objects.get().task == task

    def test_starts_a_new_run_of_a_task_that_ended(self):
        factories.run(factories.task(name="Tea"), status="completed")
        assert run_task("Tea")[0] == ["Run Tea #2 started: 10 records."]

    def test_sets_values_for_this_run_only(self):
        factories.task(name="Tea", values={"topic": "green tea"})
        run_task("Tea", "--set", "topic=black = tea")
        assert Run.objects.get().values == {"topic": "black = tea"}
        assert SynthesisTask.objects.get().values == {"topic": "green tea"}

    def test_takes_a_source_for_this_run_only(self):
        source = factories.source({"topic": "tea"}, {"topic": "rice"}, name="Crops")
        factories.task(name="Tea")
        assert run_task("Tea", "--source", "Crops", "--records-per-item", "3") == (
            ["Run Tea #1 started: 6 records."],
            NO_WORKER,
        )
        run, task = Run.objects.get(), SynthesisTask.objects.get()
        assert (run.source, run.records_per_item) == (source, 3)
        assert (task.source, task.records_per_item, task.target_count) == (None, None, 10)

    def test_warns_of_a_source_that_the_prompt_does_not_show(self):
        factories.source({"crop": "tea"}, name="Crops")
        factories.task(name="Tea")
        _lines, words = run_task("Tea", "--source", "Crops")
        assert words.startswith("The prompt uses no variable of the source")


@pytest.mark.django_db
class TestRefusal:
    def test_of_a_number_of_records_that_cannot_be(self):
        factories.source({"topic": "tea"}, name="Crops")
        factories.task(name="Tea")
        error = refused("Tea", "--source", "Crops", "--records-per-item", "0")
        assert str(error) == "records per item: Ensure this value is greater than or equal to 1."
        assert error.returncode == 2

    def test_of_an_unknown_source(self):
        factories.task(name="Tea")
        error = refused("Tea", "--source", "Crops")
        assert str(error) == "There is no source with the name or number “Crops”."

    def test_of_an_unknown_task(self):
        error = refused("Coffee")
        assert str(error) == "There is no synthesis task with the name or number “Coffee”."
        assert error.returncode == 2

    def test_of_a_value_without_a_name(self):
        factories.task(name="Tea")
        error = refused("Tea", "--set", "green")
        assert str(error) == "“green” is not of the form NAME=VALUE."
        assert error.returncode == 2

    def test_of_a_variable_that_the_template_lacks(self):
        factories.task(name="Tea")
        error = refused("Tea", "--set", "colour=green")
        assert str(error) == "variable values: The template has no variable colour."
        assert error.returncode == 2
        assert not Run.objects.exists()

    def test_of_a_task_that_still_runs(self):
        factories.run(factories.task(name="Tea"))
        error = refused("Tea")
        assert str(error) == "The task is still running. Cancel it, or wait until it ends."
        assert error.returncode == 1


@pytest.mark.django_db
class TestWait:
    @pytest.fixture
    def ends_as(self, monkeypatch):
        """Let a run end by itself as soon as the command looks at it again."""
        factories.task(name="Tea")

        def set_end(**fields):
            monkeypatch.setattr(time, "sleep", lambda _seconds: Run.objects.update(**fields))

        return set_end

    def test_ends_well_when_the_run_completes(self, ends_as):
        ends_as(status="completed", accepted=10)
        assert run_task("Tea", "--wait")[0][-1] == "Run Tea #1 is completed: 10 of 10 records."

    def test_follows_a_run_that_is_at_work_already(self, ends_as):
        factories.run(SynthesisTask.objects.get(), status="running", accepted=4)
        ends_as(status="completed", accepted=10)
        assert run_task("Tea", "--wait")[0] == [
            "Run Tea #1 is at work already: 4 of 10 records.",
            "Run Tea #1 is completed: 10 of 10 records.",
        ]

    def test_starts_again_what_is_not_at_work(self, ends_as):
        factories.run(SynthesisTask.objects.get(), status="completed")
        ends_as(status="completed", accepted=10)
        assert run_task("Tea", "--wait")[0][0] == "Run Tea #2 started: 10 records."

    def test_refuses_new_values_for_a_run_that_is_at_work(self):
        factories.run(factories.task(name="Tea"))
        error = refused("Tea", "--wait", "--set", "topic=coffee")
        assert str(error) == "The task is still running. Cancel it, or wait until it ends."

    def test_fails_with_the_reason_when_the_run_fails(self, ends_as):
        ends_as(status="failed", accepted=3, reason_code="authentication")
        error = refused("Tea", "--wait")
        assert str(error) == (
            "Run Tea #1 has 3 of 10 records: failed. The vendor did not accept the API key. "
            "Enter a valid key at the provider, then resume."
        )
        assert error.returncode == 1

    @pytest.mark.parametrize("status", ["stalled", "cancelled", "paused"])
    def test_fails_when_the_run_stops_short(self, ends_as, status):
        ends_as(status=status, accepted=3)
        assert str(refused("Tea", "--wait")) == f"Run Tea #1 has 3 of 10 records: {status}."

    def test_gives_up_after_the_timeout(self):
        factories.task(name="Tea")
        error = refused("Tea", "--timeout", "0.1")
        assert str(error) == "The time is over; run Tea #1 goes on with 0 of 10 records."
        assert error.returncode == 1


def terminal(monkeypatch):
    """Make the standard error a terminal that remembers what was written."""
    written = io.StringIO()
    written.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", written)
    return written


@pytest.mark.django_db(transaction=True)
class TestServe:
    def test_does_the_work_in_this_process(self, stub_vendor):
        model = factories.language_model(stub_vendor.openai_url)
        factories.task(model, name="Tea", target_count=25)
        assert run_task("Tea", "--serve")[0] == [
            "Run Tea #1 started: 25 records.",
            "Run Tea #1 is completed: 25 of 25 records.",
        ]
        assert Record.objects.accepted().count() == 25
        assert not Worker.objects.exists()

    def test_tells_why_the_work_failed(self):
        with StubVendor(key="another") as server:
            factories.task(factories.language_model(server.openai_url), name="Tea")
            assert "The vendor did not accept the API key." in str(refused("Tea", "--serve"))

    def test_leaves_the_work_to_a_worker_that_runs(self, stub_vendor):
        factories.task(factories.language_model(stub_vendor.openai_url), name="Tea")
        leases.register(Worker.Role.SUPERVISOR)
        refused("Tea", "--serve", "--timeout", "0.6")
        assert stub_vendor.stats.requests == 0

    def test_starts_the_bar_where_the_run_is(self, stub_vendor, monkeypatch):
        shown = terminal(monkeypatch)
        model = factories.language_model(stub_vendor.openai_url)
        run = factories.run(factories.task(model, name="Tea", target_count=25))
        factories.records(20, of_run=run)
        run_task("Tea", "--serve")
        assert "20/25" in shown.getvalue().partition("25/25")[0]

    def test_moves_the_bar_with_each_write(self, stub_vendor, monkeypatch):
        shown = terminal(monkeypatch)
        model = factories.language_model(stub_vendor.openai_url)
        factories.task(model, name="Tea", target_count=25)
        run_task("Tea", "--serve")
        assert "25/25" in shown.getvalue()


def test_ctrl_c_ends_the_wait_and_not_the_run(database_url):
    task = factories.task(name="Tea")
    connection.close()
    with subprocess.Popen(
        [sys.executable, ROOT / "manage.py", "run_task", "Tea", "--wait"],
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "Run Tea #1 started: 10 records.\n"
        threading.Timer(1, process.send_signal, [signal.SIGINT]).start()
        _output, errors = process.communicate(timeout=60)
    assert errors.endswith("Stopped waiting. The run goes on as soon as a worker runs.\n")
    assert process.returncode == 130
    assert Run.objects.get(task=task).is_active
