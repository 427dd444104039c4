from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.core.examples import published
from tests.support.crm import DATA, Json, person
from worker.core.contract.data import RECIPIENTS_MAX, Booking, Data
from worker.core.contract.event_types import KEPT, TYPES
from worker.core.contract.fields import SectionModel


def body(event_type: str, **data: object) -> SectionModel:
    return TYPES[event_type].model.model_validate({**DATA[event_type](), **data})


def fault(event_type: str, **data: object) -> str:
    with pytest.raises(ValidationError) as refusal:
        body(event_type, **data)
    return ".".join(map(str, refusal.value.errors()[0]["loc"]))


def booking(start: object) -> Json:
    return {"id": "1", "start": start}


def payment(**total: object) -> Json:
    return {"id": "1", "total": {"amount": "1.00", "currency": "UAH", **total}}


def invoice(**fields: object) -> Json:
    return {"id": "1", **fields}


def test_fields_outside_the_contract_are_kept() -> None:
    kept = body("invoice.overdue", crew={"size": 3}, invoice=invoice(colour="red")).model_dump()

    assert kept["crew"] == {"size": 3}
    assert kept["invoice"]["colour"] == "red"


@pytest.mark.parametrize("event_type", [event_type for event_type in TYPES if event_type != "sms.send_requested"])
def test_a_type_needs_its_record_with_an_id(event_type: str) -> None:
    record = TYPES[event_type].record_kind_of(Data(DATA[event_type]())) or ""
    nameless: Json = {"number": "5"}

    assert fault(event_type, **{record: None}) in {record, ""}
    assert fault(event_type, **{record: nameless}).startswith(f"{record}.")


@pytest.mark.parametrize("id_", ["", None, True, 1.5, 5.0, [], "x" * 101])
def test_an_id_is_a_short_string_or_a_whole_number(id_: object) -> None:
    assert fault("order.created", order={"id": id_}).startswith("order.id")


@pytest.mark.parametrize(
    "amount", [1250, 1250.0, "1 250", "1,250", "1e3", "", ".5", "1.", "NaN", "1.23456", "１２.00", "-"]
)
def test_money_is_a_decimal_string(amount: object) -> None:
    assert fault("invoice.payment_recorded", payment=payment(amount=amount)) == "payment.total.amount"


@pytest.mark.parametrize("amount", ["0", "0.00", "-5.10", "999999999999999.9999"])
def test_money_may_be_nothing_negative_or_large(amount: str) -> None:
    assert body("invoice.payment_recorded", payment=payment(amount=amount))


@pytest.mark.parametrize("currency", ["грн", "uah", "UAHX", "", "₴", None, 980])
def test_a_currency_is_its_iso_code(currency: object) -> None:
    assert fault("invoice.payment_recorded", payment=payment(currency=currency)) == "payment.total.currency"


@pytest.mark.parametrize(
    "start",
    [
        1700000000,
        "1700000000",
        "2026-11-23",
        "2026-11-23T10:15:00",
        "2026-11-23 10:15:00Z",
        "2026-11-23T10:15:00z",
        "2026-11-23T10:15:00−02:00",
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:59:59-10:00",
        "2026-02-30T10:15:00Z",
        "2026-11-23T24:00:00Z",
    ],
)
def test_a_moment_has_an_offset_and_one_meaning(start: object) -> None:
    assert fault("booking.confirmed", booking=booking(start)) == "booking.start"


@pytest.mark.parametrize(
    ("start", "hour"),
    [
        ("2026-11-23T10:15:00+02:00", 8),
        ("2026-11-23T10:15:00+0200", 8),
        ("2026-11-23T10:15Z", 10),
        ("2026-11-23T10:15:00.000-05:00", 15),
        ("2026-11-23T10:15:00.123456789Z", 10),
    ],
)
def test_every_spelling_that_is_taken_is_also_read(start: str, hour: int) -> None:
    read = Booking(booking(start)).start

    assert body("booking.confirmed", booking=booking(start))
    assert read
    assert read.replace(microsecond=0) == datetime(2026, 11, 23, hour, 15, tzinfo=UTC)


@given(st.datetimes(datetime(1000, 1, 1), datetime(2999, 12, 31), timezones=st.timezones()), st.integers(0, 9))  # noqa: DTZ001 (the zone is drawn beside)
def test_a_moment_of_any_zone_is_taken_and_read(moment: datetime, digits: int) -> None:
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + ("." + "1" * digits if digits else "") + "+00:00"

    read = Booking(booking(text)).start

    assert body("booking.confirmed", booking=booking(text))
    assert read
    assert read.astimezone(UTC).second == moment.astimezone(UTC).second


@pytest.mark.parametrize("day", ["23.11.2026", "2026-11-23T", 20261123, "0", "2026-02-30", "0000-01-01", False])
def test_a_day_is_an_iso_date(day: object) -> None:
    assert fault("invoice.overdue", invoice=invoice(notice_date=day)) == "invoice.notice_date"


@pytest.mark.parametrize("day", ["", "0000-00-00", None])
def test_an_empty_day_of_php_or_mysql_is_none(day: str | None) -> None:
    event_body = body("invoice.overdue", invoice=invoice(notice_date=day))

    assert event_body.model_dump()["invoice"]["notice_date"] is None


@pytest.mark.parametrize("version", [-1, 2**63, 4.0, "4.0", "-4", "", "four", True, "٤"])
def test_a_version_counts_in_whole_numbers(version: object) -> None:
    assert fault("invoice.overdue", invoice=invoice(version=version)).startswith("invoice.version")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"kind": "client"},
        {"kind": None},
        {"id": None},
        {"locale": "ukrainian"},
        {"timezone": "x" * 61},
        {"consent": "perhaps"},
        {"phonenumber": ["067"]},
        {"firstname": {"uk": "Олена"}},
        {"firstname": "x" * 262_145},
    ],
)
def test_a_recipient_is_a_person_of_a_known_kind(spoilt: Json) -> None:
    [field] = spoilt

    assert fault("invoice.overdue", recipients=[{**person(), **spoilt}]).startswith(f"recipients.0.{field}")


def test_a_shortcode_value_is_a_string_or_a_number() -> None:
    assert body("invoice.overdue", shortcodes={"a": "x", "b": 5, "c": 1.5, "d": None})
    assert fault("invoice.overdue", shortcodes={"a": ["x"]}).startswith("shortcodes.a")


def test_500_people_at_most_are_named() -> None:
    crowd = [person(id=str(number)) for number in range(RECIPIENTS_MAX)]

    assert body("invoice.overdue", recipients=crowd)
    assert fault("invoice.overdue", recipients=[*crowd, person()]) == "recipients"


def test_an_event_without_recipients_is_valid() -> None:
    result = published("invoice.overdue")
    del result["data"]["recipients"]

    assert TYPES["invoice.overdue"].model.model_validate(result["data"]).model_dump()["recipients"] == []


@pytest.mark.parametrize("day", ["1990-02-29", "--02-29", "0000-12-31", "--01-01", "", "0000-00-00", None])
def test_a_birthday_needs_no_year_and_no_leap_year(day: str | None) -> None:
    assert body("contact.saved", contact={"id": "1", "birthday": day})


@pytest.mark.parametrize(
    "day", ["1990-02-30", "--13-01", "--1-1", "02-28", "--00-10", 228, "28.02.1990", "--02-28T00:00"]
)
def test_a_birthday_is_a_day_of_some_year(day: object) -> None:
    assert fault("contact.saved", contact={"id": "1", "birthday": day}) == "contact.birthday"


@pytest.mark.parametrize(
    ("event_type", "record", "last"),
    [
        ("proposal.overdue", "proposal", "open_till"),
        ("contract.overdue", "contract", "dateend"),
    ],
)
def test_a_reminder_of_a_last_day_needs_the_day_or_days_left(event_type: str, record: str, last: str) -> None:
    assert body(event_type, **{record: {"id": "1", last: "2026-11-23"}})
    assert body(event_type, **{record: {"id": "1", "days_left": -1}})
    assert fault(event_type, **{record: {"id": "1", last: ""}}) == record


def test_a_position_needs_its_record() -> None:
    position = {"entity_type": "order", "status_to": 4}

    assert body("position.status_changed", position=position, order={"id": "1"})
    assert fault("position.status_changed", position=position, order=None) == ""
    assert fault("position.status_changed", position={**position, "entity_type": "lead"}) == "position.entity_type"


@pytest.mark.parametrize(
    "result", [{}, {"text": None}, {"text": "x", "template": "y"}, {"text": ""}, {"text": "x" * 2001}, {"template": 5}]
)
def test_a_send_request_has_either_a_text_or_a_template(result: Json) -> None:
    given = {"recipients": [person()], **result}

    with pytest.raises(ValidationError):
        TYPES["sms.send_requested"].model.model_validate(given)


def test_a_send_request_needs_a_recipient() -> None:
    assert fault("sms.send_requested", recipients=[]) == "recipients"


@pytest.mark.parametrize("minutes", [-1, 1.5, "an hour", 10**6])
def test_a_reminder_comes_whole_minutes_before(minutes: object) -> None:
    assert fault("meeting.reminder_due", offset_minutes=minutes) == "offset_minutes"


@pytest.mark.parametrize("record", KEPT)
def test_a_deleted_record_needs_only_its_id(record: str) -> None:
    assert body(f"{record}.deleted", **{record: {"id": 5}})
