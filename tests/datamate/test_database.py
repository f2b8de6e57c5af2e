from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from datamate import database

DATA = Path("/data")
UNREADABLE = (
    "DATABASE_URL cannot be read: check its host and port, and write the special characters "
    "of its password as %XX, such as %2F for a slash"
)


def entry(url: str) -> dict[str, Any]:
    return database.configuration(url, DATA)


def address(url: str) -> tuple[str, ...]:
    found = entry(url)
    return tuple(found[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME"))


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("", "/data/datamate.sqlite3"),
        ("sqlite:", "/data/datamate.sqlite3"),
        ("sqlite://", "/data/datamate.sqlite3"),
        ("sqlite:///", "/data/datamate.sqlite3"),
        ("sqlite:///relative.sqlite3", "relative.sqlite3"),
        ("sqlite:////srv/datamate.sqlite3", "/srv/datamate.sqlite3"),
        ("sqlite:////srv/a%20b%3Fc.sqlite3", "/srv/a b?c.sqlite3"),
        ("sqlite:////srv/数据.sqlite3", "/srv/数据.sqlite3"),
    ],
)
def test_a_file_of_sqlite(url: str, path: str) -> None:
    found = entry(url)
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", path)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql://db.example.com/name", ("", "", "db.example.com", "", "name")),
        ("postgres://user@host/name", ("user", "", "host", "", "name")),
        ("postgresql://user:secret@host:5433/name", ("user", "secret", "host", "5433", "name")),
        ("postgresql://u%40corp:p%2F%3A%23%25@host/a%20b", ("u@corp", "p/:#%", "host", "", "a b")),
        ("postgresql://user:a@b@host/name", ("user", "a@b", "host", "", "name")),
        ("postgresql://[::1]:5432/name", ("", "", "::1", "5432", "name")),
        ("postgresql://%2Frun%2Fpostgresql/name", ("", "", "/run/postgresql", "", "name")),
        ("postgresql:///name", ("", "", "", "", "name")),
        ("PostgreSQL://HOST/Name", ("", "", "host", "", "Name")),
    ],
)
def test_a_server_of_postgresql(url: str, parts: tuple[str, ...]) -> None:
    assert entry(url)["ENGINE"] == "django.db.backends.postgresql"
    assert address(url) == parts


PASSWORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(PASSWORDS)
def test_any_password_survives_being_quoted(password: str) -> None:
    quoted = quote(password, safe="")
    assert address(f"postgresql://user:{quoted}@host/name")[1] == password


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:canary#1@host/name",  # cut at #: "canary" would be the port
        "postgresql://user:canary/1@host/name",  # cut at /
        "postgresql://user:canary?1@host/name",  # cut at ?
        "postgresql://user:canary@host:port/name",
        "postgresql://user:canary@host:99999/name",
        "postgresql://user:canary@[::1/name",
    ],
)
def test_an_address_that_cannot_be_read_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        entry(url)
    assert str(caught.value) == UNREADABLE
    # A traceback shows causes as well.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("mysql://user:canary@host/name", "mysql"),
        ("postgresql+psycopg://user:canary@host/name", "postgresql+psycopg"),
        ("datamate.sqlite3", ""),
        ("/srv/datamate.sqlite3", ""),
        ("sqlite3:///datamate.sqlite3", "sqlite3"),
    ],
)
def test_another_scheme_is_refused_by_its_name_only(url: str, scheme: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        entry(url)
    assert str(caught.value) == (
        f"DATABASE_URL has the scheme {scheme!r}; use postgresql:// or sqlite:///"
    )


def test_every_wait_for_postgresql_is_bounded() -> None:
    options = entry("postgresql://host/name")["OPTIONS"]
    # Death of the server is seen after 5 s idle and 3 probes 2 s apart: 5 + 3 * 2 = 11 s.
    idle, pause, probes = (
        int(options[f"keepalives_{name}"]) for name in ("idle", "interval", "count")
    )
    assert idle + pause * probes == 11
    assert "statement_timeout=60000" in options["options"]
    assert (options["connect_timeout"], options["tcp_user_timeout"]) == ("5", "10000")


def test_options_of_the_query_go_before_our_own() -> None:
    options = entry("postgresql://host/name?sslmode=require&connect_timeout=20")["OPTIONS"]
    assert (options["sslmode"], options["connect_timeout"]) == ("require", "20")
    assert options["keepalives_count"] == "3"


def test_options_of_one_entry_do_not_reach_the_next() -> None:
    entry("postgresql://host/name?connect_timeout=20")
    assert entry("postgresql://host/name")["OPTIONS"]["connect_timeout"] == "5"


@pytest.mark.parametrize("url", ["", "postgresql://host/name"])
def test_connections_are_kept_for_a_minute(url: str) -> None:
    assert entry(url)["CONN_MAX_AGE"] == 60


def test_a_connection_that_died_is_found_before_it_is_used() -> None:
    assert entry("postgresql://host/name")["CONN_HEALTH_CHECKS"] is True


def test_sqlite_keeps_what_it_has_confirmed(tmp_path: Path) -> None:
    options = database.configuration("", tmp_path)["OPTIONS"]
    connection = sqlite3.connect(tmp_path / "datamate.sqlite3")
    connection.executescript(options["init_command"])
    read = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "busy_timeout")
    }
    connection.close()
    # synchronous 2 is FULL: a commit outlives a power cut.
    assert read == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 20_000}
    assert options["transaction_mode"] == "IMMEDIATE"
