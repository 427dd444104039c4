from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.core.examples import NOW, account, drafted, everything, happened, switch
from tests.support.crm import Json, person
from worker.core.accounts.account import Account, Switch, Text
from worker.core.clock.quiet_hours import Window
from worker.core.clock.timeouts import NUDGE_WAIT
from worker.core.planning.draft import Draft, skipped
from worker.core.texts.transliteration import Spelling
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.match import record_of

DAY = Window(9 * 60, 20 * 60)
NIGHT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def only(event_type: str = "invoice.overdue", **data: Any) -> Draft:
    [draft] = drafted(happened(event_type, **data))
    return draft


def keys(event_type: str, *facts: Json) -> int:
    return len({only(event_type, **each).key for each in facts})


def order(**fields: object) -> Json:
    return {"order": {"id": "5", "number": "5", **fields}}


def booking(start: str, id_: str = "5") -> Json:
    return {"booking": {"id": id_, "start": start}}


def invoice(id_: str = "901", **fields: object) -> Json:
    return {"invoice": {"id": id_, "number": "INV-901", **fields}}


def payment(id_: str) -> Json:
    return {"payment": {"id": id_, "total": {"amount": "1.00", "currency": "UAH"}}}


def test_a_draft_holds_everything_its_row_needs() -> None:
    event = happened(client={"id": 5}, **invoice(version=4))

    [draft] = drafted(event)

    assert (draft.account, draft.trigger, draft.channel) == ("acme", "invoice_overdue_notice", "sms")
    assert (draft.recipient_kind, draft.recipient_id, draft.client_id, draft.phone) == (
        "contact",
        "17",
        "5",
        "+380671234567",
    )
    assert (draft.message_class, draft.lane, draft.locale, draft.zone, draft.sender) == (
        "transactional",
        "normal",
        "uk",
        "Europe/Kyiv",
        "DemoShop",
    )
    assert (draft.template, draft.template_version, draft.text) == (
        7,
        3,
        "Олена, рахунок INV-901 прострочено. До сплати",
    )
    assert (draft.record.record_kind, draft.record.id, draft.record.version, draft.record.changed_at) == (
        "invoice",
        "901",
        4,
        NOW,
    )
    assert (draft.state, draft.reason, draft.due_at) == ("planned", None, NOW + NUDGE_WAIT)


def test_the_key_differs_by_trigger_record_version_and_recipient() -> None:
    twice = drafted(happened(recipients=[person(), person(id="2", phone="0501112233")], **invoice()))

    assert len({draft.key for draft in twice}) == 2
    assert {len(draft.key) for draft in twice} == {16}
    assert keys("order.approved", order(version=1)) == 1
    assert only("order.approved", **order(version=1)).key != only("order.cancelled", **order(version=1)).key


@pytest.mark.parametrize(
    ("event_type", "facts", "count"),
    [
        ("invoice.payment_recorded", [payment("1"), payment("1"), payment("2")], 2),
        ("invoice.overdue", [invoice(), invoice(number="another", version=9)], 1),
        ("invoice.overdue", [invoice(notice_date="2026-11-23"), invoice(notice_date="2026-11-24"), invoice()], 2),
        ("invoice.overdue", [invoice(notice_date="0000-00-00"), invoice(notice_date=""), invoice()], 1),
        ("order.created", [order(version=1), order(version=2)], 1),
        ("order.approved", [order(version=1), order(version=2), order(version=2)], 2),
        ("order.approved", [order(version=1, change_id="a"), order(version=2, change_id="a")], 1),
        ("booking.submitted", [booking("2026-12-01T10:00:00Z"), booking("2026-12-02T10:00:00Z")], 1),
        ("booking.confirmed", [booking("2026-12-01T10:00:00Z"), booking("2026-12-02T10:00:00Z")], 2),
        ("booking.confirmed", [booking("2026-12-01T10:00:00Z"), booking("2026-12-01T12:00:00+02:00")], 1),
    ],
)
def test_a_business_fact_has_one_key_however_often_published(event_type: str, facts: list[Json], count: int) -> None:
    assert keys(event_type, *facts) == count


def test_an_invoice_is_overdue_once_a_day_of_the_account() -> None:
    at_night = [drafted(happened(at=NOW.replace(hour=hour), **invoice()))[0] for hour in (1, 21)]
    next_day = drafted(happened(at=NOW.replace(hour=22), **invoice()))[0]

    assert at_night[0].key == at_night[1].key != next_day.key


@pytest.mark.parametrize(("phone", "reason"), [(None, "no_phone"), ("123", "bad_phone")])
def test_a_person_without_a_usable_phone_is_skipped_with_a_reason(phone: str | None, reason: str) -> None:
    draft = only(recipients=[person(phone=phone)])

    assert (draft.state, draft.reason, draft.due_at, draft.phone) == ("skipped", reason, None, None)


def test_a_text_of_which_nothing_is_left_is_skipped() -> None:
    by = account(switches={"invoice_overdue_notice": switch(uk="{invoice_link}")})

    [draft] = drafted(happened(), by=by)

    assert (draft.state, draft.reason, draft.text, draft.segments) == ("skipped", "blank_text", "", 0)


@pytest.mark.parametrize("late", [timedelta(days=2), timedelta(days=30)])
def test_the_text_of_an_event_that_came_too_late_begins_expired(late: timedelta) -> None:
    [draft] = drafted(happened(at=NOW - late))

    assert (draft.state, draft.reason, draft.due_at) == ("expired", "too_late", None)


def test_a_text_outlives_neither_its_trigger_nor_the_moment_it_speaks_of() -> None:
    soon, far = booking("2026-11-25T10:00:00Z"), booking("2027-11-25T10:00:00Z")

    assert only("booking.confirmed", **soon).expires_at == datetime(2026, 11, 25, 10, tzinfo=UTC)
    assert only("booking.confirmed", **far).expires_at == NOW + BY_ID["booking_confirmed"].life
    assert only("booking.confirmed", **booking("2026-11-22T10:00:00Z")).state == "expired"


def test_at_night_a_text_waits_and_an_urgent_answer_does_not() -> None:
    notice = drafted(happened(at=NIGHT), by=account(window=DAY), now=NIGHT)[0]
    answer = drafted(happened("order.created", at=NIGHT), by=account(window=DAY), now=NIGHT)[0]

    assert (notice.state, notice.reason, notice.due_at) == ("postponed", "quiet_hours", MORNING)
    assert (answer.state, answer.reason) == ("planned", None)


def test_quiet_hours_are_those_of_the_recipient() -> None:
    event = happened(at=NIGHT, recipients=[person(timezone="America/New_York")])

    [draft] = drafted(event, by=account(window=DAY), now=NIGHT)

    assert (draft.zone, draft.state) == ("America/New_York", "planned")


def test_every_person_reads_their_own_name() -> None:
    people = [person(firstname="Олена"), person(firstname="Іван", phone="0501112233")]

    texts = [draft.text for draft in drafted(happened(recipients=people))]

    assert [text.split(",")[0] for text in texts] == ["Олена", "Іван"]


def test_the_account_is_the_company_unless_the_event_has_its_own() -> None:
    by = account(switches={"invoice_overdue_notice": switch(uk="{company_name}")})

    assert drafted(happened(), by=by)[0].text == "ТОВ Ромашка"
    assert drafted(happened(company={"name": "Філія"}), by=by)[0].text == "Філія"


def test_a_trigger_that_is_off_drafts_nothing() -> None:
    by = account(switches={name: item for name, item in everything().items() if name != "order_created"})

    assert drafted(happened("order.created"), by=by) == []


@pytest.mark.parametrize(("version", "number"), [(4, 4), ("4", 4), ("0004", 4), (None, None)])
def test_a_version_is_a_number_however_it_is_written(version: object, number: int | None) -> None:
    assert record_of(happened(**invoice(version=version))).version == number


def strict(text: str) -> Account:
    return account(switches={"invoice_overdue_notice": Switch("sms", {"uk": Text(7, 3, text, fails_on_holes=True)})})


def test_a_template_that_does_not_forgive_a_hole_makes_the_row_failed() -> None:
    [draft] = drafted(happened(), by=strict("Рахунок {invoice_number}: {invoice_link}"))

    assert (draft.state, draft.reason, draft.due_at) == ("failed", "missing_value", None)
    assert draft.written.holes == ("invoice_link",)


@pytest.mark.parametrize("text", ["Рахунок {invoice_number}[: {invoice_link}]", "Рахунок{invoice_link|у немає}"])
def test_a_group_and_a_fallback_fill_a_hole(text: str) -> None:
    [draft] = drafted(happened(), by=strict(text))

    assert (draft.state, draft.written.holes) == ("planned", ())


def test_a_hole_is_nobodys_trouble_where_nothing_would_be_sent_anyway() -> None:
    nobody = drafted(happened(recipients=[person(phone=None)]), by=strict("{invoice_link}"))
    late = drafted(happened(at=NOW - timedelta(days=3)), by=strict("{invoice_link}"))

    assert [draft.state for draft in (*nobody, *late)] == ["skipped", "expired"]


def test_a_text_is_spelt_as_its_account_wants_but_not_for_viber() -> None:
    texts = switch(
        uk="Рахунок {invoice_number} прострочено, просимо сплатити {invoice_amount_due} до кінця цього тижня"
    ).texts
    by = {
        channel: account(switches={"invoice_overdue_notice": Switch(channel, texts)}, spelling=Spelling(is_latin=True))
        for channel in ("sms", "viber")
    }

    [sms], [viber] = drafted(happened(), by=by["sms"]), drafted(happened(), by=by["viber"])

    assert (sms.text[:7], sms.segments) == ("Rakhuno", 1)
    assert (viber.text[:7], viber.segments) == ("Рахунок", 0)


def test_cleaned_and_cut_values_of_a_text_are_counted() -> None:
    [draft] = drafted(happened(recipients=[person(firstname="<i>Олена</i>")], **invoice(number="5" * 5000)))

    assert (draft.written.cleaned, draft.written.cut) == (1, 1)


def test_a_suppressed_recipient_keeps_a_skipped_row_with_the_reason() -> None:
    draft = only()

    result = skipped(draft, "suppressed")

    assert (result.state, result.reason, result.due_at) == ("skipped", "suppressed", None)
    assert (result.key, result.text) == (draft.key, draft.text)
