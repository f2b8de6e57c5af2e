"""Serve active runs for one time slice: claim, call, write, with a window of calls in flight.

The event loop only talks to vendors. One thread claims and keeps the ledger in short
transactions, another turns stored answers into records in larger ones. The calls are a
window, never gathered groups: one slow call holds one slot. A slot is free again when its
answer is stored, so a kill never costs more calls than the window has.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

from providers.clients import open_client, read_reply
from providers.clients.types import Account, Client
from providers.errors import CallTimeoutError, InvalidRequestError, ProviderError
from synthesis.engine import leases, ledger, settlement, writer
from synthesis.engine.breaker import Breaker
from synthesis.engine.garbage import seldom_collected
from synthesis.engine.lanes import Lane, Order, Step, visit
from synthesis.engine.ledger import Outcome
from synthesis.models import Run, Worker

logger = logging.getLogger(__name__)
T = TypeVar("T")

REFRESH_SECONDS = 0.5
EMPTY_CLAIM_PAUSE_SECONDS = 0.1
GROUP_SECONDS = 0.2
GROUP_BATCHES = 100
WAITING_GROUPS = 5
DATABASE_PATIENCE_SECONDS = 60


def serve(*, slice_seconds: float | None = None, on_drain: Callable[[], Any] | None = None) -> None:
    """Serve every active run until the slice is over or nothing is left to do."""
    leases.free_dead_workers()
    worker = leases.register(Worker.Role.RUNNER)
    seconds = settings.DATAMATE_SLICE_SECONDS if slice_seconds is None else slice_seconds
    try:
        with seldom_collected():
            asyncio.run(Runner(worker, slice_seconds=seconds, on_drain=on_drain).run())
    finally:
        patiently(leases.dismiss, worker.pk)


class Runner:
    def __init__(
        self, worker: Worker, *, slice_seconds: float, on_drain: Callable[[], Any] | None = None
    ) -> None:
        self.worker = worker
        self.ends_at = time.monotonic() + slice_seconds
        self.on_drain = on_drain
        self.is_draining = False
        self.lanes: dict[int, Lane] = {}
        self.clients: dict[int, tuple[Account, Client]] = {}
        self.opened: list[Client] = []
        self.breakers: dict[int, Breaker] = defaultdict(Breaker)
        self.calling: Counter[int] = Counter()
        self.calls: set[asyncio.Task[None]] = set()
        self.refreshed_at = float("-inf")
        self.ledger_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self.writer_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")

    async def run(self) -> None:
        self.arrived: asyncio.Queue[tuple[Lane, Outcome]] = asyncio.Queue()
        self.stored: asyncio.Queue[Outcome] = asyncio.Queue(WAITING_GROUPS * GROUP_BATCHES)
        self.wakeup = asyncio.Event()
        keepers = {
            asyncio.create_task(self.store_arrived()),
            asyncio.create_task(self.write_stored()),
        }
        try:
            while await self.turn():
                if any(keeper.done() for keeper in keepers):
                    break
            await self.finish(keepers)
        finally:
            for task in (*keepers, *self.calls):
                task.cancel()
            for client in self.opened:
                await client.close()
            for thread in (self.ledger_thread, self.writer_thread):
                thread.submit(connections.close_all)
                thread.shutdown()

    async def finish(self, keepers: set[asyncio.Task[None]]) -> None:
        """Wait until everything is stored and written, or raise what stopped a keeper."""
        for queue in (self.arrived, self.stored):
            joining = asyncio.create_task(queue.join())
            await asyncio.wait({joining, *keepers}, return_when=asyncio.FIRST_COMPLETED)
            joining.cancel()
            for keeper in keepers:
                if keeper.done():
                    keeper.result()

    async def turn(self) -> bool:
        """Do one round; False when there is nothing left to do."""
        now = time.monotonic()
        if now - self.refreshed_at >= REFRESH_SECONDS:
            self.refreshed_at = now
            await self.refresh()
        if now >= self.ends_at and not self.is_draining:
            await self.drain()
        for lane in list(self.lanes.values()):
            await self.feed(lane)
            self.start_calls(lane)
            if lane.is_closing and not lane.in_flight:
                await self.close(lane)
        if not self.lanes:
            return False
        self.wakeup.clear()
        try:
            async with asyncio.timeout(EMPTY_CLAIM_PAUSE_SECONDS):
                await self.wakeup.wait()
        except TimeoutError:
            pass
        return True

    async def refresh(self) -> None:
        """Beat, open lanes for new runs, close those of runs that ended or paused."""
        may_go_on, active = await self.in_database(self.look_around)
        if not may_go_on:
            self.on_drain, self.ends_at = None, 0.0
        if not self.is_draining:
            for run_id in active:
                self.open(run_id)
        for lane in list(self.lanes.values()):
            if self.is_draining or lane.run_id not in active:
                await self.close(lane)

    def open(self, run_id: int) -> None:
        lane = self.lanes.setdefault(run_id, Lane(run_id))
        if lane.is_closing:
            lane.is_closing = lane.is_doomed = False

    def look_around(self) -> tuple[bool, set[int]]:
        """Beat, and see whether this worker was declared dead or asked to stop."""
        is_alive = leases.beat(self.worker)
        is_asked_to_stop = Worker.objects.filter(pk=self.worker.pk, is_draining=True).exists()
        active = set(Run.objects.active().values_list("pk", flat=True))
        return is_alive and (self.is_draining or not is_asked_to_stop), active

    async def drain(self) -> None:
        """End the slice: hand over what has not begun, then wait for what has."""
        self.is_draining = True
        await self.in_database(leases.drain, self.worker)
        if self.lanes and self.on_drain:
            await self.in_database(self.on_drain)
        for lane in list(self.lanes.values()):
            await self.close(lane)

    async def close(self, lane: Lane) -> None:
        """Claim no more for a run; the lane goes when its last call has ended."""
        lane.is_closing = True
        if lane.ready:
            unused = [order.claim for order in lane.ready]
            lane.ready.clear()
            await self.in_database(leases.release, unused)
        await self.in_database(visit, self.worker, lane)
        if not lane.in_flight:
            del self.lanes[lane.run_id]

    async def feed(self, lane: Lane) -> None:
        now = time.monotonic()
        is_ending = lane.is_closing or lane.is_doomed
        if is_ending or not lane.is_hungry or now < lane.next_claim_at:
            return
        brought: Step = await self.in_database(visit, self.worker, lane)
        lane.window = brought.window
        lane.ready.extend(brought.orders)
        for claim in brought.answered:
            await self.stored.put(await self.read_again(claim))
        if not brought.orders:
            lane.next_claim_at = now + EMPTY_CLAIM_PAUSE_SECONDS

    async def read_again(self, claim: leases.Claim) -> Outcome:
        """Take a stored answer instead of buying another, unless it is none any more."""
        assert claim.stored is not None  # noqa: S101  narrows the type
        family = claim.batch.language_model.provider.family
        try:
            return Outcome(claim=claim, reply=read_reply(family, claim.stored))
        except ProviderError as error:
            await self.in_database(ledger.discard, claim, error)
            return Outcome(claim=claim, error=error)

    def start_calls(self, lane: Lane) -> None:
        """Start what the window and the breakers admit; a blocked provider keeps its orders."""
        for order in list(lane.ready):
            if lane.in_flight >= lane.window or lane.is_doomed:
                return
            provider_id = order.provider_id
            breaker = self.breakers[provider_id]
            if breaker.room(time.monotonic(), self.calling[provider_id]) == 0:
                continue
            lane.ready.remove(order)
            lane.in_flight += 1
            self.calling[provider_id] += 1
            task = asyncio.create_task(self.call(lane, order))
            self.calls.add(task)
            task.add_done_callback(self.calls.discard)

    async def call(self, lane: Lane, order: Order) -> None:
        begun = time.monotonic()
        raw = reply = error = None
        try:
            async with asyncio.timeout(settings.DATAMATE_CALL_DEADLINE_SECONDS):
                raw = await self.client(order).send(order.request)
            reply = read_reply(order.account.family, raw.body)
        except TimeoutError:
            error = CallTimeoutError("")
        except ProviderError as caught:
            error = caught
            lane.is_doomed |= settlement.is_fatal(order.claim.batch, caught)
        except Exception as caught:  # the outermost frame of a call
            # Without its words: a header that cannot be sent is quoted whole, and holds the key.
            where = "".join(traceback.format_tb(caught.__traceback__))
            logger.error("A call broke off: %s\n%s", type(caught).__name__, where)
            error = InvalidRequestError(type(caught).__name__)
            lane.is_doomed = True
        finally:
            self.calling[order.provider_id] -= 1
        self.note(order.provider_id, error)
        latency = time.monotonic() - begun
        outcome = Outcome(
            claim=order.claim, reply=reply, raw=raw, error=error, latency_seconds=latency
        )
        await self.arrived.put((lane, outcome))

    def note(self, provider_id: int, error: ProviderError | None) -> None:
        """Tell the breaker; an answer that refuses one request still is an answer."""
        if error is None or error.permanent:
            self.breakers[provider_id].record_success()
        else:
            self.breakers[provider_id].record_failure(time.monotonic())

    def client(self, order: Order) -> Client:
        """Return the connection to the order's account; a changed account gets a new one."""
        account, client = self.clients.get(order.provider_id, (None, None))
        if client is None or account != order.account:
            client = open_client(order.account)
            self.opened.append(client)
            self.clients[order.provider_id] = (order.account, client)
        return client

    async def store_arrived(self) -> None:
        """Enter what arrives in the ledger at once; only then is its slot free."""
        while True:
            group = await take_group(self.arrived)
            outcomes = [outcome for _lane, outcome in group]
            await self.in_database(ledger.store, outcomes)
            for lane, outcome in group:
                lane.in_flight -= 1
                await self.stored.put(outcome)
                self.arrived.task_done()
            self.wakeup.set()

    async def write_stored(self) -> None:
        while True:
            group = await take_group(self.stored, GROUP_SECONDS)
            await self.in_database(writer.write, group, thread=self.writer_thread)
            for _outcome in group:
                self.stored.task_done()
            for lane in self.lanes.values():
                lane.next_claim_at = 0.0
            self.wakeup.set()

    async def in_database(
        self, function: Callable[..., T], *args: Any, thread: ThreadPoolExecutor | None = None
    ) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(thread or self.ledger_thread, patiently, function, *args)


async def take_group(queue: asyncio.Queue[T], wait_seconds: float = 0) -> list[T]:
    """Take one item, give others a while to come, and take those too."""
    group = [await queue.get()]
    await asyncio.sleep(wait_seconds)
    while len(group) < GROUP_BATCHES and not queue.empty():
        group.append(queue.get_nowait())
    return group


def patiently(function: Callable[..., T], *args: Any) -> T:
    """Call a database function again while the server is away.

    Every such function is one transaction or safe to repeat: what a lost
    acknowledgement leaves half known, tokens and the ledger sort out.
    """
    gives_up_at = time.monotonic() + DATABASE_PATIENCE_SECONDS
    while True:
        try:
            return function(*args)
        except (OperationalError, InterfaceError):
            connections.close_all()
            if time.monotonic() > gives_up_at:
                raise
            logger.warning("The database is away; trying again")
            time.sleep(0.5)
