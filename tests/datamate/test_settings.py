from __future__ import annotations

import os
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from datamate import settings as product

pytestmark = pytest.mark.any_database

Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Read:
    """Read the product's settings anew, with nothing in the environment but what is given."""
    for name in os.environ:
        if name.startswith(("DATAMATE_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATAMATE_DATA_DIR", str(tmp_path))

    def read_with(**variables: str) -> dict[str, Any]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert product.__file__ is not None
        return runpy.run_path(product.__file__)

    return read_with


def test_nothing_needs_to_be_set(read: Read, tmp_path: Path) -> None:
    found = read()
    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "datamate.sqlite3")
    assert (found["LANGUAGE_CODE"], found["TIME_ZONE"]) == ("en", "UTC")
    assert found["DATAMATE_ALLOWED_PRIVATE_HOSTS"] == []


def test_the_data_folder_is_made_with_its_secrets(read: Read, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    found = read(DATAMATE_DATA_DIR=str(folder))
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["encryption_keys", "secret_key", "static"]
    assert found["SECRET_KEY"] == (folder / "secret_key").read_text(encoding="utf-8")
    assert found["DATAMATE_ENCRYPTION_KEYS"] != [found["SECRET_KEY"]]


def test_secrets_stay_the_same_after_a_restart(read: Read) -> None:
    first, second = read(), read()
    for name in ("SECRET_KEY", "DATAMATE_ENCRYPTION_KEYS"):
        assert first[name] == second[name]


@pytest.mark.parametrize("given", ["new,old", "new, old", " new ,old\n"])
def test_encryption_keys_are_separated_by_commas_and_blanks(given: str, read: Read) -> None:
    assert read(DATAMATE_ENCRYPTION_KEYS=given)["DATAMATE_ENCRYPTION_KEYS"] == ["new", "old"]


@pytest.mark.parametrize(
    ("variable", "setting"),
    [("DATAMATE_SECRET_KEY", "SECRET_KEY"), ("DATAMATE_REDIS_URL", "DATAMATE_REDIS_URL")],
)
def test_secrets_are_read_from_mounted_files(
    variable: str, setting: str, read: Read, tmp_path: Path
) -> None:
    (tmp_path / "mounted").write_text("from the file\n", encoding="utf-8")
    assert read(**{f"{variable}_FILE": str(tmp_path / "mounted")})[setting] == "from the file"


def test_the_database_is_read_from_a_mounted_file(read: Read, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://user:secret@host/name\n", encoding="utf-8")
    entry = read(DATABASE_URL_FILE=str(tmp_path / "url"))["DATABASES"]["default"]
    assert (entry["HOST"], entry["NAME"], entry["PASSWORD"]) == ("host", "name", "secret")


# HTTPS


def test_https_makes_every_cookie_and_page_secure(read: Read) -> None:
    found = read(DATAMATE_HTTPS="true")
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    assert [found[name] for name in names] == [True, True, True]
    assert found["SECURE_HSTS_SECONDS"] == 365 * 24 * 60 * 60


def test_without_https_nothing_asks_for_it(read: Read) -> None:
    found = read()
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    assert [found[name] for name in names] == [False, False, False]
    assert found["SECURE_HSTS_SECONDS"] == 0


def test_the_header_of_a_proxy_is_believed_only_when_there_is_one(read: Read) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in read()
    header = read(DATAMATE_BEHIND_PROXY="1")["SECURE_PROXY_SSL_HEADER"]
    assert header == ("HTTP_X_FORWARDED_PROTO", "https")


def test_hosts_and_origins_are_lists(read: Read) -> None:
    found = read(
        DATAMATE_ALLOWED_HOSTS="data.example.com, 10.0.0.5",
        DATAMATE_TRUSTED_ORIGINS="https://data.example.com",
    )
    assert found["ALLOWED_HOSTS"] == ["data.example.com", "10.0.0.5"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://data.example.com"]


# Queue


@pytest.mark.parametrize(
    ("slice_seconds", "call_seconds", "timeout", "retry"),
    [
        # timeout = slice + call + 30, retry = 2 * timeout
        ("30", "300", 360, 720),
        ("1", "1", 32, 64),
        ("60", "600", 690, 1380),
    ],
)
def test_a_job_is_given_up_only_after_it_must_have_ended(
    slice_seconds: str, call_seconds: str, timeout: int, retry: int, read: Read
) -> None:
    queue = read(DATAMATE_SLICE_SECONDS=slice_seconds, DATAMATE_CALL_DEADLINE_SECONDS=call_seconds)[
        "Q_CLUSTER"
    ]
    assert (queue["timeout"], queue["retry"]) == (timeout, retry)


def test_the_queue_lies_in_the_database_unless_redis_is_given(read: Read) -> None:
    queue = read()["Q_CLUSTER"]
    assert queue["orm"] == "default"
    assert "redis" not in queue
    queue = read(DATAMATE_REDIS_URL="redis://127.0.0.1:6379/1")["Q_CLUSTER"]
    assert queue["redis"] == "redis://127.0.0.1:6379/1"
    assert "orm" not in queue


def test_a_job_is_launched_once_by_each_launch(read: Read) -> None:
    queue = read(DATAMATE_WORKERS="8")["Q_CLUSTER"]
    assert (queue["workers"], queue["max_attempts"], queue["queue_limit"]) == (9, 1, 1)


# API and log


@pytest.mark.parametrize(("number", "rate"), [("600", "600/min"), ("1", "1/min"), ("0", None)])
def test_requests_of_a_minute_are_limited_or_not(number: str, rate: str | None, read: Read) -> None:
    rates = read(DATAMATE_API_REQUESTS_PER_MINUTE=number)["REST_FRAMEWORK"]
    assert rates["DEFAULT_THROTTLE_RATES"] == {"user": rate, "anon": rate}


def test_the_log_level_may_be_written_small(read: Read) -> None:
    assert read(DATAMATE_LOG_LEVEL="warning")["LOGGING"]["root"]["level"] == "WARNING"


def test_a_call_is_not_logged_by_the_http_client(read: Read) -> None:
    loggers = read(DATAMATE_LOG_LEVEL="DEBUG")["LOGGING"]["loggers"]
    assert loggers["httpx2"] == {"level": "WARNING"}


def test_the_version_is_that_of_the_changelog(read: Read) -> None:
    first = next(
        line
        for line in (product.BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("## ") and line[3].isdigit()
    )
    assert read()["VERSION"] == first.split()[1]


# Mistakes


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("DATAMATE_DEBUG", "maybe", "DATAMATE_DEBUG='maybe' must be true or false"),
        ("DATAMATE_HTTPS", "https", "DATAMATE_HTTPS='https' must be true or false"),
        ("DATAMATE_BEHIND_PROXY", "2", "DATAMATE_BEHIND_PROXY='2' must be true or false"),
        ("DATAMATE_WORKERS", "0", "DATAMATE_WORKERS='0' must be at least 1"),
        ("DATAMATE_WORKERS", "many", "DATAMATE_WORKERS='many' must be a whole number"),
        ("DATAMATE_SLICE_SECONDS", "0", "DATAMATE_SLICE_SECONDS='0' must be at least 1"),
        (
            "DATAMATE_CALL_DEADLINE_SECONDS",
            "5m",
            "DATAMATE_CALL_DEADLINE_SECONDS='5m' must be a whole number",
        ),
        ("DATAMATE_STOP_SECONDS", "-1", "DATAMATE_STOP_SECONDS='-1' must be at least 0"),
        (
            "DATAMATE_STALL_WINDOW_BATCHES",
            "0",
            "DATAMATE_STALL_WINDOW_BATCHES='0' must be at least 1",
        ),
        (
            "DATAMATE_STALL_MIN_ACCEPTANCE",
            "2",
            "DATAMATE_STALL_MIN_ACCEPTANCE='2' must be a number from 0 to 1",
        ),
        (
            "DATAMATE_API_REQUESTS_PER_MINUTE",
            "-5",
            "DATAMATE_API_REQUESTS_PER_MINUTE='-5' must be at least 0",
        ),
        (
            "DATAMATE_LANGUAGE",
            "zh-cn",
            "DATAMATE_LANGUAGE='zh-cn' must be one of en, zh-hans",
        ),
        (
            "DATAMATE_TIME_ZONE",
            "Beijing",
            "DATAMATE_TIME_ZONE='Beijing' must be a time zone such as Asia/Shanghai",
        ),
        (
            "DATAMATE_LOG_LEVEL",
            "loud",
            "DATAMATE_LOG_LEVEL='loud' must be one of DEBUG, INFO, WARNING, ERROR",
        ),
        (
            "DATAMATE_DATA_DIR",
            "/dev/null",
            "DATAMATE_DATA_DIR='/dev/null' is no folder: [Errno 17] File exists: '/dev/null'",
        ),
        (
            "DATABASE_URL",
            "mysql://host/name",
            "DATABASE_URL has the scheme 'mysql'; use postgresql:// or sqlite:///",
        ),
    ],
)
def test_a_mistake_stops_the_start_and_names_its_variable(
    variable: str, value: str, message: str, read: Read
) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        read(**{variable: value})
    assert str(caught.value) == message


def test_every_variable_is_explained() -> None:
    assert product.__file__ is not None
    source = Path(product.__file__).read_text(encoding="utf-8")
    page = (product.BASE_DIR / "docs" / "settings.md").read_text(encoding="utf-8")
    named = {part.split('"')[0] for part in source.split('"')[1::2] if part.startswith("DATAMATE_")}
    assert len(named) >= 20
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []
