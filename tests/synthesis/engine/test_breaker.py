from __future__ import annotations

from synthesis.engine.breaker import FAILURES_TO_OPEN, LONGEST_PAUSE_SECONDS, Breaker


def broken(failures: int = FAILURES_TO_OPEN) -> Breaker:
    breaker = Breaker()
    for _failure in range(failures):
        breaker.record_failure(now=100)
    return breaker


def test_lets_calls_through_while_failures_are_few():
    assert broken(FAILURES_TO_OPEN - 1).room(now=100, in_flight=50) is None


def test_holds_calls_back_after_failures_in_a_row():
    assert broken().room(now=101, in_flight=0) == 0


def test_tries_one_call_after_the_pause():
    assert broken().room(now=102, in_flight=0) == 1
    assert broken().room(now=102, in_flight=1) == 0


def test_counts_calls_that_were_in_flight_as_one_failure():
    breaker = broken()
    for _call in range(50):
        breaker.record_failure(now=101)
    assert breaker.failures == FAILURES_TO_OPEN


def test_doubles_the_pause_up_to_a_minute():
    breaker, now, pauses = broken(), 102.0, []
    for _probe in range(8):
        breaker.record_failure(now)
        pauses.append(breaker.open_until - now)
        now = breaker.open_until
    assert pauses[:4] == [4, 8, 16, 32]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_closes_at_the_first_success():
    breaker = broken()
    breaker.record_success()
    assert breaker.room(now=100, in_flight=64) is None
