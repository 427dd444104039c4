"""A text that a CRM asks for goes once under its key, through all that `sms.send_requested` goes through."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.crm import add_account, execute, row, rows
from tests.web.api.conftest import Api
from worker.store.db.postgres import Pool

OLENA = {"kind": "contact", "id": "17", "phonenumber": "067 123 45 67", "firstname": "Олена"}
IVAN = {"kind": "lead", "id": "9", "phonenumber": "+38 (050) 111-22-33", "firstname": "Іван"}
READY: dict[str, Any] = {"recipients": [OLENA], "text": "Вітаємо, {contact_firstname}!"}
TEXTS = "SELECT account, text, state, client_id FROM notifications ORDER BY id"


def send(api: Api, key: str | None = "order-17", *, by: str = "acme", **fields: Any) -> Any:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return api.ask("POST", "/send", key=by, json={**READY, **fields}, headers=headers)


def test_a_text_is_planned_for_each_person(api: Api, acme_pool: Pool) -> None:
    response = send(api, recipients=[OLENA, IVAN], text="Вітаємо!", client={"id": "5"})
    body = response.json()

    assert (response.status_code, body["event"]) == (202, "api/order-17")
    assert [(item["recipient"], item["state"], item["segments"]) for item in body["texts"]] == [
        ({"kind": "contact", "id": "17"}, "planned", 1),
        ({"kind": "lead", "id": "9"}, "planned", 1),
    ]
    assert rows(acme_pool, TEXTS) == [("acme", "Вітаємо!", "planned", "5")] * 2
    assert row(acme_pool, "SELECT done_by, action, account FROM audit") == ("key/1 CRM", "send", "acme")
    shown = api.read(f"/notifications/{body['texts'][0]['id']}")["notification"]
    assert (shown["event"], shown["client"]) == ({"id": "api/order-17", "type": "sms.send_requested"}, "5")


def test_a_custom_template_goes_with_its_values(api: Api, acme_pool: Pool) -> None:
    api.ask("PUT", "/templates/Осінь", json={"text": "{contact_firstname}, {invoice_number}", "section": "clients"})
    wanted = {"text": "{contact_firstname}: {invoice_number}", "section": "invoice"}
    api.ask("PUT", "/templates/Рахунок", json={"text": "Рахунок {invoice_number}", "section": wanted["section"]})

    assert send(api, text=None, template="Рахунок", shortcodes={"invoice_number": "INV-1"}).status_code == 202
    assert row(acme_pool, TEXTS)[1] == "Рахунок INV-1"


def test_the_same_again_is_answered_as_at_first_and_sends_nothing(api: Api, acme_pool: Pool) -> None:
    first = send(api)
    execute(acme_pool, "UPDATE notifications SET state = 'cancelled', reason = 'by_hand', due_at = NULL")
    again = send(api)

    assert (again.status_code, again.content) == (202, first.content)
    assert [answer.headers.get("idempotent-replayed") for answer in (first, again)] == [None, "true"]
    assert len(rows(acme_pool, TEXTS)) == 1
    assert len(rows(acme_pool, "SELECT * FROM audit")) == 1


def test_a_text_belongs_to_the_trace_in_which_it_is_asked_for(api: Api, acme_pool: Pool) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    wanted = {"one": traceparent, "other": "00-nonsense", "last": "x" * 5_000}

    for key, written in wanted.items():
        headers = {"Idempotency-Key": key, "traceparent": written}
        assert api.ask("POST", "/send", json=READY, headers=headers).status_code == 202
    again = {"Idempotency-Key": "one", "traceparent": traceparent.replace("4bf", "5bf")}
    assert api.ask("POST", "/send", json=READY, headers=again).headers["idempotent-replayed"] == "true"

    assert rows(acme_pool, "SELECT traceparent FROM events ORDER BY id") == [(traceparent,), (None,), (None,)]


def test_one_key_asked_for_many_times_at_once_sends_one_text(api: Api, acme_pool: Pool) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, [api] * 16))

    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert len(rows(acme_pool, TEXTS)) == 1


def test_the_key_of_something_else_is_a_conflict(api: Api, acme_pool: Pool) -> None:
    send(api)
    other = send(api, text="Інше")

    assert (other.status_code, other.json()["type"]) == (409, "urn:perfectum-sms:problem:conflict")
    assert len(rows(acme_pool, TEXTS)) == 1


def test_keys_of_two_accounts_do_not_meet(api: Api, acme_pool: Pool) -> None:
    add_account(acme_pool, "beta")
    first, second = send(api), send(api, by="beta", text="Інше")

    assert [first.status_code, second.status_code] == [202, 202]
    assert [account for account, *_ in rows(acme_pool, TEXTS)] == ["acme", "beta"]


def test_at_a_moment_it_waits_for_it(api: Api, acme_pool: Pool) -> None:
    at = datetime.now(UTC) + timedelta(hours=5)  # noqa: TID251 (a CRM has a clock of its own)
    response = send(api, at=at.isoformat())

    assert response.status_code == 202, response.text
    assert row(acme_pool, "SELECT state, reason, due_at FROM notifications") == ("postponed", "scheduled", at)
    assert send(api, at=at.isoformat()).content == response.content


def test_who_gets_nothing_is_told_why_in_both_languages(api: Api) -> None:
    [text] = send(api, recipients=[{**OLENA, "phonenumber": "044 123 45 67"}]).json()["texts"]

    assert (text["state"], text["reason"]["code"]) == ("skipped", "landline")
    assert text["reason"]["uk"] == "Не надіслано: це міський або службовий номер, він не приймає SMS."


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"text": None}, "body"),
    ({"template": "Осінь"}, "body"),
    ({"text": None, "template": "Осінь"}, "template"),
    ({"text": "Вітаємо, {imya}!"}, "text"),
    ({"recipients": []}, "recipients"),
    ({"recipients": [{**OLENA, "kind": "client"}]}, "recipients.0.kind"),
    ({"recipients": [{"kind": "contact", "id": "17"}]}, "recipients.0.phonenumber"),
    ({"recipients": [{**OLENA, "phone": "x"}]}, "recipients.0.phone"),
    ({"shortcodes": {"invoice_number": 5}}, "shortcodes.invoice_number"),
    ({"shortcodes": {"ІНН": "5"}}, "shortcodes.ІНН"),
    ({"at": "tomorrow"}, "at"),
    ({"at": "2020-01-01T00:00:00Z"}, "at"),
    ({"marketing": "yes"}, "marketing"),
    ({"text": "a\u0000b"}, "text"),
]


def test_a_wrong_field_is_named_and_nothing_is_planned(api: Api, acme_pool: Pool, subtests: pytest.Subtests) -> None:
    for fields, named in WRONG:
        with subtests.test(str(fields)):
            response = send(api, **fields)

            assert response.status_code == 400, response.text
            assert [wrong["field"] for wrong in response.json()["errors"]] == [named]
    for key in (None, "", "ключ", "a b", "x" * 101):
        with subtests.test(str(key)):
            response = api.ask(
                "POST", "/send", json=READY, headers={} if key is None else {b"Idempotency-Key": key.encode()}
            )
            assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert (rows(acme_pool, TEXTS), rows(acme_pool, "SELECT * FROM dead_letters")) == ([], [])


def test_where_texts_by_hand_are_off_it_is_told(api: Api, acme_pool: Pool) -> None:
    api.ask("PATCH", "/triggers/sms_send_requested", json={"enabled": False})
    response = send(api)

    assert (response.status_code, "sms_send_requested" in response.json()["detail"]) == (409, True)
    assert rows(acme_pool, TEXTS) == []


def test_a_key_without_the_scope_may_not(api: Api) -> None:
    assert send(api, by="acme-none").status_code == 403
