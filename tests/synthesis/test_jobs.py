"""Wake-up calls reach a host where a worker lives, and are never what a run depends on."""

from __future__ import annotations

import datetime
import socket

import pytest
from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ
from redis.exceptions import ConnectionError as RedisAwayError

from synthesis import jobs
from synthesis.engine import leases
from synthesis.models import Worker
from tests import factories

pytestmark = pytest.mark.django_db
HERE = socket.gethostname()


def supervisor_at(host: str, *, seconds_ago: float = 0) -> None:
    worker = leases.register("supervisor")
    then = timezone.now() - datetime.timedelta(seconds=seconds_ago)
    Worker.objects.filter(pk=worker.pk).update(host=host, heartbeat_at=then)


def called() -> list[str]:
    return list(OrmQ.objects.values_list("key", flat=True))


def test_names_the_queue_that_the_cluster_of_this_host_reads():
    assert jobs.queue_of(HERE) == settings.Q_CLUSTER["cluster_name"]


def test_calls_the_worker_of_this_host(django_capture_on_commit_callbacks):
    supervisor_at(HERE, seconds_ago=5)
    supervisor_at("elsewhere")
    with django_capture_on_commit_callbacks(execute=True):
        factories.run()
    assert called() == [f"datamate-{HERE}"[:100]]


def test_calls_the_liveliest_worker_where_none_is_here():
    supervisor_at("far", seconds_ago=5)
    supervisor_at("near", seconds_ago=1)
    jobs.call_a_worker(jobs.enqueue_runner)
    assert called() == ["datamate-near"]


def test_calls_nobody_where_no_worker_lives():
    supervisor_at("gone", seconds_ago=60)
    jobs.call_a_worker(jobs.enqueue_runner)
    assert called() == []


def test_keeps_the_name_of_a_queue_within_its_column():
    assert len(jobs.queue_of("h" * 255)) == OrmQ._meta.get_field("key").max_length


def test_counts_the_jobs_of_this_host_alone():
    for host in (HERE, "elsewhere"):
        jobs.enqueue_runner(host)
    assert jobs.waiting_count() == 1


class AwayBroker:
    list_key = ""

    def enqueue(self, _task: str) -> None:
        raise RedisAwayError("Connection refused.")

    def queue_size(self) -> int:
        raise RedisAwayError("Connection refused.")


def test_starts_a_run_while_the_queue_is_away(
    monkeypatch, caplog, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("django_q.tasks.get_broker", lambda _name: AwayBroker())
    supervisor_at(HERE)
    with django_capture_on_commit_callbacks(execute=True):
        run = factories.run()
    assert run.is_active
    assert "The queue is away; workers look for work by themselves" in caplog.text


def test_does_not_know_what_waits_while_the_queue_is_away(monkeypatch, caplog):
    monkeypatch.setattr(jobs, "get_broker", AwayBroker)
    assert jobs.waiting_count() is None
    assert "The queue is away; trying again" in caplog.text
