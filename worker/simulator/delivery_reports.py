"""Delivery reports that the simulated provider will post, and the scripts that spoil their way."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha1
from typing import Literal

from pydantic import NonNegativeFloat, PositiveInt

from worker.simulator.scripts import Script
from worker.simulator.settings import Phone, Switches

ReportFaultName = Literal["early", "duplicated", "reordered", "late", "never", "forged", "replayed", "burst"]

#: After each try that was not taken, until the report is given up.
RETRIES_MIN = (1, 3, 5, 10, 15, 20, 30, 60, 120)


class ReportFault(Script):
    """One script, for the reports of messages that are created after it.

    Attributes:
        fault: `early`: the last status is reported before the send is answered. `duplicated`: each report comes `count`
            times more. `reordered`: every status is reported, the last one first. `late`: by `seconds`. `never`: none
            comes. `forged`: a report with a wrong signature comes too. `replayed`: a report whose id and signature are
            true comes again, pointed at another message. `burst`: reports wait until there are `count` of them.
        recipient: whose messages; null is everybody's.
    """

    fault: ReportFaultName
    recipient: Phone | None = None
    seconds: NonNegativeFloat = 60.0
    count: PositiveInt = 1


@dataclass(slots=True)
class Report:
    """One delivery report on its way.

    Attributes:
        token: of the account, whose address and secret are looked up when it goes.
        moment: when the status was reached, in seconds since the epoch; `due_at`: when it is to be posted next.
        is_forged: whether its signature is wrong.
        outcomes: what each try met: an HTTP status, or `hung up`, `no answer`, `no address`.
        state: `given up` after the last try, `withheld` by a script.
        echoes: reports that are posted once this one was taken: nobody can replay what has not come yet.
    """

    event_id: str
    token: str
    message_id: str
    status: str
    moment: float
    due_at: float
    is_forged: bool = False
    outcomes: list[int | str] = field(default_factory=list[int | str])
    state: Literal["waiting", "taken", "given up", "withheld"] = "waiting"
    echoes: list[Report] = field(default_factory=list["Report"])


@dataclass(slots=True)
class Outbox:
    """All reports ever made, the waiting ones by the moment they are due, and those that a burst holds back."""

    log: list[Report] = field(default_factory=list[Report])
    waiting: list[tuple[float, int, Report]] = field(default_factory=list[tuple[float, int, Report]])
    early: list[Report] = field(default_factory=list[Report])
    held: list[Report] = field(default_factory=list[Report])
    pushed: int = 0

    def push(self, *reports: Report) -> None:
        """Let reports wait until they are due."""
        for report in reports:
            self.pushed += 1
            heapq.heappush(self.waiting, (report.due_at, self.pushed, report))


def plan(
    outbox: Outbox, reports: Sequence[Report], now: float, *, fault: ReportFault | None = None, other_id: str = ""
) -> None:
    """Let a message's reports go when they are due, or as a fault has it; `other_id` is another message's."""
    outbox.log += reports
    match fault and fault.fault:
        case "early":
            reports[-1].due_at = reports[-1].moment = now
            outbox.early.append(reports[-1])
        case "never":
            for report in reports:
                report.state = "withheld"
        case "burst":
            outbox.held += reports
            if fault and len(outbox.held) >= fault.count:
                _release(outbox, now)
        case _:
            extra = _spoil(outbox, reports, fault, other_id) if fault else []
            outbox.log += extra
            outbox.push(*reports, *extra)


def settle(outbox: Outbox, report: Report, outcome: int | str, now: float) -> None:
    """Note what a try met; whatever is not 2xx is tried again, until it is given up."""
    report.outcomes.append(outcome)
    if isinstance(outcome, int) and outcome // 100 == 2:  # noqa: PLR2004 (HTTP's own figure)
        report.state = "taken"
        for echo in report.echoes:
            echo.due_at, echo.state = now, "waiting"
        outbox.push(*report.echoes)
    elif len(report.outcomes) > len(RETRIES_MIN):
        report.state = "given up"
    else:
        report.due_at = now + RETRIES_MIN[len(report.outcomes) - 1] * 60
        outbox.push(report)


def signature_of(report: Report, secret: str, switches: Switches) -> str:
    """SHA-1 over the secret and the event's id, in the order of the switch."""
    parts = (secret, report.event_id) if switches.callback_signature == "secret_id" else (report.event_id, secret)
    text = "forged" if report.is_forged else "".join(parts)
    return sha1(text.encode()).hexdigest()  # noqa: S324 (the provider's choice)


def _release(outbox: Outbox, now: float) -> None:
    """Post all reports that a burst held back, when the last of them is due."""
    due_at = max(now, *(report.due_at for report in outbox.held))
    for report in outbox.held:
        report.due_at = due_at
    outbox.push(*outbox.held)
    outbox.held = []


def _spoil(outbox: Outbox, reports: Sequence[Report], fault: ReportFault, other_id: str) -> list[Report]:
    """Change when reports are due; the reports that come too."""
    last = reports[-1]
    match fault.fault:
        case "late":
            for report in reports:
                report.due_at += fault.seconds
        case "reordered":
            # A second apart, so that several connections cannot put them right again.
            for index, report in enumerate(reversed(reports)):
                report.due_at = last.moment + index
        case "duplicated":
            return [_like(report) for report in reports for _ in range(fault.count)]
        case "forged":
            return [_like(last, event_id=f"forged-{last.event_id}", status="UNDELIV", is_forged=True)]
        case "replayed":
            last.echoes = [_like(last, message_id=other_id, status="UNDELIV", state="withheld")]
            outbox.log += last.echoes
        case _:
            pass
    return []


def _like(report: Report, **changes: object) -> Report:
    return replace(report, outcomes=[], echoes=[], **changes)  # type: ignore[arg-type] # fields of Report
