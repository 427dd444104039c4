from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.core.examples import NOW, account, drafted, happened
from tests.support.crm import Json, person
from worker.core.accounts.account import Account, Custom, Text
from worker.core.planning.draft import Draft
from worker.core.triggers.match import record_of


def by_hand(*people: Json, by: Account | None = None, **data: Any) -> list[Draft]:
    return drafted(happened("sms.send_requested", recipients=list(people or [person()]), **data), by=by)


def test_a_text_sent_by_hand_may_hold_shortcodes_and_has_no_record() -> None:
    [draft] = by_hand(text="{contact_firstname}, чекаємо! {company_name}", company=None)

    assert (draft.text, draft.template, draft.lane, draft.message_class) == (
        "Олена, чекаємо! ТОВ Ромашка",
        0,
        "normal",
        "transactional",
    )
    assert (draft.record.record_kind, draft.record.version) == ("request", None)


def test_a_send_request_has_one_key_by_its_id_or_by_the_event() -> None:
    keys = [by_hand(text="x", request_id=request)[0].key for request in ("a", "a", "b", None, None)]

    assert len(set(keys)) == 4
    assert keys[0] == keys[1]
    assert record_of(happened("sms.send_requested", request_id=7)).id == "7"


def test_many_who_are_written_to_by_hand_let_others_go_first() -> None:
    crowd = [person(phone=f"06712345{number}", id=number) for number in range(10, 21)]

    assert {draft.lane for draft in by_hand(*crowd, text="x")} == {"bulk"}
    assert {draft.lane for draft in by_hand(*crowd[:10], text="x")} == {"normal"}


def test_a_text_sent_by_hand_expires_when_the_crm_sets_it() -> None:
    assert by_hand(text="x")[0].expires_at == NOW + timedelta(days=3)
    assert by_hand(text="x", expires_at="2026-11-23T15:00:00+02:00")[0].expires_at == datetime(
        2026, 11, 23, 13, tzinfo=UTC
    )


def test_a_link_for_staff_is_sent_to_staff_alone() -> None:
    link = "https://crm.acme.ua/admin/leads/index/17"
    people = [person(kind, phone=f"050111223{number}", id=number) for number, kind in enumerate(("lead", "staff"))]

    drafts = by_hand(*people, text="Угода: {lead_link}", lead={"id": 17, "link": link})

    assert [(draft.recipient_kind, draft.text) for draft in drafts] == [("lead", "Угода"), ("staff", f"Угода: {link}")]


def test_a_custom_template_is_chosen_by_name_and_language() -> None:
    texts = {"uk": Text(8, 2, "Вітаємо, {contact_firstname}!"), "en": Text(9, 5, "Hello, {contact_firstname}!")}
    by = replace(account(), customs={"Привіт": Custom("clients", texts), "Порожній": Custom("clients", {})})
    people = [person(), person(locale="en", phone="0501112233", firstname="John")]

    drafts = by_hand(*people, by=by, text=None, template="Привіт")
    [blank] = by_hand(by=by, text=None, template="Порожній")

    assert [(draft.text, draft.template, draft.template_version) for draft in drafts] == [
        ("Вітаємо, Олена!", 8, 2),
        ("Hello, John!", 9, 5),
    ]
    assert (blank.state, blank.reason) == ("skipped", "blank_text")
