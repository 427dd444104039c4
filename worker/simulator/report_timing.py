"""Which statuses of a message are reported, in which words, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worker.simulator.delivery_reports import Report, ReportFault, befall_reports, plan
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
        steps = _told(message, world.switches, everything=fault is not None and fault.fault == "reordered")
        if not steps:
            continue
        reports = [
            Report(f"{message.message_id}-{nth}", account.token, message.message_id, word, moment=at, due_at=at)
            for nth, (word, at) in enumerate(steps)
        ]
        _delay(reports, fault, now)
        plan(world.outbox, reports, fault, now, other_id=_other_than(world, message))


def announce_one(world: World, token: str, message: Message, *, status: str, now: float) -> Report:
    """Plan one report at once, in the word given."""
    event_id = f"{message.message_id}-by-hand-{len(world.outbox.log)}"
    report = Report(event_id, token, message.message_id, status, moment=now, due_at=now)
    plan(world.outbox, [report], None, now, other_id="")
    return report


def word_of(status: str, switches: Switches) -> str:
    """How a report says a status."""
    return _SMPP.get(status, status) if switches.callback_words == "smpp" else status


def _told(message: Message, switches: Switches, *, everything: bool) -> Sequence[tuple[str, float]]:
    legs = message.legs if switches.callback_legs == "all" else message.legs[-1:]
    steps = [step for leg in legs for step in leg.steps[1:]]
    is_all = everything or switches.callback_steps == "all"
    return [(word_of(word, switches), at) for word, at in steps if is_all or word not in _OPEN]


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
            for place, report in enumerate(reversed(reports)):
                report.due_at = first + place
        case _:
            pass


def _other_than(world: World, message: Message) -> str:
    others = (one for one in world.messages if one.account == message.account and one is not message)
    return next((one.message_id for one in others), "00000000-0000-0000-0000-000000000000")
