"""A person whom every part of the ledger knows is forgotten, and nothing else is."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from orjson import dumps

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.steps.privacy.everything_kept import columns_with
from tests.support.crm import SALT, Json, add_account, contact_event, delivery, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.triggers.recipients import key_of
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.operate.resolve_unconfirmed import resend
from worker.steps.operate.suppress import suppress
from worker.steps.privacy.erase import Progress, carry_on, carry_out, erase, request
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.consent.suppressions import Entry
from worker.store.db.postgres import Pool, transaction
from worker.store.privacy import documents
from worker.store.privacy import rows as rows_of_texts
from worker.store.sending.unconfirmed import list_unconfirmed

PHONE = "+380671234567"
FIRST, LAST = "Октавіана", "Зорецвітна"
WHO: Mapping[str, Any] = {"firstname": FIRST, "lastname": LAST}
TARAS: Json = {
    "kind": "contact",
    "id": "18",
    "phonenumber": "050 111 22 33",
    "firstname": "Тарас",
    "lastname": "Шевчук",
}
HER_KEY = key_of(PHONE, salt=SALT)
HER_ATTEMPTS = """
SELECT a.body_hash FROM attempts AS a INNER JOIN notifications AS n ON a.month = n.attempt_month AND a.key = n.attempt
WHERE n.recipient_key = %s
"""
SETTLED = "UPDATE notifications SET state = 'cancelled', reason = 'x', due_at = NULL WHERE state = 'planned'"
SAID_OF_HER = """
UPDATE dead_letters
SET event_id = 'call-0671234567', close_reason = '067 123 45 67 скаржиться', routing_key = 'acme.380671234567'
"""
MEETING = "SELECT data -> 'recipients' -> 0 ->> 'firstname' FROM calendar WHERE record_kind = 'meeting'"


def her(kind: str = "contact", **more: Any) -> Json:
    return person(kind, **{**WHO, **more})


def holds(pool: Pool, hashes: list[bytes]) -> list[str]:
    with transaction(pool) as connection:
        return columns_with(connection, PHONE, [FIRST, LAST], hashes)


def forget(pool: Pool, account: str | None = None) -> Progress:
    _, progress = erase(pool, PHONE, account, salt=SALT, by="Олена")
    assert progress is not None
    return progress


def known_everywhere(intake: Intake, sender: Sender) -> list[bytes]:
    """She is in events, texts, records, the calendar, letters, lists; the hashes of what was sent to her."""
    send(
        sender,
        planned(
            intake,
            event("invoice.overdue", recipients=[her(), TARAS]),
            event("order.created", recipients=[her("order")]),
        ),
    )
    hashes = [bytes(hash_) for (hash_,) in rows(intake.pool, HER_ATTEMPTS, HER_KEY)]
    texts = "SELECT text_hash FROM contact_log WHERE recipient_key = %s"
    hashes += [bytes(hash_) for (hash_,) in rows(intake.pool, texts, HER_KEY)]
    contact = {**WHO, "phonenumber": "067 123 45 67", "birthday": "1990-12-02", "email": f"{FIRST}@x.ua", "version": 1}
    booking = {
        "id": "b1",
        "start": "2030-01-05T10:00:00+02:00",
        "client_name": f"{FIRST} {LAST}",
        "phonenumber": "0671234567",
    }
    name = f"{FIRST} {LAST}"
    call = event("staff.reminder_due", recipients=[person("staff", "0501112244", firstname="Юрій", lastname="Ткач")])
    call["data"]["staff_reminder"]["description"] = f"Зателефонувати: {name}, 067-123-45-67"
    about_her = [
        contact_event("contact.saved", minutes=-2, **contact),
        contact_event("contact.saved", minutes=-1, **{**WHO, "version": 2, "consent": True}),
        event("booking.saved", booking=booking, recipients=[her("booking")]),
        event("meeting.saved", recipients=[her(), TARAS]),
        event("order.created", recipients=[her("order")], shortcodes={"x": f"для {FIRST}"}),
        {**call, "id": "call-0671234567"},
    ]
    accept(intake, [delivery(body) for body in about_her])
    wrong = event(recipients=[her()])
    del wrong["data"]["invoice"]
    accept(intake, [delivery(wrong), delivery(f'{{"{FIRST}": "067 123 45 67"'.encode(), key="acme.x")])
    with transaction(intake.pool) as connection:
        entry = Entry(HER_KEY, PHONE, "marketing", f"{FIRST} просила не писати", "operator", "Олена")
        suppress(connection, "acme", [entry], by="Олена")
    return hashes


def test_nothing_that_speaks_of_her_is_left_in_any_column(intake: Intake, sender: Sender) -> None:
    hashes = known_everywhere(intake, sender)
    before = holds(intake.pool, hashes)
    assert {name.partition(".")[0] for name in before} >= {
        *("events", "notifications", "records", "calendar", "dead_letters", "suppressions", "attempts", "contact_log")
    }
    execute(intake.pool, SETTLED)

    assert forget(intake.pool).is_finished

    assert holds(intake.pool, hashes) == []


def test_other_people_lose_nothing(intake: Intake, sender: Sender) -> None:
    known_everywhere(intake, sender)
    his = "SELECT phone, text FROM notifications WHERE recipient_id = '18'"
    before = rows(intake.pool, his)

    forget(intake.pool)

    assert rows(intake.pool, his) == before != []
    assert rows(intake.pool, MEETING) == [("Тарас",)]


def test_what_waits_for_her_is_cancelled_and_never_goes(intake: Intake, sender: Sender, provider: Provider) -> None:
    waiting = planned(intake, event(recipients=[her(), TARAS]))

    forget(intake.pool)
    send(sender, waiting)

    assert sorted(states(intake)) == [("accepted", None), ("cancelled", "erased")]
    assert [message["recipient"] for message in provider.messages()] == ["380501112233"]


def test_a_fact_that_was_announced_is_not_announced_again(intake: Intake, sender: Sender, provider: Provider) -> None:
    body = event(recipients=[her()])
    send(sender, planned(intake, body))
    forget(intake.pool)

    again = {**body, "id": "published-anew"}
    accept(intake, [delivery(body), delivery(again)])

    assert len(provider.messages()) == 1
    assert row(intake.pool, "SELECT count(*) FROM notifications") == (1,)


def test_the_stop_list_still_stops_her(intake: Intake, sender: Sender) -> None:
    known_everywhere(intake, sender)
    execute(intake.pool, "UPDATE suppressions SET scope = 'all'")
    forget(intake.pool)

    accept(intake, [delivery(event(recipients=[her()]))])

    newest = "SELECT state, reason FROM notifications ORDER BY id DESC LIMIT 1"
    assert row(intake.pool, newest) == ("skipped", "suppressed")
    assert row(intake.pool, "SELECT phone, reason FROM suppressions") == (None, "erased")


def test_an_unsettled_attempt_keeps_its_bytes_and_is_named(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("no_answer")
    send(sender, planned(intake, event(recipients=[her()])))
    [(key, body)] = rows(intake.pool, "SELECT key, body FROM attempts")

    progress = forget(intake.pool)

    assert not progress.is_finished
    assert [*progress.waits_for.values()] == [[key]]
    assert row(intake.pool, "SELECT body FROM attempts") == (body,)
    assert carry_on(intake.pool) == 0

    settle(intake.pool)

    assert carry_on(intake.pool) == 1
    assert holds(intake.pool, []) == []
    assert row(intake.pool, "SELECT finished_at IS NOT NULL, traces FROM erasures") == (True, None)


def test_what_had_no_answer_is_not_repeated_to_her(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("reset_before")
    send(sender, planned(intake, event(recipients=[her()])))
    forget(intake.pool)

    repeat_all(sender, sweep(intake, after=timedelta(minutes=5)))

    assert provider.messages() == []
    assert states(intake) == [("unconfirmed", "not_wanted")]
    assert carry_on(intake.pool) == 1


def test_what_comes_back_after_her_erasure_never_goes(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("reset_before", times=2)
    on_their_way = planned(intake, event(recipients=[her()]), event("invoice.overdue", recipients=[her()]))
    send(sender, on_their_way)
    forget(intake.pool)
    execute(intake.pool, "UPDATE attempts SET settled_at = now(), outcome = 'later', body = NULL, post_until = NULL")
    execute(intake.pool, "UPDATE notifications SET state = 'postponed', reason = 'rate_limited', due_at = now()")

    send(sender, on_their_way[:1])
    assert carry_on(intake.pool) == 1

    assert provider.messages() == []
    assert sorted(states(intake)) == [("cancelled", "erased"), ("expired", "too_late")]


def settle(pool: Pool) -> None:
    execute(
        pool,
        "UPDATE notifications SET state = 'unconfirmed', reason = 'key_expired', due_at = NULL WHERE state = 'sending'",
    )
    execute(pool, "UPDATE attempts SET settled_at = now(), outcome = 'unconfirmed', body = NULL, post_until = NULL")


def test_a_crash_between_two_documents_forgets_no_name(
    intake: Intake, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = known_everywhere(intake, sender)
    execute(intake.pool, SETTLED)
    monkeypatch.setattr(documents, "write", dies_at(4, documents.write))

    goes_on_after_a_crash(intake.pool, monkeypatch, hashes)


def test_a_crash_after_the_documents_forgets_no_event(
    intake: Intake, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text to a colleague that names her, of an event that told her nothing."""
    hashes = known_everywhere(intake, sender)
    call = "SELECT id FROM events WHERE event_id = 'call-0671234567'"
    execute(intake.pool, SETTLED)
    execute(intake.pool, f"UPDATE notifications SET text = '{FIRST} чекає' WHERE event = ({call})")  # noqa: S608
    monkeypatch.setattr(rows_of_texts, "speaking", dies_at(1, rows_of_texts.speaking))

    goes_on_after_a_crash(intake.pool, monkeypatch, hashes)


def dies_at(nth: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work, until a process dies at its nth call."""
    calls = count(1)

    def dies(*args: Any, **more: Any) -> Any:
        if next(calls) >= nth:
            raise KeyboardInterrupt
        return work(*args, **more)

    return dies


def goes_on_after_a_crash(pool: Pool, monkeypatch: pytest.MonkeyPatch, hashes: list[bytes]) -> None:
    with pytest.raises(KeyboardInterrupt):
        forget(pool)
    monkeypatch.undo()

    assert carry_on(pool) == 1
    assert holds(pool, hashes) == []


def test_an_erased_letter_cannot_be_replayed_and_another_can(intake: Intake) -> None:
    for recipients in ([her()], [her(), TARAS]):
        wrong = event(recipients=recipients)
        del wrong["data"]["invoice"]
        accept(intake, [delivery(wrong)])

    forget(intake.pool)

    letters = rows(intake.pool, "SELECT state, closed_by, body IS NULL FROM dead_letters ORDER BY id")
    assert letters == [("dropped", "erasure", True), ("open", None, False)]


def test_a_name_in_texts_to_others_outlives_no_body(intake: Intake) -> None:
    """Bodies are cleared long before texts: what she was written to about is known from her own."""
    invoice = event("invoice.overdue")["data"]["invoice"]
    accept(intake, [delivery(contact_event("contact.saved", minutes=-2, **her(), version=1))])
    planned(
        intake,
        event("invoice.overdue", recipients=[her(), TARAS], invoice=invoice),
        event("invoice.payment_recorded", recipients=[TARAS], invoice=invoice),
        event("invoice.overdue", recipients=[TARAS]),
    )
    execute(intake.pool, "UPDATE events SET body = ''")
    execute(intake.pool, "UPDATE notifications SET text = %s WHERE recipient_id = '18'", f"{FIRST} винна")
    execute(intake.pool, SETTLED)

    forget(intake.pool)

    texts = rows(intake.pool, "SELECT text FROM notifications WHERE recipient_id = '18' ORDER BY text")
    assert texts == [("",), ("",), (f"{FIRST} винна",)]


def test_an_edited_letter_keeps_nothing_of_what_arrived(intake: Intake) -> None:
    wrong = event(recipients=[her(), TARAS])
    del wrong["data"]["invoice"]
    accept(intake, [delivery(wrong)])
    wrong["data"]["recipients"] = [TARAS]
    execute(intake.pool, "UPDATE dead_letters SET edited_by = 'x', edited_at = now(), edited_body = %s", dumps(wrong))

    forget(intake.pool)

    assert holds(intake.pool, []) == []
    assert row(intake.pool, "SELECT state, body IS NULL FROM dead_letters") == ("open", False)


def test_a_letter_of_others_loses_what_is_written_of_her(intake: Intake) -> None:
    wrong = event(recipients=[TARAS])
    del wrong["data"]["invoice"]
    accept(intake, [delivery(wrong)])
    execute(intake.pool, SAID_OF_HER)

    forget(intake.pool)

    assert holds(intake.pool, []) == []
    assert row(intake.pool, "SELECT state, body IS NULL FROM dead_letters") == ("open", False)


def test_a_phone_is_forgotten_in_one_account_alone_if_that_is_wanted(intake: Intake, sender: Sender) -> None:
    known_everywhere(intake, sender)
    add_account(intake.pool, "beta")
    send(sender, planned(intake, event(account="beta", recipients=[her()])))
    hers = "SELECT phone, text <> '' FROM notifications WHERE account = %s AND recipient_key = %s ORDER BY id"
    before = rows(intake.pool, hers, "acme", HER_KEY)

    assert forget(intake.pool, "beta").is_finished

    assert rows(intake.pool, hers, "beta", HER_KEY) == [(None, False)]
    assert rows(intake.pool, hers, "acme", HER_KEY) == before
    assert (PHONE, True) in before


def test_whoever_asks_twice_gets_one_erasure(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("no_answer")
    send(sender, planned(intake, event(recipients=[her()])))

    first, second = forget(intake.pool), forget(intake.pool)

    assert first.id == second.id
    assert carry_out(intake.pool, first.id + 1) is None


def test_a_contact_that_the_crm_deletes_is_forgotten_where_the_account_says_so(intake: Intake, sender: Sender) -> None:
    hashes = known_everywhere(intake, sender)
    execute(intake.pool, SETTLED)
    accept(intake, [delivery(contact_event("contact.deleted", minutes=1, version=9))])

    assert carry_on(intake.pool) == 0
    execute(intake.pool, "UPDATE accounts SET erase_deleted = TRUE")

    assert (carry_on(intake.pool), carry_on(intake.pool)) == (1, 0)
    assert holds(intake.pool, hashes) == []
    hers = "SELECT count(*) FROM notifications WHERE recipient_kind = 'contact' AND phone = '+380671234567'"
    assert row(intake.pool, hers) == (0,)


def test_an_erasure_that_fails_holds_up_no_other(
    intake: Intake, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = known_everywhere(intake, sender)
    execute(intake.pool, SETTLED)
    accept(intake, [delivery(contact_event("contact.deleted", minutes=1, version=9))])
    execute(intake.pool, "UPDATE accounts SET erase_deleted = TRUE")
    monkeypatch.setattr(rows_of_texts, "phones_of", dies)
    with transaction(intake.pool) as connection:
        request(connection, "+380501112233", None, salt=SALT, by="Олена")

    assert carry_on(intake.pool) == 1
    assert row(intake.pool, "SELECT contact FROM erasures WHERE finished_at IS NULL") == ("17",)
    monkeypatch.undo()
    assert (carry_on(intake.pool), holds(intake.pool, hashes)) == (1, [])


def dies(*_args: object, **_more: object) -> None:
    raise RuntimeError


def test_an_erased_text_cannot_be_sent_again_by_hand(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("no_answer")
    [notification_id] = planned(intake, event(recipients=[her()]))
    send(sender, [notification_id])
    settle(intake.pool)
    assert forget(intake.pool).is_finished

    with transaction(intake.pool) as connection:
        [decided] = resend(connection, [notification_id], by="Олена")
        listed = list_unconfirmed(connection, account=None, limit=10)

    assert (decided.is_done, decided.state, listed) == (False, "erased", [])
