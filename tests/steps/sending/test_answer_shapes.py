from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from tests.turbosms.raw_server import answer, serving
from worker.core.sending.nudge import NotificationId
from worker.steps.effects import Effect, Ended
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.turbosms.client import TurboSms

STOPPED = "380671000001"
PHONES = ["380671000000", STOPPED, "380671000002", "380671000003"]


@pytest.fixture
def crowd(intake: Intake) -> Callable[[], list[NotificationId]]:
    """Four people with the same text, in one POST."""
    execute(intake.pool, "UPDATE template_versions SET text = 'Дякуємо за оплату!'")
    people = [person(phone=phone, id=phone) for phone in PHONES]
    return lambda: planned(intake, event(recipients=people))


ACCEPTED = ("accepted", None)
STOPLISTED = ("refused", "not_allowed_number_stoplist")
LEFT_OUT = ("unconfirmed", "left_out")


@pytest.mark.parametrize("fault", ["reorder_rows", "extra_rows", "wrong_phone_format"])
def test_every_row_finds_its_person_however_an_answer_lists_them(
    intake: Intake, sender: Sender, provider: Provider, crowd: Callable[[], list[NotificationId]], fault: str
) -> None:
    provider.stop(STOPPED)
    provider.fault(fault)

    send(sender, crowd())

    assert by_phone(intake) == [ACCEPTED, STOPLISTED, ACCEPTED, ACCEPTED]
    made = {(f"+{message['recipient']}", message["message_id"]) for message in provider.messages()}
    assert set(rows(intake.pool, NAMED)) == made
    assert provider.state()["posts"] == 1


def by_phone(intake: Intake) -> list[tuple[str, str | None]]:
    return [(item[0], item[1]) for item in rows(intake.pool, "SELECT state, reason FROM notifications ORDER BY phone")]


NAMED = """
SELECT n.phone, p.message_id FROM provider_messages AS p
INNER JOIN notifications AS n ON p.month = n.month AND p.notification = n.id
"""


def test_the_rows_of_an_acceptance_decide_whatever_its_code(
    intake: Intake, sender: Sender, crowd: Callable[[], list[NotificationId]]
) -> None:
    for code in (0, 800, 801, 802, 803, 850):
        with serving(answer(accepting(code))) as server:
            client = TurboSms(server.url, deadline_s=20)
            send(replace(sender, provider=client), crowd())
            client.close()
        assert by_phone(intake) == [ACCEPTED, ("refused", "invalid_phone"), LEFT_OUT, LEFT_OUT], code
        assert rows(intake.pool, "DELETE FROM provider_messages RETURNING message_id") == [("id-0",)]
        execute(intake.pool, "DELETE FROM notifications")


def accepting(code: int) -> bytes:
    """The first is accepted, the second refused, the third has no id, the fourth is left out."""
    given = [(0, "id-0"), (305, None), (0, None)]
    result = [
        {"phone": phone, "response_code": row_code, "message_id": message_id, "response_status": ""}
        for phone, (row_code, message_id) in zip(PHONES, given, strict=False)
    ]
    body = orjson.dumps({"response_code": code, "response_status": "", "response_result": result})
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def test_a_text_accepted_under_anothers_id_is_given_up_at_once(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], measured: list[Effect]
) -> None:
    sender = replace(sender, measure=measured.extend)
    send(sender, planned(intake))
    provider.fault("same_id")

    send(sender, planned(intake, event(recipients=[person(phone=PHONES[0], id="18")])))

    assert states(intake) == [ACCEPTED, ("accepted", "not_tracked")]
    assert [phone for phone, _ in rows(intake.pool, NAMED)] == ["+380671234567"]
    assert rows(intake.pool, "SELECT to_state, reason, actor FROM transitions ORDER BY id DESC LIMIT 2") == [
        ("accepted", "not_tracked", "record"),
        ("accepted", None, "record"),
    ]
    assert alerts == ["message_id.repeated"]
    ends = [(end.state, end.reason) for end in measured if isinstance(end, Ended)]
    assert ends == [("accepted", None), ("accepted", None), ("accepted", "not_tracked")]


@pytest.mark.parametrize("shape", ["rows", "nested"])
def test_507_with_rows_is_adopted_refusals_and_all(
    intake: Intake, sender: Sender, provider: Provider, crowd: Callable[[], list[NotificationId]], shape: str
) -> None:
    provider.settings(repeat_shape=shape)
    provider.stop(STOPPED)
    provider.fault("reset_after")
    send(sender, crowd())

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert by_phone(intake) == [ACCEPTED, STOPLISTED, ACCEPTED, ACCEPTED]
    assert (len(provider.messages()), provider.state()["repeats"]) == (3, 1)
    assert sweep(intake, after=timedelta(days=2)).count == 0


def test_507_with_nothing_in_it_leaves_all_unconfirmed_for_ever(
    intake: Intake, sender: Sender, provider: Provider, crowd: Callable[[], list[NotificationId]]
) -> None:
    provider.settings(repeat_shape="null")
    provider.stop(STOPPED)
    provider.fault("reset_after")
    send(sender, crowd())

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [("unconfirmed", "repeat")] * 4
    assert sweep(intake, after=timedelta(days=2)).count == 0


@pytest.mark.parametrize(
    ("shape", "expected"),
    [("nested", ("refused", "not_allowed_message_text")), ("rows", ("unconfirmed", "repeat"))],
)
def test_507_with_the_refusal_of_the_whole_request_is_that_refusal(
    intake: Intake, sender: Sender, provider: Provider, shape: str, expected: tuple[str, str]
) -> None:
    provider.settings(repeat_shape=shape, refusals_stored=True, forbidden_texts=["INV"])
    provider.fault("reset_after")
    send(sender, planned(intake, event("invoice.overdue")))

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [expected]


def test_427_on_a_first_try_waits_out_the_providers_window_once(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("code", code=427, times=2)
    notification_ids = planned(intake)
    send(sender, notification_ids)
    assert states(intake) == [("postponed", "duplicate")]

    assert sweep(intake, after=timedelta(seconds=85)).count == 0
    assert sweep(intake, after=timedelta(seconds=15)).count == 1
    send(sender, notification_ids)

    assert states(intake) == [("refused", "duplicate")]
    assert row(intake.pool, "SELECT count(*), count(DISTINCT key) FROM attempts") == (2, 2)


def test_427_that_was_waited_out_is_sent(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=427)
    notification_ids = planned(intake)
    send(sender, notification_ids)

    sweep(intake, after=timedelta(seconds=100))
    send(sender, notification_ids)

    assert states(intake) == [ACCEPTED]


def test_427_after_a_lost_answer_was_the_first_post(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.settings(keys_honoured=False)
    provider.fault("reset_after")
    send(sender, planned(intake))

    repeat_all(sender, sweep(intake, after=timedelta(minutes=1, seconds=30)))

    assert states(intake) == [("unconfirmed", "duplicate")]
    assert len(provider.messages()) == 1


def test_code_438_stops_every_replica_for_a_minute_and_slows_them(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    execute(intake.pool, "UPDATE accounts SET requests_per_s = 0.05")
    provider.fault("code", code=438)
    send(sender, planned(intake))
    other = planned(intake, event())
    replica = replace(sender, provider=TurboSms(provider.url))
    send(replica, other)
    assert states(intake) == [("postponed", "rate_limited"), ("postponed", "paced")]
    assert provider.state()["posts"] == 1

    sweep(intake, after=timedelta(seconds=61))
    send(replica, other)
    assert states(intake)[1] == ACCEPTED
    assert 25 < pace_s(intake) <= 40

    sweep(intake, after=timedelta(minutes=10))
    send(sender, planned(intake, event()))
    assert 5 < pace_s(intake) <= 20
    assert alerts == ["provider.limits"]
    replica.provider.close()


def pace_s(intake: Intake) -> float:
    """How long the next request waits after the last."""
    return float(row(intake.pool, "SELECT extract(epoch FROM requests_at - clock_timestamp()) FROM rate_limits")[0])


def test_an_overdue_row_expires_and_is_unconfirmed_if_perhaps_sent(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("code", code=503, match={"text_contains": "Оплату"})
    provider.fault("reset_after")
    notification_ids = planned(intake, event(), event("invoice.overdue"))
    send(sender, notification_ids)
    execute(intake.pool, "UPDATE notifications SET expires_at = now()")

    released = sweep(intake, after=timedelta(minutes=2))
    repeat_all(sender, released)
    send(sender, notification_ids)

    assert sorted(states(intake)) == [("expired", "too_late"), ("unconfirmed", "not_wanted")]
    assert provider.state()["posts"] == 2
