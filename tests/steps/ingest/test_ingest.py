from datetime import UTC, datetime, timedelta

import pytest

from tests.steps.ledger import accept_batch, reasons
from tests.support.crm import add_account, delivery, event, execute, person, row, rows
from worker.core.contract.inbound_message import Delivery
from worker.steps.ingest.plan import Intake


def test_an_event_becomes_a_planned_text_for_its_recipient(intake: Intake) -> None:
    accepted = accept_batch(intake, delivery(event("invoice.overdue")))

    assert accepted.planned == 1
    results = row(intake.pool, "SELECT text, phone, state, lane, segments FROM notifications")
    assert results[0] == "Олена, рахунок INV-901 прострочено. До сплати 1 250,00 грн"
    assert results[1:] == ("+380671234567", "planned", "normal", 1)
    assert [nudge.lane for nudge in accepted.nudges] == ["normal"]


def test_a_repeated_event_is_counted_and_does_nothing_more(intake: Intake) -> None:
    body = event()
    accept_batch(intake, delivery(body))

    accepted = accept_batch(intake, delivery(body), delivery(dict(reversed(body.items()))))

    assert (accepted.repeats, accepted.planned, accepted.nudges) == (2, 0, ())
    assert row(intake.pool, "SELECT repeats FROM event_keys") == (2,)
    assert row(intake.pool, "SELECT count(*) FROM notifications") == (1,)
    assert reasons(intake) == []


def test_two_events_about_one_payment_make_one_text(intake: Intake) -> None:
    body = event()
    again = {**event(), "data": body["data"]}

    accept_batch(intake, delivery(body))
    accept_batch(intake, delivery(again))

    assert row(intake.pool, "SELECT count(*) FROM notifications") == (1,)
    assert row(intake.pool, "SELECT count(*) FROM events") == (2,)


@pytest.mark.parametrize(
    ("phone", "reason"),
    [(None, "no_phone"), ("", "no_phone"), ("12", "bad_phone"), ("044 123 45 67", "landline"), ("абв", "no_phone")],
)
def test_a_recipient_with_an_unusable_phone_is_skipped_with_a_reason(
    intake: Intake, phone: str | None, reason: str
) -> None:
    accept_batch(intake, delivery(event(recipients=[person(phone=phone), person("contact", "0501112233", id="18")])))

    results = rows(intake.pool, "SELECT state, reason FROM notifications ORDER BY state")
    assert results == [("planned", None), ("skipped", reason)]


def test_a_person_named_twice_gets_one_text(intake: Intake) -> None:
    twice = [person(phone="0671234567"), person(phone="+38 (067) 123-45-67", id="18")]

    accepted = accept_batch(intake, delivery(event(recipients=twice)))

    assert accepted.planned == 1


def test_a_comment_reaches_only_the_other_side(intake: Intake) -> None:
    accept_batch(intake, delivery(event("proposal.comment_added")))
    accept_batch(intake, delivery(event("proposal.comment_added", comment={"id": "7", "author": "client"})))

    results = rows(intake.pool, "SELECT trigger, recipient_kind FROM notifications ORDER BY trigger")
    assert results == [("proposal_comment_to_customer", "proposal"), ("proposal_comment_to_staff", "staff")]


def test_nul_and_half_characters_are_cleaned_and_the_text_goes(intake: Intake) -> None:
    message = delivery(event("invoice.overdue", recipients=[person(firstname="Оле*на#")]))
    body = message.body.replace(b"*", b"\\u0000").replace(b"#", b"\\ud83d")

    accept_batch(intake, Delivery(body, message.routing_key, message.queue))

    assert row(intake.pool, "SELECT text FROM notifications")[0].startswith("Олена, рахунок")


def test_html_entities_of_the_crm_are_repaired(intake: Intake) -> None:
    accept_batch(intake, delivery(event("invoice.overdue", recipients=[person(firstname="Дем&#039;ян &amp; Ко")])))

    assert row(intake.pool, "SELECT text FROM notifications")[0].startswith("Дем'ян & Ко, рахунок")


def test_a_template_that_renders_empty_is_a_skip(intake: Intake) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = '[{lead_name}]'")

    accept_batch(intake, delivery(event()))

    assert row(intake.pool, "SELECT state, reason FROM notifications") == ("skipped", "blank_text")


def test_a_blank_template_and_a_switch_turn_a_trigger_off(intake: Intake) -> None:
    execute(intake.pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'order_created'")
    execute(intake.pool, "UPDATE template_versions SET text = ' ' WHERE text LIKE '%скасовано%'")

    accept_batch(intake, delivery(event("order.created")), delivery(event("order.cancelled")))

    assert rows(intake.pool, "SELECT outcome FROM events") == [("switched_off",), ("switched_off",)]
    assert rows(intake.pool, "SELECT id FROM notifications") == []


def test_a_suppressed_recipient_is_skipped_with_a_reason(intake: Intake) -> None:
    accept_batch(intake, delivery(event()))
    execute(
        intake.pool,
        "INSERT INTO suppressions SELECT account, recipient_key, 'asked', 'test', now() FROM notifications",
    )

    accept_batch(intake, delivery(event()))

    assert rows(intake.pool, "SELECT state, reason FROM notifications ORDER BY id")[1] == ("skipped", "suppressed")


def test_quiet_hours_postpone_what_is_not_urgent_until_morning(intake: Intake) -> None:
    local = row(intake.pool, "SELECT (now() AT TIME ZONE 'Europe/Kyiv')::time")[0]
    minute = local.hour * 60 + local.minute
    opens, closes = (minute + 60, minute + 120) if minute < 1200 else (0, minute - 60)
    add_account(intake.pool, "night", opens=opens, closes=closes)

    accept_batch(intake, delivery(event(account="night")), delivery(event("order.created", account="night")))

    results = dict(rows(intake.pool, "SELECT trigger, state FROM notifications"))
    assert results == {"invoice_payment_recorded": "postponed", "order_created": "planned"}
    assert row(intake.pool, "SELECT due_at > now() FROM notifications WHERE state = 'postponed'") == (True,)


def test_a_notification_of_an_event_too_old_is_expired(intake: Intake) -> None:
    old = {**event(), "time": (datetime.now(UTC) - timedelta(days=3)).isoformat()}  # noqa: TID251 (the CRM's clock)

    accept_batch(intake, delivery(old))

    assert row(intake.pool, "SELECT state, reason FROM notifications") == ("expired", "too_late")


def test_records_keep_only_the_newest_facts(intake: Intake) -> None:
    new = event("invoice.overdue", invoice={"id": "9", "version": 5, "status": "paid"})
    old = event("invoice.overdue", invoice={"id": "9", "version": 4, "status": "unpaid"})

    accept_batch(intake, delivery(new))
    accept_batch(intake, delivery(old))

    assert row(intake.pool, "SELECT version, facts ->> 'status' FROM records WHERE id = '9'") == (5, "paid")


def test_a_withdrawn_row_comes_back_with_its_fact(intake: Intake) -> None:
    body = event("booking.confirmed")
    accept_batch(intake, delivery(body))
    execute(intake.pool, "UPDATE notifications SET state = 'cancelled', reason = 'booking_moved', due_at = NULL")

    accepted = accept_batch(intake, delivery({**event("booking.confirmed"), "data": body["data"]}))

    assert accepted.planned == 1
    assert row(intake.pool, "SELECT state, reason FROM notifications") == ("planned", None)


def test_an_account_nudges_200_rows_at_once_and_the_sweeper_the_rest(intake: Intake) -> None:
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(300)]

    accepted = accept_batch(intake, delivery(event(recipients=crowd)))

    assert accepted.planned == 300
    assert sum(len(nudge.notification_ids) for nudge in accepted.nudges) == 200
    due_now = row(intake.pool, "SELECT count(*) FROM notifications WHERE due_at <= now()")
    assert due_now == (100,)


def test_an_event_without_notifications_has_an_outcome(intake: Intake) -> None:
    body = event()
    accept_batch(intake, delivery(body))

    accept_batch(intake, delivery({**event(), "data": body["data"]}), delivery(event(recipients=[person("order")])))

    outcomes = [outcome for (outcome,) in rows(intake.pool, "SELECT outcome FROM events ORDER BY id")]
    assert sorted(outcomes) == ["already_planned", "no_recipient", "planned"]
