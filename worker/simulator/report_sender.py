"""Which statuses of a message are reported and when, and the POST of each when its clock says so."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import orjson

from worker.simulator.delivery_reports import Report, ReportFault, befall_reports, plan, settle, signature_of
from worker.simulator.ledger import Account, Message, World
from worker.simulator.settings import Switches

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


def announce(world: World, account: Account, messages: Iterable[Message], now: float) -> None:
    """Plan the reports of new messages."""
    for message in messages:
        fault = befall_reports(world.outbox, message.recipient) if world.outbox.scripts else None
        steps = _reported_steps(message, world.switches, everything=fault is not None and fault.fault == "reordered")
        if not steps:
            continue
        reports = [
            Report(f"{message.message_id}-{nth}", account.token, message.message_id, label, moment=at, due_at=at)
            for nth, (label, at) in enumerate(steps)
        ]
        _delay(reports, fault, now)
        plan(world.outbox, reports, fault, now, other_id=_other_than(world, message))


def announce_report(world: World, token: str, message: Message, *, status: str, now: float) -> Report:
    """Plan one report at once, in the word given."""
    event_id = f"{message.message_id}-by-hand-{len(world.outbox.log)}"
    report = Report(event_id, token, message.message_id, status, moment=now, due_at=now)
    plan(world.outbox, [report], None, now, other_id="")
    return report


def status_label(status: str, switches: Switches) -> str:
    """How a report says a status."""
    return _SMPP.get(status, status) if switches.callback_words == "smpp" else status


def _reported_steps(message: Message, switches: Switches, *, everything: bool) -> Sequence[tuple[str, float]]:
    legs = message.legs if switches.callback_legs == "all" else message.legs[-1:]
    steps = [step for leg in legs for step in leg.steps[1:]]
    is_all = everything or switches.callback_steps == "all"
    return [(status_label(status, switches), at) for status, at in steps if is_all or status not in _OPEN]


def _delay(reports: Sequence[Report], fault: ReportFault | None, now: float) -> None:
    match fault and fault.fault:
        case "late":
            for report in reports:
                report.due_at += fault.seconds if fault else 0
        case "early":
            reports[-1].due_at = reports[-1].moment = now
        case "reordered":
            # A second apart, so that several connections cannot put them right again.
            first = reports[-1].due_at
            for index, report in enumerate(reversed(reports)):
                report.due_at = first + index
        case _:
            pass


def _other_than(world: World, message: Message) -> str:
    others = (other for other in world.messages if other.account == message.account and other is not message)
    return next((other.message_id for other in others), "00000000-0000-0000-0000-000000000000")


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
