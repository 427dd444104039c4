from __future__ import annotations

from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.crm import SECRET, add_account, event, execute, person, row, rows
from tests.provider import Provider
from tests.steps.ledger import planned
from tests.steps.receipts import LEGS, callback, everything, standings, taken
from worker.core.tracking import ABANDONED, TRACKED
from worker.core.waits import ASK_LEASE
from worker.steps.collect import Collector, collect
from worker.steps.hear import hear
from worker.steps.measure import Measured, Receipts
from worker.steps.plan import Intake
from worker.steps.post import Sender
from worker.steps.send import send
from worker.store.configuration import ConfigurationCache
from worker.store.postgres import Pool
from worker.store.secrets import Seal
from worker.turbosms.client import TurboSms

WAIT = "SELECT due_at - now() FROM notifications"


@pytest.fixture
def measured() -> list[Measured]:
    return []


@pytest.fixture
def collector(intake: Intake, provider: Provider, alerts: list[str], measured: list[Measured]) -> Generator[Collector]:
    def tell(name: str, _facts: Mapping[str, object]) -> None:
        alerts.append(name)

    client = TurboSms(provider.url, deadline_s=3)
    yield Collector(intake.pool, ConfigurationCache(), client, Seal([SECRET]), tell, measured.extend)
    client.close()


def due(pool: Pool) -> None:
    execute(pool, "UPDATE notifications SET due_at = now() WHERE due_at IS NOT NULL")
    execute(pool, "UPDATE follow_ups SET due_at = now()")


def questions(provider: Provider) -> dict[str, int]:
    return {name: count for name, count in provider.state()["requests"].items() if not name.startswith("message/send")}


def test_what_was_sent_is_asked_for_until_it_is_delivered_with_its_price(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    send(sender, planned(intake))
    assert collect(collector).messages == 0

    due(intake.pool)
    assert collect(collector).messages == 1
    assert row(intake.pool, "SELECT state, due_at > now() FROM notifications") == ("accepted", True)

    provider.advance(timedelta(seconds=10))
    due(intake.pool)
    assert collect(collector).messages == 1
    assert row(intake.pool, "SELECT state, reason, due_at FROM notifications") == ("delivered", None, None)
    [(_, channel, status, _, price, segments)] = rows(intake.pool, LEGS)
    assert (channel, status, price > 0, segments) == ("sms", "delivered", True, 1)
    assert rows(intake.pool, "SELECT * FROM follow_ups") == []

    due(intake.pool)
    assert collect(collector).messages == 0
    assert questions(provider) == {"message/details": 2}


def test_a_hundred_messages_go_in_one_question(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = 'Дякуємо за оплату!'")
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(101)]
    send(sender, planned(intake, event(recipients=crowd)))
    provider.advance(timedelta(seconds=10))
    due(intake.pool)

    found = collect(collector)

    assert found.messages == 101
    assert questions(provider) == {"message/details": 2}
    assert rows(intake.pool, "SELECT DISTINCT state FROM notifications") == [("delivered",)]


def test_schedulers_beside_each_other_ask_for_each_message_once(
    intake: Intake, collector: Collector, provider: Provider
) -> None:
    taken(intake.pool, *(f"m-{number}" for number in range(40)))
    due(intake.pool)
    provider.settings(latency_ms=100)

    with ThreadPoolExecutor(4) as schedulers:
        found = [schedulers.submit(collect, collector, limit=10) for _ in range(4)]

    assert sum(one.result().messages for one in found) == 40
    assert questions(provider) == {"message/details": 4}


@pytest.mark.parametrize("known", ["00000000-0000-0000-0000-000000000000", "malformed"], ids=["414", "307"])
def test_an_id_that_turbosms_does_not_know_is_not_asked_for_again(
    intake: Intake, collector: Collector, measured: list[Measured], known: str
) -> None:
    taken(intake.pool, known)
    due(intake.pool)

    collect(collector)

    assert standings(intake.pool) == {known: ("accepted", "not_tracked")}
    assert row(intake.pool, "SELECT due_at FROM notifications") == (None,)
    assert row(intake.pool, "SELECT from_state, to_state, reason, actor FROM moves") == (
        "accepted",
        "accepted",
        "not_tracked",
        "collect",
    )
    assert measured == [Receipts("poll", "gone", 1)]


@pytest.mark.parametrize("fault", ["html", "truncated", "reset_after", "null_result"])
def test_an_answer_that_tells_nothing_leaves_everything_as_it_was(
    intake: Intake, collector: Collector, provider: Provider, fault: str
) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    provider.fault(fault, match={"method": "message/*"}, times=1)

    collect(collector)

    assert standings(intake.pool) == {"m-1": ("accepted", None)}
    assert timedelta(seconds=30) < row(intake.pool, WAIT)[0] <= timedelta(seconds=60)
    assert rows(intake.pool, LEGS) == []


def test_an_answer_of_three_hundred_megabytes_is_cut(intake: Intake, collector: Collector, provider: Provider) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    provider.fault("huge", match={"method": "message/*"}, megabytes=300)

    assert collect(collector).faults == {"acme": "too_large"}

    assert standings(intake.pool) == {"m-1": ("accepted", None)}


def test_a_lost_question_does_not_end_what_is_seven_days_old_but_an_eighth_silent_day_does(
    intake: Intake, collector: Collector, provider: Provider
) -> None:
    taken(intake.pool, "m-1", age=TRACKED)
    due(intake.pool)
    provider.fault("http", match={"method": "message/*"}, times=None)

    collect(collector)
    assert standings(intake.pool) == {"m-1": ("accepted", None)}

    execute(intake.pool, "UPDATE provider_messages SET accepted_at = now() - %s", ABANDONED)
    due(intake.pool)
    assert collect(collector).messages == 0
    assert standings(intake.pool) == {"m-1": ("accepted", "no_receipt")}


def test_seven_silent_days_keep_the_state_with_a_reason_and_a_late_callback_still_counts(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    provider.settings(final_after_s=10**7)
    send(sender, planned(intake))
    provider.advance(timedelta(seconds=3))
    execute(intake.pool, "UPDATE provider_messages SET accepted_at = now() - %s", TRACKED)
    due(intake.pool)

    collect(collector)

    assert row(intake.pool, "SELECT state, reason, due_at FROM notifications") == ("sent", "no_receipt", None)
    (message_id,) = row(intake.pool, "SELECT message_id FROM provider_messages")
    hear(intake.pool, "acme", [callback(message_id)])
    assert standings(intake.pool) == {message_id: ("delivered", None)}


def test_a_demand_for_a_slower_pace_slows_the_account_and_keeps_the_question(
    intake: Intake, collector: Collector, provider: Provider, alerts: list[str]
) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    provider.fault("code", code=438, match={"method": "message/*"}, times=1)

    collect(collector)
    due(intake.pool)
    assert collect(collector).messages == 0

    assert alerts == ["provider.limits"]
    assert row(intake.pool, "SELECT slowed_until > now() FROM rates") == (True,)
    assert timedelta(0) < row(intake.pool, WAIT)[0] <= ASK_LEASE
    assert questions(provider) == {"message/details": 1}


def test_where_details_are_refused_the_status_is_asked_for(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    send(sender, planned(intake))
    provider.advance(timedelta(seconds=10))
    provider.fault("code", code=300, match={"method": "message/details"}, times=None)
    due(intake.pool)

    collect(collector)

    assert row(intake.pool, "SELECT state FROM notifications") == ("delivered",)
    assert questions(provider) == {"message/details": 1, "message/status": 1}
    assert row(intake.pool, "SELECT price, (SELECT count(*) FROM follow_ups) FROM legs") == (None, 1)


@pytest.mark.parametrize(("scope", "reason"), [("provider", "provider_failing"), ("account", "token")])
def test_an_account_that_stands_still_is_not_asked_for(
    intake: Intake, collector: Collector, provider: Provider, scope: str, reason: str
) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    execute(intake.pool, "INSERT INTO pauses VALUES ('acme', %s, %s, NULL, now(), 'x')", scope, reason)

    assert collect(collector).messages == 0

    assert row(intake.pool, "SELECT due_at > now() FROM notifications") == (True,)
    assert questions(provider) == {}


def test_an_account_without_money_still_hears_what_became_of_its_messages(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    execute(intake.pool, "INSERT INTO pauses VALUES ('acme', 'account', 'money', 203, now(), 'x')")

    assert collect(collector).messages == 1


def test_where_receipts_come_by_themselves_young_messages_are_not_asked_for(
    intake: Intake, collector: Collector, provider: Provider
) -> None:
    taken(intake.pool, "m-1", "m-2")
    hear(intake.pool, "acme", [callback("m-1")])
    due(intake.pool)
    execute(intake.pool, "DELETE FROM follow_ups")

    assert collect(collector).messages == 0

    waits = rows(intake.pool, WAIT + " WHERE due_at IS NOT NULL")
    assert [timedelta(minutes=10) < wait < timedelta(minutes=15) for (wait,) in waits] == [True]
    assert questions(provider) == {}


def test_what_arrived_by_callback_is_asked_for_its_price_alone(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    send(sender, planned(intake))
    provider.advance(timedelta(seconds=10))
    (message_id,) = row(intake.pool, "SELECT message_id FROM provider_messages")
    hear(intake.pool, "acme", [callback(message_id)])
    assert collect(collector).messages == 0

    due(intake.pool)
    assert collect(collector).messages == 1

    assert row(intake.pool, "SELECT price > 0, segments FROM legs") == (True, 1)
    assert rows(intake.pool, "SELECT * FROM follow_ups") == []


def test_a_price_that_nobody_tells_is_given_up_in_the_end(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1", age=timedelta(days=2))
    hear(intake.pool, "acme", [callback("m-1")])
    due(intake.pool)

    collect(collector)

    assert standings(intake.pool) == {"m-1": ("delivered", None)}
    assert rows(intake.pool, "SELECT * FROM follow_ups") == []


def test_a_row_whose_id_is_another_notifications_is_not_asked_for(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1")
    execute(intake.pool, "DELETE FROM provider_messages")
    due(intake.pool)

    assert collect(collector).messages == 0

    assert row(intake.pool, "SELECT state, reason, due_at FROM notifications") == ("accepted", "not_tracked", None)


def test_an_account_that_is_gone_and_a_token_of_another_key_ask_nothing(
    intake: Intake, collector: Collector, provider: Provider
) -> None:
    taken(intake.pool, "m-1", account="gone")
    taken(intake.pool, "m-2")
    execute(intake.pool, "UPDATE accounts SET token = %s", Seal(["another key"]).close(b"x"))
    due(intake.pool)

    assert collect(collector).faults == {"acme": "sealed_with_another_key"}

    assert set(standings(intake.pool).values()) == {("accepted", None)}
    assert questions(provider) == {}


def test_one_accounts_crowd_and_the_pace_leave_room_for_others(intake: Intake, collector: Collector) -> None:
    add_account(intake.pool, "other")
    taken(intake.pool, "m-1")
    taken(intake.pool, "m-2", account="other")
    execute(
        intake.pool,
        "INSERT INTO rates (account, requests_at) VALUES ('acme', now() + interval '1 minute')",
    )
    due(intake.pool)

    assert collect(collector).messages == 1

    assert standings(intake.pool) == {"m-1": ("accepted", None), "m-2": ("accepted", "not_tracked")}


def test_nothing_due_is_one_look(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1")
    before = everything(intake.pool)

    found = collect(collector)

    assert (found.messages, found.lag, found.is_full) == (0, timedelta(), False)
    assert everything(intake.pool) == before


def test_how_late_the_first_question_is_is_told(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1", "m-2")
    execute(intake.pool, "UPDATE notifications SET due_at = now() - interval '1 hour'")

    found = collect(collector, limit=1)

    assert timedelta(hours=1) <= found.lag < timedelta(hours=1, minutes=1)
    assert found.is_full
