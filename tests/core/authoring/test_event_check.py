from typing import Any

import orjson
import pytest

from tests.core.examples import NOW, published
from tests.support.crm import Json, person
from worker.core.authoring.event_check import Remark, diagnose
from worker.core.authoring.event_examples import SHOWN_AT, shown
from worker.core.contract.event_types import TYPES

NOBODY = {"kind": "contact", "id": "1"}


def remarks(result: Json | bytes) -> list[Remark]:
    body = result if isinstance(result, bytes) else orjson.dumps(result)
    return diagnose(body, now=NOW, example=shown)


def errors(body: Json | bytes) -> dict[str, tuple[str, str]]:
    return {finding.field: (finding.problem, finding.fix) for finding in remarks(body) if finding.is_error}


def hints(event_type: str, **data: Any) -> dict[str, tuple[str, str]]:
    findings = remarks(published(event_type, **data))
    assert not any(finding.is_error for finding in findings)
    return {finding.field: (finding.problem, finding.fix) for finding in findings}


@pytest.mark.parametrize("event_type", TYPES)
def test_an_example_of_the_contract_has_no_findings(event_type: str) -> None:
    assert diagnose(orjson.dumps(shown(event_type)), now=SHOWN_AT, example=shown) == []


def test_every_wrong_field_has_a_suggested_value() -> None:
    body = published(
        "invoice.overdue", invoice={"total": {"amount": "1,5", "currency": "UAH"}, "duedate": "20.11.2026"}
    )

    assert errors({**body, "specversion": "1.0"}) == {
        "data.invoice.id": ("is missing", 'add it, such as "1042"'),
        "data.invoice.total.amount": ("must be a decimal string such as 1250.00", 'write it as "1.50"'),
        "data.invoice.duedate": ("must be a string such as 2026-11-23", 'write it as "2026-11-20"'),
    }


def test_a_wrong_envelope_is_reported_by_field() -> None:
    body = published("order.created")
    del body["id"]

    assert errors({**body, "time": "now", "source": "acme"}).keys() == {"id", "time", "source"}


def test_a_wrong_time_and_type_hide_nothing() -> None:
    wrong = published(
        "invoice.overdue", recipients=[person(phone="12")], invoice={"number": 1, "due_date": "20.11.2026"}
    )

    results = {
        remark.field: remark.is_error
        for remark in remarks({**wrong, "time": "25.11.2026 10:15", "type": "invoice.overdu"})
    }

    assert results == {
        "time": True,
        "type": True,
        "data.invoice.id": True,
        "data.invoice.due_date": False,
        "data.recipients.0.phonenumber": False,
        "data.invoice.version": False,
    }


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("order.create", "did you mean order.created?"),
        ("invoice_overdue", "did you mean invoice.overdue?"),
        ("xyzzy", "take one of: perfectum-sms event types"),
    ],
)
def test_an_unknown_type_is_reported_with_the_nearest(name: str, fix: str) -> None:
    assert errors({**published("order.created"), "type": name})["type"] == ("is not in the contract", fix)


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"{", "not JSON"), (b"\xff", "not UTF-8"), (b"{}".ljust(300_000), "300000 bytes")],
)
def test_a_body_that_is_no_event_has_a_finding_on_the_body(body: bytes, text: str) -> None:
    [(problem, fix)] = errors(body).values()

    assert text in problem
    assert "event example" in fix


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"x"', b"{}"])
def test_json_that_is_no_event_is_an_error_and_never_raises(body: bytes) -> None:
    assert errors(body)


@pytest.mark.parametrize(
    ("data", "field", "meant"),
    [
        ({"recipients": [{**person(), "phone_number": "067"}]}, "data.recipients.0.phone_number", None),
        ({"recipients": [{**person(phone=None), "fistname": "x"}]}, "data.recipients.0.fistname", None),
        ({"invoise": {"id": "1"}}, "data.invoise", None),
        ({"recipients": [{**person(), "first_name": "x"}]}, "data.recipients.0.first_name", None),
        ({"invoice": {"id": "1", "due_date": "2026-11-20"}}, "data.invoice.due_date", "duedate"),
        ({"recipients": [{**NOBODY, "phone": "067"}]}, "data.recipients.0.phone", "phonenumber"),
        ({"recipients": [{**NOBODY, "Phone_Number": "067"}]}, "data.recipients.0.Phone_Number", "phonenumber"),
        ({"recipients": [{**NOBODY, "first_name": "x"}]}, "data.recipients.0.first_name", "firstname"),
        ({"recipients": [{**NOBODY, "firstName": "x"}]}, "data.recipients.0.firstName", "firstname"),
        ({"recipients": [{**NOBODY, "lang": "uk"}]}, "data.recipients.0.lang", "locale"),
        (
            {"recipients": [{**NOBODY, "Company": "x"}], "client": None},
            "data.recipients.0.Company",
            "data.client.company",
        ),
        ({"client": {"id": "1", "Company": "x"}}, "data.client.Company", "company"),
        ({"Invoice": {"id": "1"}, "Client": {"id": "1"}, "client": None}, "data.Client", None),
        ({"customer": {"id": "1"}}, "data.customer", None),
        ({"recipients": {"1": {**NOBODY, "phone": "067"}}}, "data.recipients.1.phone", "phonenumber"),
        ({"invoice": {"id": "1", "amountDue": None, "status": "unpaid"}}, "data.invoice.amountDue", "amount_due"),
        (
            {"invoice": {"id": "1", "total": {"amount": "1.00", "currency": "UAH", "Amount": 1}}},
            "data.invoice.total",
            None,
        ),
        ({"client": {"id": "1", "companyy": "x"}}, "data.client.companyy", "company"),
        ({"company": {"nane": "x"}}, "data.company.nane", "name"),
    ],
)
def test_a_name_that_is_nearly_right_is_pointed_out(data: Json, field: str, meant: str | None) -> None:
    results = hints("invoice.overdue", **data)

    if meant is None:
        assert field not in results or results[field][0] == "is kept, but nothing reads it"
    else:
        assert results[field] == ("is kept, but nothing reads it", f"did you mean {meant}?")


def test_a_name_of_the_crms_own_is_left_alone() -> None:
    assert hints("invoice.overdue", crew={"size": 3}, invoice={"id": "1", "version": 1, "colour": "red"}) == {}


@pytest.mark.parametrize(
    ("people", "field"),
    [
        ([], "data.recipients"),
        ([person("lead")], "data.recipients.0.kind"),
        ([person(), person(id="18", phone="12-34")], "data.recipients.1.phonenumber"),
        ([person(phone=None)], "data.recipients.0.phonenumber"),
    ],
)
def test_people_who_would_get_nothing_are_pointed_out(people: list[Json], field: str) -> None:
    assert field in hints("invoice.overdue", recipients=people)


def test_a_hint_names_which_of_several_phones_is_taken() -> None:
    both = "044 123 45 67, 050 765 43 21 / 067 123 45 67"

    results = hints(
        "order.created", recipients=[person(phone=both)], order={"id": "1", "version": 1, "phonenumber": both}
    )

    assert {
        field: problem for field, (problem, _) in results.items() if field.endswith("phonenumber")
    } == dict.fromkeys(
        ("data.order.phonenumber", "data.recipients.0.phonenumber"), "holds 2 phones: +38050***4321 is taken"
    )


@pytest.mark.parametrize("phone", ["0800 500 500", "06712345678", "067123456O"])
def test_a_phone_that_gets_no_sms_is_pointed_out(phone: str) -> None:
    assert "data.recipients.0.phonenumber" in hints("invoice.overdue", recipients=[person(phone=phone)])


def test_marketing_without_consent_is_pointed_out() -> None:
    assert "data.recipients.0.consent" in hints("contact.birthday", recipients=[person()])
    assert "data.recipients.0.consent" in hints("sms.send_requested", recipients=[person()], marketing=True)
    assert hints("sms.send_requested", recipients=[person()]) == {}


def test_a_status_change_that_texts_nobody_is_a_hint() -> None:
    position = {"entity_type": "proposal", "status_to": "2"}

    assert "data.position.status_to" in hints("position.status_changed", position=position)


def test_a_record_without_version_and_a_late_event_are_hints() -> None:
    late = {**published("order.created", order={"id": "1"}), "time": "2026-11-01T10:00:00Z"}

    assert {finding.field for finding in remarks(late)} == {"data.order.version", "time"}


def test_a_shortcode_that_no_text_can_call_is_pointed_out() -> None:
    results = hints("order.created", shortcodes={"Номер": "1", "orders_x": "2", "x|y": "3"})

    assert results.keys() == {"data.shortcodes.Номер", "data.shortcodes.x|y"}


def test_a_text_by_hand_is_looked_into() -> None:
    text = "<p>{{contact_firstname}} {company_nam} {crew} &nbsp; <a href='x'>{invoice_number"
    results = remarks(published("sms.send_requested", text=text, shortcodes={"crew": "5"}))

    assert {remark.field for remark in results} == {"data.text"}
    assert [remark.problem.split(" is ")[0].split(" stays ")[0] for remark in results] == [
        "<p>",
        "{{contact_firstname}}",
        "{company_nam}",
        "&nbsp;",
        "<a href='x'>",
        "{",
    ]
    assert hints("sms.send_requested", text="{contact_firstname}, {crew}", shortcodes={"crew": "5"}) == {}


def test_an_optional_field_that_no_rule_can_read_is_a_hint() -> None:
    results = hints(
        "order.created", order={"id": "1", "version": 1, "total": "48000.00", "date": "2026-11-16 09:30:00"}
    )

    assert results == {"data.order.total": results["data.order.total"]}
    assert "no rule can read it" in str(results)


def test_an_unknown_status_is_a_hint_with_the_known_statuses() -> None:
    problem, fix = hints("invoice.overdue", invoice={"id": "1", "version": 1, "status": "half"})["data.invoice.status"]

    assert "it forbids nothing" in problem
    assert "partially_paid" in fix


START = "2026-12-01T10:00:00+02:00"


@pytest.mark.parametrize(
    ("record", "field", "text"),
    [
        ({"timezone": "Europe/Kyviv"}, "timezone", "no such zone: the account's is taken"),
        ({"timezone": "Asia/Tokyo"}, "start", "the offset is not the zone's"),
        ({"start": "2026-12-01T10:00:00-23:00"}, "start", "no clocks on earth are that far from UTC"),
        ({"end": "2026-12-01T09:00:00+02:00"}, "end", "it ends before it starts"),
        ({"remind_before": [-1]}, "remind_before", "no rule can read it"),
    ],
)
def test_a_moment_that_is_read_otherwise_is_a_hint(record: dict[str, Any], field: str, text: str) -> None:
    results = hints("meeting.saved", meeting={"id": "5", "version": 1, "start": START, **record})

    assert any(name.startswith(f"data.meeting.{field}") and text in problem for name, (problem, _) in results.items())


def test_an_attribute_of_the_envelope_that_is_overlooked_is_pointed_out() -> None:
    [remark] = remarks({**published("order.created", order={"id": "1", "version": 1}), "datacontenttype": "text/xml"})

    assert (remark.field, remark.is_error) == ("datacontenttype", False)
