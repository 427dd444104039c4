"""Posts the simulated provider's delivery reports when its clock says so."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import orjson

from worker.simulator.delivery_reports import Report, settle, signature_of
from worker.simulator.ledger import World

_KYIV = ZoneInfo("Europe/Kyiv")
_CONNECTIONS = 100


class Courier:
    """Lives in the event loop of the provider's door, from the first report on.

    Args:
        world: what the provider remembers now; a reset replaces it.
        now: the provider's clock, in seconds since the epoch.
    """

    def __init__(self, world: Callable[[], World], now: Callable[[], float]) -> None:
        self._world = world
        self._now = now
        self._wake = asyncio.Event()
        self._round: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """Look again: a report may have become due."""
        if self._round is not None and not self._round.done():
            self._wake.set()
        elif self._world().outbox.waiting:
            self._wake = asyncio.Event()
            self._round = asyncio.get_running_loop().create_task(self._go_round())

    async def hurry(self) -> None:
        """Post the reports that must come before the answer."""
        world = self._world()
        early, world.outbox.early = world.outbox.early, []
        async with _client() as client:
            for report in early:
                await self._post(client, world, report)

    async def end(self) -> None:
        """Hang up while the event loop still turns, so that no connection is left behind."""
        if self._round is not None:
            self._round.cancel()
            await asyncio.wait([self._round])

    async def _go_round(self) -> None:
        slots = asyncio.Semaphore(_CONNECTIONS)
        async with _client() as client, asyncio.TaskGroup() as under_way:
            while True:
                world = self._world()
                waiting = world.outbox.waiting
                wait_s = waiting[0][0] - self._now() if waiting else None
                if wait_s is None or wait_s > 0:
                    await self._rest(wait_s)
                    continue
                await slots.acquire()
                posting = under_way.create_task(self._post(client, world, heapq.heappop(waiting)[2]))
                posting.add_done_callback(lambda _: self._free(slots))

    def _free(self, slots: asyncio.Semaphore) -> None:
        slots.release()
        self._wake.set()

    async def _rest(self, seconds: float | None) -> None:
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _post(self, client: httpx.AsyncClient, world: World, report: Report) -> None:
        """One try; whoever is slower than the provider bears is hung up on."""
        account = world.accounts.get(report.token)
        outcome: int | str = "no address"
        if account is not None and account.callback_url:
            headers = {"content-type": "application/json"}
            content = _body(report, account.callback_secret, world)
            try:
                async with asyncio.timeout(world.switches.callback_timeout_s):
                    answer = await client.post(account.callback_url, content=content, headers=headers)
                outcome = answer.status_code
            except TimeoutError:
                outcome = "hung up"
            except (httpx.HTTPError, httpx.InvalidURL):
                outcome = "no answer"
        settle(world.outbox, report, outcome, self._now())


def _client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=_CONNECTIONS)
    return httpx.AsyncClient(timeout=None, trust_env=False, limits=limits)  # noqa: S113 (bounded as a whole by its caller)


def _body(report: Report, secret: str, world: World) -> bytes:
    date = datetime.fromtimestamp(report.moment, _KYIV).strftime("%Y-%m-%d %H:%M:%S")
    return orjson.dumps(
        {
            "id": report.event_id,
            "signature": signature_of(report, secret, world.switches),
            "type": "dlr",
            "try": report.nth,
            "data": {"message_id": report.message_id, "status": report.status, "dlr_date": date},
        }
    )
