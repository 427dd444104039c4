from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from worker.core.contract.attributes import Field, Section
from worker.core.contract.data import RECORDS, Data, Invoice, Meeting, Person, Shortcodes, load
from worker.core.contract.event_types import KEPT, TYPES
from worker.core.contract.readers import Money
from worker.core.texts.shortcodes import SHORTCODES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def fields(section: type[Section]) -> dict[str, Field[Any]]:
    results = {name: getattr(section, name) for name in dir(section)}
    return {name: field for name, field in results.items() if isinstance(field, Field)}


def sections(section: type[Section] = Data) -> set[type[Section]]:
    inner = {field.section for field in fields(section).values() if field.section}
    return {section, Person}.union(*map(sections, inner))


def models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in models(inner)]


@pytest.mark.parametrize("code", SHORTCODES)
def test_every_shortcode_reads_attributes_that_its_sections_declare(code: str) -> None:
    for source in SHORTCODES[code].sources:
        owner: type[Section] = Data
        for name in source.names:
            field = fields(owner)[name]
            owner = field.section or Section


@pytest.mark.parametrize("event_type", TYPES)
def test_every_section_of_the_contract_is_declared(event_type: str) -> None:
    named = TYPES[event_type].model.model_fields

    assert named.keys() <= fields(Data).keys()
    assert all(
        fields(Data)[name].section for name, field in named.items() if models(field.annotation) and name != "recipients"
    )


def test_every_record_that_is_kept_is_loaded_as_its_own_type() -> None:
    assert RECORDS.keys() >= {*KEPT}
    assert {type(load(record_kind, {})) for record_kind in RECORDS} == set(RECORDS.values())
    assert all(type(load(record_kind, {})) is fields(Data)[record_kind].section for record_kind in RECORDS)


@given(st.data())
def test_no_json_keeps_a_section_from_being_read(data: st.DataObject) -> None:
    section = data.draw(st.sampled_from(sorted(sections() - {Data}, key=lambda result: result.__name__)))
    json = data.draw(st.fixed_dictionaries(dict.fromkeys(fields(section), JSON)))

    for field in fields(section).values():
        field.of(section(json))


@given(st.data())
def test_what_is_kept_of_a_section_is_all_that_can_be_asked(data: st.DataObject) -> None:
    section = data.draw(st.sampled_from(sorted(sections() - {Data}, key=lambda result: result.__name__)))
    plain = {name: field for name, field in fields(section).items() if field.section is None}
    whole = section(data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys([*plain, "lines"], JSON))))
    kept = section(whole.kept)

    assert all(field.written(kept) is field.written(whole) for field in plain.values())
    assert ("lines" in kept.json) <= (section is Shortcodes)


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_keeps_what_is_known_of_whom_its_phone_belongs_to(kind: str) -> None:
    known = {
        "phonenumber": "0671234567",
        "firstname": "Olena",
        "lastname": "D",
        "locale": "en",
        "timezone": "Europe/Kyiv",
    }

    assert RECORDS[kind](known).kept == known


def test_sections_in_sections_are_kept_alike() -> None:
    client = {"id": "5", "billing": {"city": "Київ", "fax": "1"}, "note": "x"}
    data = Data({"client": client, "invoice": "?", "recipients": [{"id": "1", "email": "x"}], "other": {"id": "1"}})

    assert data.kept == {
        "client": {"id": "5", "billing": {"city": "Київ"}},
        "invoice": {},
        "recipients": [{"id": "1", "email": "x"}],
    }


@pytest.mark.parametrize("written", ["", "x", "1.5", "9" * 5_000, None, [], {}, 1.5])
def test_a_version_that_is_no_number_is_none(written: object) -> None:
    assert Meeting({"version": written}).version is None


def test_an_unreadable_field_is_none_and_stays_as_it_was_written() -> None:
    invoice = Invoice({"duedate": "20.11.2026", "total": "48 000,00 грн"})

    assert (invoice.duedate, Invoice.duedate.written(invoice)) == (None, "20.11.2026")
    assert invoice.total == Money("48 000,00 грн", "")


def test_a_changed_section_leaves_its_original_unchanged() -> None:
    data = Data({"invoice": {"id": 1}, "note": "x"})
    changed = data.having(invoice=data.invoice.having({"self": 2}, status="paid"))

    assert data.json == {"invoice": {"id": 1}, "note": "x"}
    assert changed.json == {"invoice": {"id": 1, "self": 2, "status": "paid"}, "note": "x"}
    assert changed.invoice.without(Invoice.status).json == {"id": 1, "self": 2}
