"""Stop calling a provider that answers nothing, and try again ever more rarely."""

from __future__ import annotations

FAILURES_TO_OPEN = 10
SHORTEST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0


class Breaker:
    """Counts failures in a row; times are those of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self.failures = 0
        self.open_until = 0.0

    def record_success(self) -> None:
        self.failures = 0
        self.open_until = 0.0

    def record_failure(self, now: float) -> None:
        """Note a failure; calls that were in flight when the breaker opened count once."""
        if now < self.open_until:
            return
        self.failures += 1
        if self.failures >= FAILURES_TO_OPEN:
            doublings = self.failures - FAILURES_TO_OPEN
            pause = min(LONGEST_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS * 2 ** min(doublings, 10))
            self.open_until = now + pause

    def room(self, now: float, in_flight: int) -> int | None:
        """Calls that may start: None for any number, else one probe at a time."""
        if self.failures < FAILURES_TO_OPEN:
            return None
        return 1 if now >= self.open_until and in_flight == 0 else 0
