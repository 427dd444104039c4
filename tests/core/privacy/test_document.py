from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.crm import event, person
from worker.core.privacy.document import anonymous, own_sections, speaks_of, texts, traces_in
from worker.core.privacy.person import Traces

OLENA = Traces(frozenset({"+380671234567"}), frozenset({("acme", "contact", "17")}), frozenset({"олена", "дем'янюк"}))
OTHER = {"kind": "contact", "id": "18", "phonenumber": "0501112233", "firstname": "Тарас"}
FIELDS = st.sampled_from(["id", "kind", "x", "phonenumber", "contact"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["067 123 45 67", "Олена"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner),
    max_leaves=12,
)


def test_a_person_is_no_recipient_any_more_and_others_are() -> None:
    body = event(recipients=[person(), OTHER])

    after = anonymous(body, "acme", OLENA)

    assert after["data"]["recipients"] == [OTHER]
    assert after["id"] == body["id"]


def test_a_persons_section_keeps_what_orders_records() -> None:
    contact = {"id": "17", "version": 4, "firstname": "Олена", "birthday": "1990-12-02", "email": "o@x.ua"}

    assert anonymous(contact, "acme", OLENA, "contact") == {"id": "17", "version": 4}


def test_an_id_that_is_their_phone_goes_too() -> None:
    contact = {"id": "671234567", "version": 4, "phonenumber": "671234567"}

    assert anonymous(contact, "acme", OLENA, "contact") == {"id": "", "version": 4}


def test_a_record_with_their_phone_keeps_its_business() -> None:
    booking = {
        "id": "5",
        "client_name": "Олена",
        "phonenumber": "0671234567",
        "service": "Стрижка",
    }

    after = anonymous({"booking": booking}, "acme", OLENA)

    assert after == {"booking": {"id": "5", "service": "Стрижка"}}


def test_words_that_name_them_go_wherever_they_are() -> None:
    document = {
        "shortcodes": {"greeting": "Шановна Олено чи Олена", "number": "12"},
        "total": 380671234567,
        "paid": True,
    }

    after = anonymous(document, "acme", OLENA)

    assert after == {"shortcodes": {"greeting": "", "number": "12"}, "total": "", "paid": True}


def test_a_document_tells_ids_and_names() -> None:
    phone = Traces(frozenset({"+380671234567"}))

    found = traces_in(event(recipients=[person(), OTHER]), "acme", phone)

    assert found.people == {("acme", "contact", "17")}
    assert found.words == {"олена", "дем'янюк"}


def test_a_document_tells_the_records_that_they_were_written_to_about() -> None:
    body = event("booking.saved", booking={"id": "5", "client_name": "Олена"}, recipients=[person(), OTHER])

    assert ("acme", "booking", "5") in traces_in(body, "acme", OLENA).records
    assert traces_in({**body["data"], "recipients": [OTHER]}, "acme", OLENA).records == frozenset()


def test_an_id_of_another_account_is_somebody_else() -> None:
    contact = {"contact": {"id": "17", "firstname": "Тарас"}}

    assert speaks_of(contact, "acme", OLENA)
    assert not speaks_of(contact, "beta", OLENA)


def test_only_their_own_parts_are_shown_to_them() -> None:
    found = own_sections(event(recipients=[person(), OTHER]), "acme", OLENA)

    assert [section["id"] for section in found] == ["17"]


@given(JSON)
def test_whatever_is_left_speaks_of_nobody(document: Any) -> None:
    after = anonymous(document, "acme", OLENA)

    assert not any(OLENA.in_text(text) for text in texts(after))
    assert anonymous(after, "acme", OLENA) == after
