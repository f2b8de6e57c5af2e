"""The breaker as a table: every state, every event, and how many calls may start then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.engine.breaker import (
    FAILURES_TO_OPEN,
    LONGEST_PAUSE_SECONDS,
    SHORTEST_PAUSE_SECONDS,
    Breaker,
)

pytestmark = pytest.mark.any_database
ANY = None


def closed(failures: int = 0) -> Breaker:
    breaker = Breaker()
    for _failure in range(failures):
        breaker.record_failure(now=0)
    return breaker


STATES = {
    "new": (lambda: closed(), 0.0),
    "failing": (lambda: closed(FAILURES_TO_OPEN - 1), 0.0),
    "open": (lambda: closed(FAILURES_TO_OPEN), 1.0),
    "probing": (lambda: closed(FAILURES_TO_OPEN), SHORTEST_PAUSE_SECONDS),
}


def fail(breaker: Breaker, now: float) -> None:
    breaker.record_failure(now)


def succeed(breaker: Breaker, _now: float) -> None:
    breaker.record_success()


@pytest.mark.parametrize(
    ("state", "event", "room", "failures"),
    [
        ("new", None, ANY, 0),
        ("new", fail, ANY, 1),
        ("new", succeed, ANY, 0),
        ("failing", None, ANY, FAILURES_TO_OPEN - 1),
        ("failing", fail, 0, FAILURES_TO_OPEN),
        ("failing", succeed, ANY, 0),
        ("open", None, 0, FAILURES_TO_OPEN),
        ("open", fail, 0, FAILURES_TO_OPEN),
        ("open", succeed, ANY, 0),
        ("probing", None, 1, FAILURES_TO_OPEN),
        ("probing", fail, 0, FAILURES_TO_OPEN + 1),
        ("probing", succeed, ANY, 0),
    ],
)
def test_every_state_takes_every_event(state, event, room, failures):
    make, now = STATES[state]
    breaker = make()
    if event is not None:
        event(breaker, now)
    assert breaker.room(now, in_flight=0) == room
    assert breaker.failures == failures


@pytest.mark.parametrize("in_flight", [1, 2, 64])
@pytest.mark.parametrize(
    ("state", "room"), [("new", ANY), ("failing", ANY), ("open", 0), ("probing", 0)]
)
def test_calls_in_flight_only_matter_to_a_probe(state, room, in_flight):
    make, now = STATES[state]
    assert make().room(now, in_flight) == room


@pytest.mark.parametrize(
    ("probes", "pause"),
    [(0, 2), (1, 4), (2, 8), (3, 16), (4, 32), (5, 60), (6, 60), (40, 60)],
)
def test_each_failed_probe_doubles_the_pause_until_a_minute(probes, pause):
    breaker, now = closed(FAILURES_TO_OPEN), 0.0
    for _probe in range(probes):
        now = breaker.open_until
        breaker.record_failure(now)
    assert breaker.open_until - now == pause


@pytest.mark.parametrize("moment", [1.999, 2.0])
def test_a_probe_starts_when_its_time_has_come_and_no_earlier(moment):
    assert closed(FAILURES_TO_OPEN).room(moment, 0) == int(moment >= SHORTEST_PAUSE_SECONDS)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=60))
def test_no_pause_is_longer_than_a_minute_and_one_success_ends_it(events):
    breaker, now = Breaker(), 0.0
    for seconds, is_failure in events:
        now += seconds
        if is_failure:
            breaker.record_failure(now)
        else:
            breaker.record_success()
            assert breaker.room(now, 99) is None
        assert breaker.open_until - now <= LONGEST_PAUSE_SECONDS
        assert (breaker.room(now, 0) is None) == (breaker.failures < FAILURES_TO_OPEN)
