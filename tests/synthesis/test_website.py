from __future__ import annotations

import socket

import pytest

from synthesis.management.website import Place


@pytest.mark.parametrize(
    ("host", "written", "url"),
    [
        ("127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "0.0.0.0:8000", "http://127.0.0.1:8000/"),  # noqa: S104
        ("[::1]", "[::1]:8000", "http://[::1]:8000/"),
        ("::", "[::]:8000", "http://[::1]:8000/"),
        ("localhost", "localhost:8000", "http://localhost:8000/"),
    ],
)
def test_writes_hosts_as_addresses_want_them(host, written, url):
    place = Place.read(host, "8000")
    assert str(place) == written
    assert place.url == url


def test_lets_the_server_answer_at_a_host_of_its_own(settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    assert Place("10.1.2.3", 80).environment() == {"DATAMATE_ALLOWED_HOSTS": "localhost,10.1.2.3"}


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "::"])  # noqa: S104
def test_leaves_the_allowed_hosts_alone(settings, host):
    settings.ALLOWED_HOSTS = ["localhost"]
    assert Place(host, 80).environment() == {}


def test_does_not_answer_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not Place("127.0.0.1", port).answers()


def test_waits_no_longer_than_it_makes_sense():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not Place("127.0.0.1", port).await_answer(lambda: True)
