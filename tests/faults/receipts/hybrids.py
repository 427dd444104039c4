"""Viber that does not bring it, statuses that mean nothing or go back: what the rows and their channels come to."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.faults.harness.environment import ACCOUNTS, Stage, moment, token_of
from tests.faults.harness.row import Result
from tests.faults.provider.refusals import control
from tests.faults.receipts.receipts import reporting, until_true, wait_for_reports
from tests.faults.workers.process_ends import faulted
from tests.support.crm import rows
from tests.support.waiting import wait_until

VIBER = "DemoViber"
#: Why Viber does not bring it.
LOST = ("not_viber_user", "user_blocked", "no_device", "silent")
#: Any wait for Viber is over.
WAITED = timedelta(hours=26)
CHANNELS = "SELECT message_id, channel, status, price, segments FROM channel_statuses"

ODD = ("odd_word", "stuck", "backwards")
#: An unknown status, or a status that never changes, ends nothing; what was delivered stays so.
ODD_ENDS = {"Teleported": {"sent"}, "Accepted": {"accepted"}, "Sent": {"delivered"}, "Delivered": {"delivered"}}

Statuses = set[tuple[str, str, str, Decimal, int]]


def by_sms_instead(stage: Stage, runs: int) -> Result:
    """Viber loses so many for each reason: the SMS brings them, and each channel has its price."""
    by_viber_first(stage)
    with reporting(stage) as (fleet, _):
        for fate in LOST:
            control(stage, "POST", "fates", {"viber": fate, "times": runs})
        stage.publish(stage.events.stream(runs * (len(LOST) + 1), people=1)).wait()
        assert stage.rest().came, "it came to rest"
        stage.provider.advance(WAITED)
        wait_for_reports(stage)
        until_true(stage)
        wait_until(lambda: not unpriced(stage), "every channel is reported with its price")
        result = stage.result(fleet, runs=runs * len(LOST), since=moment())
    truth = truth_of(stage)
    fallen = sum(channel == "sms" for _, channel, *_ in truth)
    figures = {"fallen back": fallen, "UAH": float(sum(price for *_, price, _ in truth))}
    faults = [] if fallen == runs * len(LOST) else [f"{fallen} fell back"]
    return faulted(replace(result, figures=figures), faults)


def by_viber_first(stage: Stage) -> None:
    """Let every account try Viber before its SMS."""
    stage.set_accounts("viber_sender", VIBER)
    stage.set_accounts("viber_instead", value=True)
    for account in ACCOUNTS:
        control(stage, "POST", "accounts", {"token": token_of(account), "viber_senders": [VIBER]})


def oddly_walking(stage: Stage, runs: int) -> Result:
    """Statuses of so many messages are unknown, never end, or go back."""
    with reporting(stage, callback_steps="all", callback_words="plain") as (fleet, _):
        for fate in ODD:
            control(stage, "POST", "fates", {"sms": fate, "times": runs})
        stage.publish(stage.events.stream(runs * (len(ODD) + 1), people=1)).wait()
        assert stage.rest().came, "it came to rest"
        wait_for_reports(stage)
        until_true(stage, ODD_ENDS)
        result = stage.result(fleet, runs=runs * len(ODD), since=moment())
    statuses = {message["status"] for message in stage.provider.messages()}
    return faulted(result, [] if statuses == ODD_ENDS.keys() else [f"only {', '.join(sorted(statuses))} were reported"])


def truth_of(stage: Stage) -> Statuses:
    """Every channel as the provider has it."""
    return {
        (message["message_id"], it["channel"], it["status"].lower(), Decimal(str(it["price"])), it["segments"])
        for message in stage.provider.messages()
        for it in message["channels"]
    }


def unpriced(stage: Stage) -> Statuses:
    """Channels of the provider that ours are not like."""
    return truth_of(stage) - {(*channel, price, segments) for *channel, price, segments in rows(stage.pool, CHANNELS)}
