import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.crm import SALT, Json, person
from worker.core.contract.data import Data
from worker.core.contract.phone import BadPhone
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.recipient_key import key_of
from worker.core.triggers.recipients import Recipient, recipients_for

CONTACTS = BY_ID["invoice_overdue_notice"]
CLIENTS = BY_ID["proposal_comment_to_customer"]
RECIPIENT_KINDS = ["contact", "lead", "staff", "proposal", "order", "booking"]
PHONES = ["067 123 45 67", "+380671234567", "80671234567", "0501112233", "044 123", "", None]


def recipients(people: list[Json], *, salt: bytes = SALT) -> list[Recipient]:
    return list(recipients_for(CONTACTS, Data({"recipients": people}), salt=salt))


@pytest.mark.parametrize("kind", RECIPIENT_KINDS)
def test_only_recipient_kinds_of_a_trigger_are_its_recipients(kind: str) -> None:
    assert len(recipients([person(kind)])) == (kind == "contact")
    assert len(list(recipients_for(CLIENTS, Data({"recipients": [person(kind)]}), salt=SALT))) == (
        kind in CLIENTS.recipient_kinds
    )


@pytest.mark.parametrize("phone", ["+380671234567", "80671234567", "067-123-45-67", "тел. 067 123 45 67", 380671234567])
def test_two_spellings_of_a_phone_are_one_person_the_first(phone: object) -> None:
    results = recipients([person(id="1"), person(id="2", phonenumber=phone)])

    assert [(recipient.id, recipient.phone) for recipient in results] == [("1", "+380671234567")]


@pytest.mark.parametrize(("phone", "reason"), [(None, "no_phone"), ("", "no_phone"), ("123", "bad_phone")])
def test_a_person_without_a_usable_phone_is_a_recipient_with_a_reason(phone: str | None, reason: str) -> None:
    [recipient] = recipients([person(phone=phone)])

    assert recipient.phone == BadPhone(reason)  # pyright: ignore[reportArgumentType] (the table's words)
    assert recipient.key == key_of("contact:17", salt=SALT)


def test_people_without_a_phone_differ_by_their_ids() -> None:
    assert len(recipients([person(phone=None, id="1"), person(phone=None, id="2"), person(phone="", id=1)])) == 2


def test_one_phone_in_two_kinds_gets_one_text() -> None:
    people = [person("contact", id="1"), person("proposal", id="2")]

    assert [
        recipient.recipient_kind for recipient in recipients_for(CLIENTS, Data({"recipients": people}), salt=SALT)
    ] == ["contact"]


def test_a_recipient_key_is_an_hmac_that_differs_with_the_salt() -> None:
    [ours], [theirs] = recipients([person()]), recipients([person()], salt=b"another")

    assert ours.key == hmac.new(SALT, b"+380671234567", hashlib.sha256).digest()[:16]
    assert ours.key != theirs.key


@pytest.mark.parametrize("facts", [{}, {"recipients": None}, {"recipients": []}])
def test_an_event_that_names_nobody_has_no_recipients(facts: Json) -> None:
    assert list(recipients_for(CONTACTS, Data(facts), salt=SALT)) == []


@given(st.lists(st.tuples(st.sampled_from(RECIPIENT_KINDS), st.sampled_from(PHONES), st.integers(1, 5)), max_size=12))
def test_everybody_of_the_right_kind_is_a_recipient_once(crowd: list[tuple[str, str | None, int]]) -> None:
    people = [person(kind, phone, id=number) for kind, phone, number in crowd]

    results = list(recipients_for(CLIENTS, Data({"recipients": people}), salt=SALT))

    everybody = {
        recipient.key
        for each in people
        for recipient in recipients_for(CLIENTS, Data({"recipients": [each]}), salt=SALT)
    }
    assert len(results) == len({recipient.key for recipient in results})
    assert {recipient.key for recipient in results} == everybody


STAFF = BY_ID["proposal_comment_to_staff"]
EXPIRING = BY_ID["proposal_expiration_reminder"]


def colleagues(*people: Json) -> list[Recipient]:
    return list(recipients_for(STAFF, Data({"recipients": list(people)}), salt=SALT))


def test_a_creator_who_is_the_assignee_gets_one_text() -> None:
    creator, assignee = person("staff", "0731112233", id=3), person("staff", "+38 093 444 55 66", id="3")

    assert [recipient.phone for recipient in colleagues(creator, assignee)] == ["+380731112233"]


def test_the_first_usable_phone_of_a_colleague_counts() -> None:
    first, second = person("staff", "12-34", id=3), person("staff", "+38 093 444 55 66", id=3)

    assert [recipient.phone for recipient in colleagues(first, second)] == ["+380934445566"]


def test_two_colleagues_are_two() -> None:
    assert len(colleagues(person("staff", "0731112233", id=3), person("staff", "0934445566", id=4))) == 2


def phones_of(*people: Json, **proposal: object) -> list[tuple[str, object]]:
    facts = {"recipients": list(people), "proposal": {"id": "55", "phonenumber": "063 777 88 99", **proposal}}
    return [
        (recipient.recipient_kind, recipient.phone) for recipient in recipients_for(EXPIRING, Data(facts), salt=SALT)
    ]


def test_without_recipients_the_phone_of_the_record_counts() -> None:
    assert phones_of() == [("proposal", "+380637778899")]
    assert phones_of(person("staff")) == [("proposal", "+380637778899")]


def test_without_a_reachable_person_the_phone_of_the_record_counts() -> None:
    assert phones_of(person(phone=None)) == [("contact", BadPhone("no_phone")), ("proposal", "+380637778899")]


def test_with_a_reachable_person_the_phone_of_the_record_is_unused() -> None:
    assert phones_of(person()) == [("contact", "+380671234567")]


@pytest.mark.parametrize("phone", [None, "", "-"])
def test_a_record_without_a_phone_is_nobody(phone: str | None) -> None:
    assert [kind for kind, _ in phones_of(phonenumber=phone)] in ([], ["proposal"])
    assert [kind for kind, _ in phones_of(person(), phonenumber=phone)] == ["contact"]


def test_a_trigger_that_does_not_ask_for_it_leaves_the_records_phone_alone() -> None:
    facts = {"contract": {"id": "1", "phonenumber": "0637778899"}}

    assert list(recipients_for(BY_ID["contract_comment_to_customer"], Data(facts), salt=SALT)) == []
