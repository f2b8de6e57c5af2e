"""What the tests may reach, and on which database they run."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest
from django.db import connection

from tests.conftest import ROOT, address_of, is_loopback, may_use_database


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("a.b", False)],
)
def test_only_loopback_is_this_machine(host, is_here):
    assert is_loopback(host) is is_here


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_reaching_for_another_machine_fails_the_test(method):
    with socket.socket() as client, pytest.raises(pytest.fail.Exception) as caught:
        getattr(client, method)(("192.0.2.1", 80))
    assert str(caught.value) == "A test tried to connect to 192.0.2.1:80"


def test_this_machine_may_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


@pytest.mark.django_db
def test_address_of_the_test_database_is_one_that_the_settings_read():
    from datamate.database import configuration

    settings = configuration(address_of(connection.settings_dict["NAME"]), None)
    for name in ("ENGINE", "NAME", "HOST", "USER"):
        assert settings.get(name, "") == connection.settings_dict[name]


@pytest.mark.parametrize(
    ("module", "fixtures", "marks", "may"),
    [
        ("synthesis/test_templating.py", [], [], False),
        ("synthesis/test_templating.py", ["stub_vendor"], [], False),
        ("synthesis/test_templating.py", [], ["django_db"], True),
        ("synthesis/test_templating.py", ["client", "db"], [], True),
        ("synthesis/test_templating.py", [], ["browser"], True),
        ("synthesis/test_templating.py", [], ["django_db", "any_database"], False),
        # Starts processes, which nothing keeps from the database.
        ("synthesis/test_children.py", [], [], True),
        ("datamate/test_database.py", [], [], True),
    ],
)
def test_only_what_clearly_needs_no_database_runs_once(module, fixtures, marks, may):
    item = SimpleNamespace(
        path=ROOT / "tests" / module,
        fixturenames=fixtures,
        get_closest_marker=lambda name: name in marks,
    )
    assert may_use_database(item) is may
