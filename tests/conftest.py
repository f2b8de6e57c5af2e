"""What every test may use: no way out of this machine, a stub vendor, databases of its own."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import signal
import socket
import uuid
from collections.abc import Generator, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.stub_vendor import StubVendor

ROOT = Path(__file__).resolve().parent.parent

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "admin_client", "database_url"}
UNCLEAR = re.compile(
    r"subprocess|Popen|sys\.executable|database|postgres|tests import product", re.I
)

# The same examples each time, and no clock: a loaded machine is slow and not wrong.
hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("suite")

# A suite started in the background of a shell ignores Ctrl-C, and so would what the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out the tests that no database can make a difference to",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("database_only"):
        dropped = [item for item in items if not may_use_database(item)]
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if may_use_database(item)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape half surrogate pairs in what a test logs: no process can tell another of them."""
    report = yield
    report.sections = [(title, escaped(text)) for title, text in report.sections]
    if report.longrepr and escaped(str(report.longrepr)) != str(report.longrepr):
        report.longrepr = escaped(str(report.longrepr))
    return report


def escaped(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


def may_use_database(item: pytest.Item) -> bool:
    """Tell whether a test can reach the database; where that is not clear, it can.

    A test without the mark is kept from the database of its own process by pytest-django.
    What it starts is not, so a module that speaks of processes or databases is not clear.
    """
    if item.get_closest_marker("any_database"):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
        return True
    if any(item.get_closest_marker(name) for name in ("browser", "faults", "slow")):
        return True
    return bool(UNCLEAR.search(source_of(item.path)))


@cache
def source_of(path: Path) -> str:
    return path.read_text("utf-8")


@pytest.fixture(autouse=True)
def in_english() -> None:
    """Start in English: a request in Chinese leaves its language to what runs after it."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that would reach for another machine."""
    for name in ("connect", "connect_ex"):
        genuine = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, genuine: Any = genuine) -> Any:
            if isinstance(address, tuple) and not is_loopback(address[0]):
                pytest.fail(f"A test tried to connect to {address[0]}:{address[1]}")
            return genuine(self, address)

        monkeypatch.setattr(socket.socket, name, guarded)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture
def stub_vendor() -> Iterator[StubVendor]:
    with StubVendor() as server:
        yield server


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Finish the tables that the models alone do not describe."""
    module = import_module("quality.migrations.0015_simhash_in_index")
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        module.make_it_one_tree(None, editor)


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let a module make rows once: what each of its tests changes is undone as ever.

    For modules of tests with the mark django_db, and without transactions of their own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The address of this test's database, for processes that the test starts."""
    return address_of(str(connection.settings_dict["NAME"]))


@contextlib.contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """Yield the address of an empty database, on the server that the tests run on."""
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        yield address_of(str(folder / "empty.sqlite3"))
        return
    server, name = os.environ["DATABASE_URL"], f"empty_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as postgres:
        postgres.execute(f"CREATE DATABASE {name}")
        yield address_of(name)
        postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


def address_of(name: str) -> str:
    """Return the DATABASE_URL of the database called name."""
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        return f"sqlite:///{name}"
    head, mark, query = os.environ["DATABASE_URL"].partition("?")
    return f"{head.rpartition('/')[0]}/{name}{mark}{query}"


def name_of(database_url: str) -> str:
    """Return the name in a DATABASE_URL of address_of."""
    if database_url.startswith("sqlite:///"):
        return database_url.removeprefix("sqlite:///")
    return database_url.partition("?")[0].rpartition("/")[2]
