from __future__ import annotations

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from datamate.checks import check_fingerprints, check_private_hosts, check_queue_times
from quality import fingerprints


def found(settings: Settings, limits: tuple[int, int, int, int]) -> list[str]:
    slice_seconds, call_seconds, timeout, retry = limits
    settings.DATAMATE_SLICE_SECONDS = slice_seconds
    settings.DATAMATE_CALL_DEADLINE_SECONDS = call_seconds
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "timeout": timeout, "retry": retry}
    return [str(message.id) for message in check_queue_times()]


@pytest.mark.parametrize("limits", [(30, 300, 360, 720), (30, 300, 331, 332), (1, 1, 3, 4)])
def test_times_in_order_pass(limits: tuple[int, int, int, int], settings: Settings) -> None:
    assert found(settings, limits) == []


@pytest.mark.parametrize(
    "limits",
    [
        (30, 300, 330, 720),  # killed at the very moment of its last call: 30 + 300 = 330
        (30, 300, 100, 720),  # killed in the middle
        (30, 300, 360, 360),  # launched twice as it is killed
        (30, 300, 360, 200),  # launched twice while it runs
        (300, 300, 360, 720),  # a longer slice than the queue was told of: 600 > 360
    ],
)
def test_times_under_which_a_job_would_run_twice_are_refused(
    limits: tuple[int, int, int, int], settings: Settings
) -> None:
    assert found(settings, limits) == ["datamate.E001"]


def test_the_mistake_is_told_with_its_cure(settings: Settings) -> None:
    settings.DATAMATE_SLICE_SECONDS = 10_000
    [error] = check_queue_times()
    assert error.msg == "A runner job may outlive the queue's timeout or retry."
    assert error.hint == "Keep slice + call deadline < timeout < retry in Q_CLUSTER."
    assert error.is_serious()


def test_the_check_runs_with_all_others(settings: Settings) -> None:
    assert "datamate.E001" not in {message.id for message in run_checks()}
    settings.DATAMATE_SLICE_SECONDS = 10_000
    assert "datamate.E001" in {message.id for message in run_checks()}


# Private hosts


@pytest.mark.parametrize(
    "entry",
    ["ollama.internal", "localhost", "my_host", "10.0.0.5", "10.0.0.0/8", "10.1.2.3/8", "::1",
     "fd00::/8", "模型.内网"],
)  # fmt: skip
def test_hosts_addresses_and_networks_pass(entry: str, settings: Settings) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = [entry]
    assert check_private_hosts() == []


@pytest.mark.parametrize(
    "entry",
    ["http://ollama.internal", "ollama.internal:11434", "10.0.0.5:8000", "10.0.0.0/33", "[::1]",
     "ollama.internal/v1", "a host", "user@host"],
)  # fmt: skip
def test_an_entry_that_no_host_equals_is_told_with_its_cure(entry: str, settings: Settings) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = ["localhost", entry]
    [error] = check_private_hosts()
    assert (error.id, error.is_serious()) == ("datamate.E002", True)
    assert error.msg == (
        f"DATAMATE_ALLOWED_PRIVATE_HOSTS has {entry!r}, which is no host, address or network."
    )
    assert error.hint == (
        "Write it without scheme, port and path: ollama.internal, 10.0.0.5, 10.0.0.0/8."
    )


def test_fingerprints_are_those_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_fingerprints() == []
    monkeypatch.setattr(fingerprints, "simhash_of", lambda _text: 0)
    [error] = check_fingerprints()
    assert error.msg == "Fingerprints of records are not what the simhash package makes of them."
    assert error.id == "datamate.E003"
