from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.crm import Json, event, person, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[Json]], None]


def test_every_kind_of_event_becomes_an_sms(system: System, publish: Publish, pool: Pool, provider: Provider) -> None:
    system.start("worker")
    types = ("invoice.overdue", "invoice.payment_recorded", "order.created", "order.approved", "order.cancelled")
    types += ("booking.submitted", "booking.confirmed", "proposal.comment_added")

    publish(event(type_) for type_ in types)
    publish([event("proposal.comment_added", comment={"id": "c2", "author": "client"})])

    wait_for_accepted(pool, 9)
    assert len(provider.messages()) == 9
    assert len(rows(pool, "SELECT DISTINCT trigger FROM notifications")) == 9


def test_urgent_events_have_a_queue_of_their_own(system: System, publish: Publish, pool: Pool) -> None:
    system.start("worker", "--queues", "crm.events.urgent")

    publish([event("order.created"), event("booking.confirmed"), event("invoice.overdue")])

    wait_until(lambda: rows(pool, "SELECT 1 FROM events HAVING count(*) = 2"), "the two urgent events")
    system.start("worker", "--queues", "crm.events")
    wait_until(lambda: rows(pool, "SELECT 1 FROM events HAVING count(*) = 3"), "the other one")
    assert row(pool, "SELECT count(*) FROM event_keys WHERE repeats > 0") == (0,)


@pytest.mark.long
def test_a_thousand_events_are_sent_once_each(system: System, publish: Publish, pool: Pool, provider: Provider) -> None:
    system.start("worker")
    system.start("worker")
    system.start("scheduler")

    publish(event("invoice.overdue", recipients=[person(phone=f"067{number:07d}")]) for number in range(1000))

    wait_for_accepted(pool, 1000)
    recipients = [message["recipient"] for message in provider.messages()]
    assert (len(recipients), len(set(recipients))) == (1000, 1000)


def test_a_crowd_beyond_the_first_nudges_is_brought_by_the_sweeper(
    system: System, publish: Publish, pool: Pool
) -> None:
    system.start("worker")
    system.start("scheduler")

    publish([event(recipients=[person(phone=f"067{number:07d}", id=str(number)) for number in range(450)])])

    wait_for_accepted(pool, 450)
    assert system.log_lines("rows.released")


def test_processes_end_in_good_order(system: System, publish: Publish, pool: Pool) -> None:
    system.start("worker")
    system.start("scheduler")
    publish(event() for _ in range(50))
    wait_until(lambda: system.log_lines("events.accepted"), "the worker is at work")

    codes = system.stop()

    assert codes == [0, 0]
    assert system.log_lines("worker.stopped")
    publish([])
    system.start("worker")
    system.start("scheduler")
    wait_for_accepted(pool, 50)


def of_event(system: System, event_id: object, *actions: str) -> list[dict[str, Any]]:
    lines = [line for action in actions for line in system.log_lines(action)]
    return [line for line in lines if line.get("sms.event_id") == event_id]


def test_one_id_finds_every_line_of_an_event(system: System, publish: Publish, provider: Provider) -> None:
    system.start("worker")
    system.start("scheduler")
    sent, skipped = event("order.created"), event("order.created", recipients=[person("order", None)])
    wrong = {**event("order.created"), "data": {"recipients": "nobody"}}

    publish([sent, skipped, wrong, sent])

    actions = ("event.planned", "event.repeated", "text.accepted", "text.skipped", "dead_letter.event")
    found = [(sent, 3), (skipped, 2), (wrong, 1)]
    wait_until(
        lambda: all(len(of_event(system, body["id"], *actions)) == lines for body, lines in found),
        "each has its lines",
    )
    [taken] = of_event(system, sent["id"], "text.accepted")
    assert taken["message"] == f"TurboSMS took text {taken['sms.notification']} of acme (order_created)."
    assert (taken["sms.account"], taken["sms.trigger"], taken["sms.state"]) == ("acme", "order_created", "accepted")
    assert [taken["sms.notification"]] == of_event(system, sent["id"], "event.planned")[0]["sms.notifications"]
    assert of_event(system, skipped["id"], "text.skipped")[0]["sms.reason"] == "no_phone"
    assert of_event(system, wrong["id"], "dead_letter.event")[0]["sms.reason"] == "schema"
    assert len(provider.messages()) == 1
