import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.history.search.names import names

CLIENT = {"client": {"id": "5", "company": "ТОВ «Ромашка»"}}


def named(**data: object) -> dict[tuple[str, str], str]:
    return dict(names(orjson.dumps({"data": data})))


def test_a_person_is_named_with_the_client_they_belong_to() -> None:
    people = [{"kind": "contact", "id": 17, "firstname": " Олена ", "lastname": "Дем'янюк"}]

    assert named(recipients=people, **CLIENT) == {("contact", "17"): "Олена Дем'янюк, ТОВ «Ромашка»"}


def test_a_colleague_is_not_of_the_client_they_hear_about() -> None:
    assert named(recipients=[{"kind": "staff", "id": "3", "firstname": "Юрій"}], **CLIENT) == {("staff", "3"): "Юрій"}


def test_a_lead_has_the_name_of_its_own_section_and_company() -> None:
    lead = {"id": "8", "name": "Тарас Коваль", "company": "Мрія"}

    assert named(recipients=[{"kind": "lead", "id": "8"}], lead=lead) == {("lead", "8"): "Тарас Коваль, Мрія"}
    assert named(recipients=[{"kind": "lead", "id": "9"}], lead=lead) == {}


def test_the_person_whose_phone_a_record_carries_is_named() -> None:
    assert named(booking={"id": "17", "client_name": "Ганна"}) == {("booking", "17"): "Ганна"}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": 5}', b'{"data": {"recipients": {"a": 1}, "client": []}}'])
def test_a_body_without_people_names_nobody(body: bytes) -> None:
    assert names(body) == {}


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(-9, 9), st.text(st.characters(codec="utf-8"))),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["data", "recipients", "client", "kind", "id", "firstname", "company", "order", "lead"]
                ),
                inner,
            )
        ),
    )
)
def test_any_body_is_read(value: object) -> None:
    assert all(names(orjson.dumps({"data": value})).values())
