"""Which statuses of a message are reported and when, and the POST of each when it is due by the provider's clock."""

import asyncio
import heapq
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

import httpx
import orjson

from worker.core.clock.kyiv_time import KYIV
from worker.simulator.delivery_reports import Report, plan, settle, signature_of
from worker.simulator.ledger import Account, Message, World
from worker.simulator.scripts import first_to_fire
from worker.simulator.settings import Switches
from worker.turbosms.transport import ssl_context

_OPEN = frozenset({"Queued", "Accepted", "Sent"})
_SMPP = {
    "Queued": "In Queue",
    "Accepted": "In Process",
    "Delivered": "DELIVRD",
    "Read": "READ",
    "Undelivered": "UNDELIV",
    "Rejected": "REJECTD",
    "Expired": "EXPIRED",
}
_NOBODYS_ID = "00000000-0000-0000-0000-000000000000"


def announce(world: World, account: Account, messages: Iterable[Message], now: float) -> None:
    """Plan the reports of new messages."""
    for message in messages:
        phone = message.recipient
        fault = first_to_fire(world.report_faults, lambda fault, phone=phone: fault.recipient in {None, phone})
        channels = message.channels if world.switches.callback_channels == "all" else message.channels[-1:]
        is_all = world.switches.callback_steps == "all" or (fault is not None and fault.fault == "reordered")
        steps = [step for channel in channels for step in channel.steps[1:] if is_all or step[0] not in _OPEN]
        reports = [
            Report(
                f"{message.message_id}-{nth}",
                account.token,
                message.message_id,
                status_label(status, world.switches),
                at,
                at,
            )
            for nth, (status, at) in enumerate(steps)
        ]
        if reports:
            others = (
                other.message_id for other in world.messages if other.account == account.name and other is not message
            )
            plan(world.outbox, reports, now, fault=fault, other_id=next(others, _NOBODYS_ID))


def announce_report(world: World, token: str, message: Message, *, status: str, now: float) -> Report:
    """Plan one report at once, with the status as given."""
    event_id = f"{message.message_id}-by-hand-{len(world.outbox.log)}"
    report = Report(event_id, token, message.message_id, status, moment=now, due_at=now)
    plan(world.outbox, [report], now)
    return report


def status_label(status: str, switches: Switches) -> str:
    return _SMPP.get(status, status) if switches.callback_words == "smpp" else status


_CONNECTIONS = 100


class Courier:
    """Posts reports from the first one on; `world` is what the provider remembers now, for a reset replaces it."""

    def __init__(self, world: Callable[[], World], now: Callable[[], float]) -> None:
        self._world = world
        self._now = now
        self._wake = asyncio.Event()
        self._round: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """Look again: a report may have become due."""
        self._wake.set()
        if (self._round is None or self._round.done()) and self._world().outbox.waiting:
            self._round = asyncio.create_task(self._go_round())

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
                    self._wake.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), wait_s)
                    continue
                await slots.acquire()
                under_way.create_task(self._post_in_turn(client, world, heapq.heappop(waiting)[2], slots))

    async def _post_in_turn(
        self, client: httpx.AsyncClient, world: World, report: Report, slots: asyncio.Semaphore
    ) -> None:
        await self._post(client, world, report)
        slots.release()
        self._wake.set()

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
    # Its caller bounds it as a whole.
    return httpx.AsyncClient(verify=ssl_context(), timeout=None, trust_env=False, limits=limits)  # noqa: S113


def _body(report: Report, secret: str, world: World) -> bytes:
    date = datetime.fromtimestamp(report.moment, KYIV).strftime("%Y-%m-%d %H:%M:%S")
    return orjson.dumps(
        {
            "id": report.event_id,
            "signature": signature_of(report, secret, world.switches),
            "type": "dlr",
            "try": len(report.outcomes) + 1,
            "data": {"message_id": report.message_id, "status": report.status, "dlr_date": date},
        }
    )
