"""The runner's small parts: groups out of a queue, and patience with the database."""

from __future__ import annotations

import asyncio

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError

from synthesis.engine import runner


async def taken(count: int, wait_seconds: float = 0) -> tuple[list[int], int]:
    queue: asyncio.Queue[int] = asyncio.Queue()
    for number in range(count):
        queue.put_nowait(number)
    return await runner.take_group(queue, wait_seconds), queue.qsize()


@pytest.mark.parametrize(
    ("waiting", "group", "left"), [(1, 1, 0), (7, 7, 0), (100, 100, 0), (101, 100, 1)]
)
def test_takes_what_waits_up_to_a_group(waiting, group, left):
    assert asyncio.run(taken(waiting)) == (list(range(group)), left)


def test_takes_those_too_that_come_while_it_waits():
    async def scene() -> list[str]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        group = asyncio.create_task(runner.take_group(queue, 0.01))
        queue.put_nowait("first")
        await asyncio.sleep(0)
        queue.put_nowait("second")
        return await group

    assert asyncio.run(scene()) == ["first", "second"]


def test_waits_for_the_first_one():
    async def scene() -> bool:
        group = asyncio.create_task(runner.take_group(asyncio.Queue()))
        for _turn in range(5):
            await asyncio.sleep(0)
        is_waiting = not group.done()
        group.cancel()
        return is_waiting

    assert asyncio.run(scene())


@pytest.fixture
def closed(monkeypatch) -> list[int]:
    """Count how often the connections are dropped; nothing really waits."""
    times: list[int] = []
    monkeypatch.setattr(runner.connections, "close_all", lambda: times.append(1))
    monkeypatch.setattr(runner.time, "sleep", lambda _seconds: None)
    return times


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_tries_again_with_new_connections_while_the_database_is_away(closed, error):
    answers = iter([error("away"), error("away"), "here"])

    def ask(question: str) -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return f"{question} {answer}"

    assert runner.patiently(ask, "Who is") == "Who is here"
    assert len(closed) == 2


@pytest.mark.parametrize("error", [IntegrityError, ValueError])
def test_does_not_repeat_what_is_wrong_in_itself(closed, error):
    asked = []

    def ask() -> None:
        asked.append(1)
        raise error("wrong")

    with pytest.raises(error, match="wrong"):
        runner.patiently(ask)
    assert (len(asked), closed) == (1, [])


def test_gives_up_when_the_database_stays_away(closed, monkeypatch):
    monkeypatch.setattr(runner, "DATABASE_PATIENCE_SECONDS", -1)

    def ask() -> None:
        raise OperationalError("The server is gone.")

    with pytest.raises(OperationalError, match=r"The server is gone\."):
        runner.patiently(ask)
    assert closed == [1]
