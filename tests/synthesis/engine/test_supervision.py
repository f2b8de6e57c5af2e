"""The supervisor keeps a cluster alive and fed; here the cluster is a plain object."""

from __future__ import annotations

import datetime
import os
import time

import pytest
from django.db import OperationalError
from django.utils import timezone, translation

from synthesis import jobs
from synthesis.engine import leases, supervisor
from synthesis.errors import WorkerRunningError
from synthesis.models import Run, Worker
from synthesis.signals import worker_started
from tests import factories

pytestmark = pytest.mark.django_db


class FakeCluster:
    started: list[FakeCluster]

    def __init__(self) -> None:
        self.words = ""
        self.members: set[int] = set()
        self.living: set[int] = set()
        self.kills = 0
        self.graces: list[float] = []
        FakeCluster.started.append(self)

    def trouble(self) -> str:
        return self.words

    def pids(self) -> set[int]:
        return self.living

    def kill(self) -> None:
        self.kills += 1

    def stop(self, grace_seconds: float) -> None:
        self.graces.append(grace_seconds)


@pytest.fixture
def launched(monkeypatch, settings) -> list[int]:
    """Put a plain object in the cluster's place, and count the jobs launched."""
    settings.DATAMATE_WORKERS = 2
    FakeCluster.started = []
    jobs_launched: list[int] = []
    monkeypatch.setattr(supervisor, "Cluster", FakeCluster)
    monkeypatch.setattr(jobs, "enqueue_runner", lambda: jobs_launched.append(1))
    monkeypatch.setattr(jobs, "waiting_count", lambda: 0)
    return jobs_launched


@pytest.fixture
def chief(launched) -> supervisor.Supervisor:
    chief = supervisor.Supervisor()
    chief.worker = leases.register("supervisor")
    chief.cluster = chief.start_cluster()
    return chief


def test_tells_that_a_worker_starts_before_its_cluster_does(launched, monkeypatch):
    told: list[int] = []

    def listen(**_arguments: object) -> None:
        told.append(len(FakeCluster.started))

    monkeypatch.setattr(supervisor.signal, "signal", lambda *_handler: None)
    monkeypatch.setattr(supervisor.Supervisor, "watch", lambda _self: None)
    worker_started.connect(listen)
    supervisor.Supervisor().run()
    worker_started.disconnect(listen)
    assert (told, len(FakeCluster.started)) == ([0], 1)


def test_launches_a_job_for_each_process_once_there_is_work(chief, launched):
    chief.tick()
    assert launched == []
    factories.run()
    chief.tick()
    assert len(launched) == 2


def test_launches_no_more_while_the_first_are_on_their_way(chief, launched):
    factories.run()
    chief.tick()
    chief.tick()
    assert len(launched) == 2


@pytest.mark.parametrize(("runners", "expected"), [(0, 2), (1, 1), (2, 0), (3, 0)])
def test_launches_what_is_missing(chief, launched, runners, expected):
    factories.run()
    for _runner in range(runners):
        leases.register("runner")
    chief.tick()
    assert len(launched) == expected


@pytest.mark.parametrize("status", ["paused", "completed", "stalled", "failed", "cancelled"])
def test_launches_nothing_for_a_run_that_does_not_go_on(chief, launched, status):
    factories.run(status=status)
    chief.tick()
    assert launched == []


def test_does_not_count_the_runners_of_another_host(chief, launched):
    factories.run()
    leases.register("runner")
    Worker.objects.runners().update(host="elsewhere")
    chief.tick()
    assert len(launched) == 2


def test_starts_a_broken_cluster_anew(chief, caplog):
    chief.cluster.words = "process 7 is gone"
    chief.tick()
    first, second = FakeCluster.started
    assert (first.kills, second.kills) == (1, 0)
    assert chief.cluster is second
    assert "The cluster is started anew: process 7 is gone" in caplog.text


class TestDraining:
    """What a broken cluster's runners have in flight is paid: they may store it first."""

    @pytest.fixture
    def runner(self, chief):
        runner = leases.register("runner")
        chief.cluster.words, chief.cluster.living = "process 7 is gone", {runner.pid}
        return runner

    @pytest.fixture
    def waits(self, chief, runner, monkeypatch) -> list[tuple[bool, int]]:
        """What stood at each wait: whether the runner was asked to end, and kills so far."""
        seen: list[tuple[bool, int]] = []

        def sleep(_seconds: float) -> None:
            row = Worker.objects.get(pk=runner.pk)
            seen.append((row.is_draining, FakeCluster.started[0].kills))
            if len(seen) == 2:
                leases.dismiss(runner.pk)

        monkeypatch.setattr(supervisor.time, "sleep", sleep)
        return seen

    def test_its_runners_end_before_it_is_killed(self, chief, waits):
        chief.tick()
        assert waits == [(True, 0), (True, 0)]
        assert FakeCluster.started[0].kills == 1

    def test_they_get_as_long_as_calls_get_when_a_worker_stops(self, chief, waits, settings):
        settings.DATAMATE_STOP_SECONDS = 0
        chief.tick()
        assert (waits, FakeCluster.started[0].kills) == ([], 1)

    @pytest.mark.parametrize("others", [{"host": "elsewhere"}, {"pid": os.getppid()}])
    def test_others_runners_go_on(self, chief, runner, waits, others):
        Worker.objects.filter(pk=runner.pk).update(**others)
        chief.tick()
        assert waits == []
        assert not Worker.objects.get(pk=runner.pk).is_draining

    def test_who_is_told_to_stop_meanwhile_starts_no_other_cluster(
        self, chief, runner, monkeypatch
    ):
        monkeypatch.setattr(supervisor.time, "sleep", lambda _seconds: chief.ask_to_stop(15, None))
        chief.tick()
        assert (len(FakeCluster.started), FakeCluster.started[0].kills) == (1, 0)

    def test_a_silent_one_is_not_waited_for(self, chief, runner, waits):
        then = timezone.now() - datetime.timedelta(seconds=supervisor.SILENT_SECONDS + 5)
        Worker.objects.filter(pk=runner.pk).update(heartbeat_at=then)
        chief.tick()
        assert (waits, FakeCluster.started[0].kills) == ([], 1)


def test_leaves_a_sound_cluster_alone(chief):
    for _tick in range(3):
        chief.tick()
    assert len(FakeCluster.started) == 1


def test_leaves_the_cluster_alone_while_its_queue_is_away(chief, monkeypatch):
    monkeypatch.setattr(jobs, "waiting_count", lambda: None)
    chief.cluster.words = "process 7 is gone"
    chief.tick()
    assert (len(FakeCluster.started), chief.cluster.kills) == (1, 0)


# a cluster of two runners and one job worker has three processes
@pytest.mark.parametrize(("waiting", "expected"), [(1, 2), (2, 1), (3, 0), (9, 0)])
def test_lets_no_launches_pile_up(chief, launched, monkeypatch, settings, waiting, expected):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 3}
    monkeypatch.setattr(jobs, "waiting_count", lambda: waiting)
    factories.run()
    chief.tick()
    assert len(launched) == expected


def test_launches_nothing_while_the_queue_is_away(chief, launched, monkeypatch):
    monkeypatch.setattr(jobs, "waiting_count", lambda: None)
    factories.run()
    chief.tick()
    assert (launched, chief.woke_at) == ([], None)


def silent_runner(chief: supervisor.Supervisor, **fields: object) -> Worker:
    """A runner of the cluster, begun after it, that has not beaten for too long."""
    runner = leases.register("runner")
    chief.cluster.members = {runner.pid}
    then = timezone.now() - datetime.timedelta(seconds=supervisor.SILENT_SECONDS + 5)
    chief.cluster_since = then
    values = {"started_at": then, "heartbeat_at": then, **fields}
    Worker.objects.filter(pk=runner.pk).update(**values)
    return runner


def test_starts_the_cluster_anew_when_a_runner_falls_silent(chief, caplog):
    runner = silent_runner(chief)
    chief.tick()
    assert len(FakeCluster.started) == 2
    assert f"runner {runner.pid} has been silent for 30 s" in caplog.text


def test_does_not_mind_the_silence_of_another_host(chief):
    silent_runner(chief, host="elsewhere")
    assert chief.silence() == ""


def test_does_not_mind_the_silence_of_a_process_that_is_not_of_the_cluster(chief):
    silent_runner(chief)
    chief.cluster.members = {1}
    assert chief.silence() == ""


def test_does_not_take_a_row_of_an_earlier_boot_for_a_runner_of_the_cluster(chief):
    runner = silent_runner(chief)
    chief.cluster_since = timezone.now()
    chief.cluster.members = {runner.pid}
    assert chief.silence() == ""


def test_does_not_blame_a_runner_for_an_outage_of_the_database(chief, monkeypatch):
    silent_runner(chief)

    def tick() -> None:
        chief.is_stopping = True
        raise OperationalError("The server closed the connection.")

    monkeypatch.setattr(chief, "tick", tick)
    monkeypatch.setattr(supervisor, "TICK_SECONDS", 0)
    monkeypatch.setattr(supervisor.connections, "close_all", lambda: None)
    chief.watch()
    assert chief.silence() == ""
    chief.calm_until = 0.0
    assert chief.silence() != ""


def woken(chief: supervisor.Supervisor, seconds_ago: float) -> None:
    """Let it have called for a runner of the active runs so long ago."""
    chief.woke_at = time.monotonic() - seconds_ago
    chief.waiting_runs = supervisor.active_runs()


def test_calls_a_cluster_wedged_that_brings_no_runner(chief):
    factories.run()
    woken(chief, supervisor.WEDGED_SECONDS + 1)
    assert chief.wedge() == "no runner came within 10 s"


def test_gives_the_cluster_time_to_bring_a_runner(chief):
    factories.run()
    woken(chief, 0)
    assert chief.wedge() == ""
    assert chief.woke_at is not None


def test_waits_twice_as_long_after_each_restart_until_a_runner_comes(chief):
    factories.run()
    seconds = []
    for _restart in range(7):
        woken(chief, 1000)
        seconds.append(chief.wedge().split()[-2])
    assert seconds == ["10", "20", "40", "80", "160", "300", "300"]
    leases.register("runner")
    assert (chief.wedge(), chief.patience_seconds) == ("", supervisor.WEDGED_SECONDS)


def test_does_not_call_a_cluster_wedged_that_brought_a_runner(chief):
    factories.run()
    woken(chief, supervisor.WEDGED_SECONDS + 1)
    leases.register("runner")
    assert chief.wedge() == ""
    assert chief.woke_at is None


def test_counts_the_patience_anew_for_a_run_that_came_later(chief):
    first = factories.run()
    woken(chief, supervisor.WEDGED_SECONDS + 1)
    first.cancel()
    factories.run()
    assert chief.wedge() == ""
    assert chief.woke_at is None


def test_does_not_call_a_cluster_wedged_when_the_work_is_done(chief):
    run = factories.run()
    woken(chief, supervisor.WEDGED_SECONDS + 1)
    run.cancel()
    assert chief.wedge() == ""


def test_takes_back_what_a_dead_runner_held(chief):
    runner = leases.register("runner")
    Worker.objects.filter(pk=runner.pk).update(pid=2**22 + 1)
    chief.tick()
    assert not Worker.objects.filter(pk=runner.pk).exists()


def test_registers_again_after_it_was_declared_dead(chief):
    Worker.objects.all().delete()
    chief.tick()
    assert Worker.objects.supervisors().get() == chief.worker


def test_goes_on_while_the_database_is_away(chief, monkeypatch, caplog):
    seen = []

    def tick() -> None:
        seen.append(1)
        chief.is_stopping = len(seen) == 3
        raise OperationalError("The server closed the connection.")

    monkeypatch.setattr(chief, "tick", tick)
    monkeypatch.setattr(supervisor, "TICK_SECONDS", 0)
    monkeypatch.setattr(supervisor.connections, "close_all", lambda: None)
    chief.watch()
    assert len(seen) == 3
    assert caplog.text.count("The database is away; trying again") == 3


def test_hands_its_calls_back_before_it_ends(chief, settings):
    settings.DATAMATE_STOP_SECONDS = 17
    leases.register("runner")
    chief.stop_cluster()
    assert Worker.objects.runners().get().is_draining
    assert chief.cluster.graces == [17]


def test_kills_the_cluster_at_the_second_signal(chief):
    chief.ask_to_stop(15, None)
    assert (chief.is_stopping, chief.cluster.kills) == (True, 0)
    chief.ask_to_stop(15, None)
    assert chief.cluster.kills == 1


def test_refuses_a_second_supervisor_in_either_language(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with supervisor.only_one():
        with pytest.raises(WorkerRunningError) as caught, supervisor.only_one():
            pytest.fail("Two supervisors held one lock.")
        assert str(caught.value) == (
            f"Another worker already runs on the data directory {tmp_path}. Stop it first."
        )
        with translation.override("zh-hans"):
            assert str(tmp_path) in str(caught.value)
            assert "Another" not in str(caught.value)


def test_frees_the_lock_when_it_ends(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    for _time in range(2):
        with supervisor.only_one():
            assert (tmp_path / "worker.lock").exists()


@pytest.mark.parametrize("text", [None, "", "no number", "999999999"])
def test_finds_no_cluster_left_over(settings, tmp_path, monkeypatch, text):
    killed = []
    monkeypatch.setattr(supervisor, "kill_group", killed.append)
    settings.DATA_DIR = tmp_path
    if text is not None:
        (tmp_path / "cluster.pid").write_text(text)
    supervisor.kill_left_over_cluster()
    assert killed == []


def test_does_not_kill_a_stranger_that_has_the_clusters_number(settings, tmp_path, monkeypatch):
    killed = []
    monkeypatch.setattr(supervisor, "kill_group", killed.append)
    settings.DATA_DIR = tmp_path
    (tmp_path / "cluster.pid").write_text(str(os.getsid(0)))
    supervisor.kill_left_over_cluster()
    assert killed == []


def test_does_not_mind_a_group_that_is_gone():
    assert supervisor.kill_group(2**22 + 1) is None


def test_serves_a_run_that_was_stopped_and_resumed(chief, launched):
    run = factories.run(status=Run.Status.STALLED)
    chief.tick()
    run.resume()
    chief.tick()
    assert len(launched) == 2
