"""Delivery reports that the simulated provider will post, and the scripts that spoil their way."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha1
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt
from pydantic import ConfigDict, TypeAdapter

from worker.simulator.phone_countries import digits_of
from worker.simulator.settings import Switches

ReportFaultName = Literal["early", "duplicated", "reordered", "late", "never", "forged", "replayed", "burst"]

#: After each try that was not taken, until the report is given up.
RETRIES_MIN = (1, 3, 5, 10, 15, 20, 30, 60, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFault:
    """One script, for the reports of messages that are created after it.

    Attributes:
        fault: `early`: the last status is reported before the send is answered. `duplicated`: each report comes `count`
            times more. `reordered`: every status is reported, the last one first. `late`: by `seconds`. `never`: none
            comes. `forged`: a report with a wrong signature comes too. `replayed`: a report whose id and signature are
            true comes again, pointed at another message. `burst`: reports wait until there are `count` of them.
        times: for how many messages; null is until cleared.
        after: how many messages pass unharmed first.
        recipient: whose messages; null is everybody's.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    fault: ReportFaultName
    times: Annotated[int, Gt(0)] | None = 1
    after: Annotated[int, Ge(0)] = 0
    recipient: str | None = None
    seconds: Annotated[float, Ge(0)] = 60.0
    count: Annotated[int, Ge(1)] = 1


@dataclass(frozen=True, slots=True)
class ReportScript:
    """A script with the number of matching messages it has seen and of those it has befallen."""

    script: ReportFault
    seen: int = 0
    fired: int = 0


@dataclass(slots=True)
class Report:
    """One delivery report on its way.

    Attributes:
        token: whose; the address and the secret are looked up when it goes.
        moment: when the status was reached, in seconds since the epoch; `due_at`: when it is to be posted next.
        is_forged: whether its signature is wrong.
        outcomes: what each try met: an HTTP status, or `hung up`, `no answer`, `no address`.
        state: `waiting`, `taken`, `given up` after the last try, or `withheld` by a script.
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

    @property
    def nth(self) -> int:
        """Which try the next one is."""
        return len(self.outcomes) + 1


@dataclass(slots=True)
class Outbox:
    """All reports ever made, the waiting ones by the moment they are due, and those that a burst holds back."""

    log: list[Report] = field(default_factory=list[Report])
    waiting: list[tuple[float, int, Report]] = field(default_factory=list[tuple[float, int, Report]])
    early: list[Report] = field(default_factory=list[Report])
    held: list[Report] = field(default_factory=list[Report])
    scripts: tuple[ReportScript, ...] = ()
    pushed: int = 0


_FAULT = TypeAdapter(ReportFault)


def read_report_fault(given: object) -> ReportFault:
    """The script in a JSON object.

    Raises:
        pydantic.ValidationError: naming each field that is wrong.
    """
    return _FAULT.validate_python(given)


def befall_reports(outbox: Outbox, phone: str) -> ReportFault | None:
    """Count one more message, and give the fault of its reports: that of the first live script that is for it."""
    for index, report_script in enumerate(outbox.scripts):
        script = report_script.script
        is_spent = script.times is not None and report_script.fired >= script.times
        if is_spent or (script.recipient is not None and digits_of(script.recipient) != phone):
            continue
        fires = report_script.seen >= script.after
        counted = replace(report_script, seen=report_script.seen + 1, fired=report_script.fired + fires)
        outbox.scripts = (*outbox.scripts[:index], counted, *outbox.scripts[index + 1 :])
        if fires:
            return script
    return None


def plan(outbox: Outbox, reports: Sequence[Report], fault: ReportFault | None, now: float, *, other_id: str) -> None:
    """Let a message's reports go when they are due, or as a fault has it; `other_id` is another message's."""
    match fault and fault.fault:
        case "early":
            outbox.early += reports[-1:]
        case "never":
            for report in reports:
                report.state = "withheld"
        case "burst":
            outbox.held += reports
        case _:
            for report in reports:
                push(outbox, report)
    outbox.log += reports
    if fault is not None:
        _spoil(outbox, reports, fault, now, other_id=other_id)


def push(outbox: Outbox, report: Report) -> None:
    """Let a report wait until it is due."""
    outbox.pushed += 1
    heapq.heappush(outbox.waiting, (report.due_at, outbox.pushed, report))


def settle(outbox: Outbox, report: Report, outcome: int | str, now: float) -> None:
    """Note what a try met; whatever is not 2xx is tried again, until it is given up."""
    report.outcomes.append(outcome)
    if isinstance(outcome, int) and outcome // 100 == 2:  # noqa: PLR2004 (HTTP's own figure)
        report.state = "taken"
        for echo in report.echoes:
            echo.due_at, echo.state = now, "waiting"
            push(outbox, echo)
    elif len(report.outcomes) > len(RETRIES_MIN):
        report.state = "given up"
    else:
        report.due_at = now + RETRIES_MIN[len(report.outcomes) - 1] * 60
        push(outbox, report)


def signature_of(report: Report, secret: str, switches: Switches) -> str:
    """SHA-1 over the secret and the event's id, in the order that the switch says."""
    parts = (secret, report.event_id) if switches.callback_signature == "secret_id" else (report.event_id, secret)
    text = "forged" if report.is_forged else "".join(parts)
    return sha1(text.encode()).hexdigest()  # noqa: S324 (the provider's choice)


def _spoil(outbox: Outbox, reports: Sequence[Report], fault: ReportFault, now: float, *, other_id: str) -> None:
    last = reports[-1]
    extra: list[Report] = []
    match fault.fault:
        case "duplicated":
            extra = [_like(report) for report in reports for _ in range(fault.count)]
        case "forged":
            extra = [_like(last, event_id=f"forged-{last.event_id}", status="UNDELIV", is_forged=True)]
        case "replayed":
            last.echoes = [_like(last, message_id=other_id, status="UNDELIV", state="withheld")]
            outbox.log += last.echoes
        case "burst" if len(outbox.held) >= fault.count:
            together = max(now, *(report.due_at for report in outbox.held))
            for report in outbox.held:
                report.due_at = together
                push(outbox, report)
            outbox.held = []
        case _:
            pass
    for report in extra:
        push(outbox, report)
    outbox.log += extra


def _like(report: Report, **changes: object) -> Report:
    return replace(report, outcomes=[], echoes=[], **changes)  # type: ignore[arg-type] # fields of Report
