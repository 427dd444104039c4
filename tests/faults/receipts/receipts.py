"""Delivery reports that go wrong on their way: the rows must come to the provider's truth all the same."""

import socket
from collections import Counter
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tests.faults.harness.environment import ACCOUNTS, Stage, moment, token_of
from tests.faults.harness.fleet import Fleet, Slot
from tests.faults.harness.row import Result
from tests.faults.provider.refusals import control
from tests.faults.workers.process_ends import faulted
from tests.support.crm import SECRET, execute, row, rows
from tests.support.http_client import http
from tests.support.waiting import wait_until
from worker.store.accounts.sealed_places import callback_key_of
from worker.store.accounts.secrets import Seal

KEY = "security-key-of-the-cabinet"
#: A message has its end half a second after it was taken.
QUICK = {"accepted_after_s": 0.1, "sent_after_s": 0.2, "final_after_s": 0.5}
#: A message without a callback is polled soon.
WAITS = "RECEIPT_WAIT=3,FOLLOW_UP_WAIT=1"
#: Between two tries of TurboSMS, and more of them than it makes.
LONGEST_WAIT = timedelta(hours=2)
NEXT_TRIES = 12

STATES = """
SELECT p.message_id, n.state FROM provider_messages AS p
INNER JOIN notifications AS n ON p.month = n.month AND p.notification = n.id
"""
RECORDED = "SELECT count(*) FROM callbacks WHERE recorded_at IS NOT NULL"
BELIEVED = "SELECT count(*) FROM transitions WHERE to_state = 'undelivered'"
#: The states that a row may have after the provider's last status.
ENDS: Mapping[str, Collection[str]] = {"Delivered": {"delivered"}}


@dataclass(frozen=True, slots=True)
class Script:
    """A way in which reports of messages go wrong, in the simulator's terms."""

    fault: str
    more: Mapping[str, object]


def script(fault: str, **more: object) -> Script:
    """The same, shortly."""
    return Script(fault, more)


def spoilt(stage: Stage, runs: int, *, scripts: Sequence[Script]) -> Result:
    """Reports of so many messages go wrong in each of these ways, among others that go right."""
    with reporting(stage) as (fleet, _):
        for item in scripts:
            given = {"fault": item.fault, "times": runs, **item.more}
            control(stage, "POST", "callback-faults", given)
        stage.publish(stage.events.stream(runs * len(scripts) + runs, people=1)).wait()
        assert stage.rest().came, "it came to rest"
        wait_for_reports(stage)
        until_true(stage)
        result = stage.result(fleet, runs=runs * len(scripts), since=moment())
    return judged(stage, result)


def console_dies(_stage: Stage, fleet: Fleet, console: Slot) -> None:
    """Kill a console by SIGKILL; another starts at once."""
    fleet.kill(console)


def postgresql_dies(stage: Stage, _fleet: Fleet, _console: Slot) -> None:
    """SIGKILL, and it recovers."""
    stage.servers.kill_postgresql()
    stage.servers.start_postgresql()


def under_a_burst(stage: Stage, runs: int, *, messages: int, strike: Callable[[Stage, Fleet, Slot], None]) -> Result:
    """Every report comes at once, and something dies among them, again and again."""
    with reporting(stage) as (fleet, console):
        control(stage, "POST", "callback-faults", {"fault": "burst", "count": messages, "times": None})
        stage.publish(stage.events.stream(messages, people=1)).wait()
        for nth in range(runs):
            count = messages * (nth + 1) // (runs + 2)
            wait_until(lambda number=count: are_recorded(stage, number), f"{count} are recorded")
            strike(stage, fleet, console)
        fleet.wait_ready()
        assert stage.rest().came, "it came to rest"
        wait_for_reports(stage)
        until_true(stage)
        result = stage.result(fleet, runs=runs, since=moment())
    return judged(stage, result)


@contextmanager
def reporting(stage: Stage, **settings: object) -> Generator[tuple[Fleet, Slot]]:
    """A fleet with a console for every account's reports, which the provider signs; it polls quickly."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    for account in ACCOUNTS:
        sealed = Seal([SECRET]).close(KEY.encode(), callback_key_of(account))
        execute(stage.pool, "UPDATE accounts SET callback_secret = %s WHERE id = %s", sealed, account)
        url = f"http://{address}/turbosms/{account}/receipts"
        control(stage, "POST", "accounts", {"token": token_of(account), "callback_url": url, "callback_secret": KEY})
    stage.provider.settings(callback_timeout_s=20, **{**QUICK, **settings})
    with stage.fleet(waits=WAITS) as fleet:
        console = fleet.add("console", SMS_RECEIPTS_LISTEN=address)
        fleet.wait_ready()
        yield fleet, console


def reports(stage: Stage) -> list[dict[str, Any]]:
    """Every report, with what its tries met."""
    return http.get(f"{stage.provider.url}/_simulator/callbacks").json()


def are_recorded(stage: Stage, number: int) -> bool:
    """Whether so many are written down; what met a closed door is posted again first."""
    state = stage.provider.state()
    if (state["callback_due_at"] or 0) > state["now"]:
        stage.provider.advance(LONGEST_WAIT)
    return row(stage.pool, RECORDED)[0] >= number


def wait_for_reports(stage: Stage) -> None:
    """Let the provider's clock run until every report was taken, or given up."""
    for _ in range(NEXT_TRIES):
        wait_until(lambda: not is_busy(stage), "no report is due")
        if stage.provider.state()["callback_due_at"] is None:
            return
        stage.provider.advance(LONGEST_WAIT)
    raise AssertionError("reports are tried for ever")


def is_busy(stage: Stage) -> bool:
    """Whether reports are being posted, or should be."""
    state = stage.provider.state()
    due_at = state["callback_due_at"]
    return state["callbacks_in_flight"] > 0 or (due_at is not None and due_at <= state["now"])


def until_true(stage: Stage, ends: Mapping[str, Collection[str]] = ENDS) -> None:
    """Wait until every row has the provider's state, by a report or by a poll."""
    wait_until(lambda: not untrue(stage, ends), "every row has the provider's state")


def untrue(stage: Stage, ends: Mapping[str, Collection[str]] = ENDS) -> list[str]:
    """Messages whose rows have another state."""
    states = dict(rows(stage.pool, STATES))
    expected = {message["message_id"]: ends.get(message["status"], ()) for message in stage.provider.messages()}
    return [message_id for message_id, allowed in expected.items() if states.get(message_id) not in allowed]


def judged(stage: Stage, result: Result) -> Result:
    """The same with how the reports fared, and with what must hold of all of them."""
    posted = reports(stage)
    codes = Counter(str(outcome) for report in posted for outcome in report["outcomes"])
    figures = {"reports": len(posted), "tries": sum(codes.values()), "answers": dict(sorted(codes.items()))}
    lies = row(stage.pool, BELIEVED)[0]
    lost = [
        report
        for report in posted
        if report["state"] == "given up" and not report["is_forged"] and 409 not in report["outcomes"]
    ]
    believed = [report for report in posted if report["is_forged"] and report["state"] == "taken"]
    faults = [f"{lies} lies were believed"] if lies else []
    faults += [f"{len(lost)} true reports were given up"] if lost else []
    faults += [f"{len(believed)} forged reports were taken"] if believed else []
    return faulted(replace(result, figures={**result.figures, **figures}), faults)
