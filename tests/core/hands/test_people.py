import pytest

from worker.core.hands.people import Addressee, CellFault, NoColumnError, csv_rows, people_of

CODES = {"invoice_number", "contact_firstname"}


def test_a_table_is_read_by_its_first_row() -> None:
    text = "Ім'я;Телефон 1;{invoice_number};Згода;Місто\nОлена;067 123 45 67;INV-1;так;Київ\n\nІван;0501112233;;;\n"

    people = people_of(csv_rows(text), CODES)

    assert people.addressees == [
        Addressee(2, "+380671234567", {"firstname": "Олена"}, {"invoice_number": "INV-1"}, consent=True),
        Addressee(4, "+380501112233", {"firstname": "Іван"}),
    ]
    assert (people.faults, people.unread) == ([], ["Місто"])


def test_a_list_of_phones_needs_no_heading() -> None:
    people = people_of(csv_rows("0671234567\n0501112233\n"), CODES)

    assert [person.phone for person in people.addressees] == ["+380671234567", "+380501112233"]


def test_what_is_wrong_is_named_by_its_cell_and_left_out() -> None:
    lines = ["name,phone,consent,kind,мова", "A,12,,", "B,,,", "C,044 123 45 67,,", "D,0671234567,maybe,"]
    text = "\n".join([*lines, "E,0501112233,,person", "F,0501112233,,lead", "G,0501112233,,,Українська"])

    people = people_of(csv_rows(text), CODES)

    assert people.addressees == []
    assert people.faults == [
        CellFault("B2", "phone", "is no number that could exist"),
        CellFault("B3", "phone", "holds no number"),
        CellFault("B4", "phone", "is a landline or a service number, which gets no SMS"),
        CellFault("C5", "consent", "is neither yes nor no (так, ні)"),
        CellFault("D6", "kind", "is none of booking, contact, lead, order, proposal, staff"),
        CellFault("D7", "kind", "needs an id beside it"),
        CellFault("E8", "locale", "is no code of a language, such as uk or en"),
    ]


def test_words_that_we_read_may_have_any_case() -> None:
    [person] = people_of(csv_rows("phone,мова,згода,kind,id\n0671234567,UK,Так,Lead,7\n"), CODES).addressees

    assert person.fields == {"locale": "uk", "kind": "lead", "id": "7"}
    assert person.consent is True


def test_who_stands_twice_gets_one_text() -> None:
    people = people_of(csv_rows("phone\n0671234567\n+38 067 123-45-67\n"), CODES)

    assert len(people.addressees) == 1
    assert people.faults == [CellFault("A3", "phone", "stands in row 2 already")]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "it is empty"), ("name,city\nA,B\n", "no column is called phone"), ("hello\n", "no column is called phone")],
)
def test_a_table_without_phones_is_refused(text: str, words: str) -> None:
    with pytest.raises(NoColumnError, match=words):
        people_of(csv_rows(text), CODES)


@pytest.mark.parametrize(
    "text", ["phone;name\n0671234567;A\n", "\nsep=;\nphone;name\n0671234567;A\n", "phone\tname\n0671234567\tA\n"]
)
def test_any_delimiter_of_a_spreadsheet_is_understood(text: str) -> None:
    [person] = people_of(csv_rows(text), CODES).addressees

    assert (person.phone, person.fields) == ("+380671234567", {"firstname": "A"})
