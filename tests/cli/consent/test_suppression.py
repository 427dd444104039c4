import pytest

from tests.cli.conftest import Command
from tests.support.crm import SECRET, delivery, event, execute, row, rows
from worker.core.hands.phone_list import read_list
from worker.core.triggers.recipient_key import key_of
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.accounts import secrets
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction

PHONE = "067 123 45 67"
#: As a program of the region writes it, with a mark at its beginning.
TABLE = """\ufeffТелефон;scope;reason;since
067 123 45 67;marketing;просив по телефону;2026-11-01T10:00:00+02:00
+380 (50) 111-22-33;;;
;all;;
044 123 45 67;;;
068 111 22 33;later;;
068 111 22 34;all;;yesterday

0501112233;all;;
"""


def test_a_phone_goes_on_the_list_is_looked_up_and_taken_off(shop: Command) -> None:
    result = shop("suppression", "add", "acme", PHONE, "050 111 22 33", "--scope", "marketing", "--reason", "просив")
    known = shop("suppression", "add", "acme", PHONE, "--json").json
    body = shop("suppression", "list", "acme", "--phone", "+380671234567", "--json").json

    assert result.err.splitlines()[0] == "New on the list: 2; there already: 0."
    assert known == {"new": 0, "widened": 1, "known": 0, "cancelled": 0, "on_the_way": 0}
    assert [(item["phone"], item["scope"], item["reason"], item["source"]) for item in body] == [
        ("+38067***4567", "all", "asked", "operator")
    ]
    assert "2 phones, 1 of them for advertising alone" in shop("account", "show", "acme").out
    assert shop("suppression", "remove", "acme", PHONE).err == "It is off the list.\n"
    assert shop("suppression", "remove", "acme", PHONE).code == 3
    assert len(shop("suppression", "list", "acme", "--json").json) == 1


@pytest.mark.parametrize(
    ("args", "code", "text"),
    [
        (("add", "nobody", PHONE), 3, "There is no account nobody"),
        (("add", "acme", "067"), 2, "PHONE 1 is no mobile number (bad_phone)"),
        (("import", "acme", "/nowhere/stop.csv"), 1, "cannot be read"),
        (("import", "acme", "-", "--scope", "urgent"), 2, "'urgent' is not one of 'all'"),
        (("erase", "acme", PHONE), 3, "not on the list"),
    ],
)
def test_an_impossible_command_is_an_error_with_a_reason(
    shop: Command, args: tuple[str, ...], code: int, text: str
) -> None:
    result = shop("suppression", *args, given="")

    assert result.code == code
    assert text in result.err


def test_bad_lines_of_an_imported_file_are_reported(shop: Command, pool: Pool) -> None:
    done = shop("suppression", "import", "acme", "-", "--json", given=TABLE).json
    errors = shop("suppression", "import", "acme", "-", given=TABLE).err

    assert done == {
        "lines": 7,
        "repeated": 1,
        "several": [],
        "left_out": [],
        "unread_columns": [],
        "unreadable": [
            {"line": 4, "why": "no_phone"},
            {"line": 5, "why": "landline"},
            {"line": 6, "why": "scope"},
            {"line": 7, "why": "since"},
        ],
        "new": 2,
        "widened": 0,
        "known": 0,
        "cancelled": 0,
        "on_the_way": 0,
    }
    assert "New on the list: 0; there already: 2." in errors
    assert "line 5: is a landline" in errors
    kept = "SELECT scope, reason, source, since::date::text FROM suppressions ORDER BY scope DESC"
    assert rows(pool, kept)[0] == ("marketing", "просив по телефону", "import", "2026-11-01")


def test_a_plain_file_has_a_phone_on_each_line() -> None:
    lines = list(read_list(["# STOP\n", "0671234567\n", "\n", "хтось\n"]))

    assert [(line.number, line.phones, line.why) for line in lines] == [
        (2, ("+380671234567",), None),
        (4, (), "no_phone"),
    ]


def suppression_scopes(shop: Command) -> dict[str, str]:
    """Every phone on the list, whole, and why it is there."""
    return {item["phone"]: item["reason"] for item in shop("suppression", "export", "acme", "--json").json}


@pytest.mark.parametrize(
    "text",
    [
        "067 123 45 67, 050 111 22 33\n",
        "067 123 45 67 / 050 111 22 33\n",
        "067 123 45 67;050 111 22 33;просив\n",
        "Телефон;Телефон 2;Причина\n067 123 45 67;050 111 22 33;просив\n",
        "phone\n0671234567;0501112233\n",
        'phone;reason\n"0671234567";"0501112233"\n',
    ],
)
def test_several_phones_of_a_line_are_all_taken(shop: Command, text: str) -> None:
    result = shop("suppression", "import", "acme", "-", given=text)

    assert suppression_scopes(shop).keys() == {"+380671234567", "+380501112233"}
    assert set(suppression_scopes(shop).values()) == {"просив" if "просив" in text else "imported"}
    assert "2 phones, all of them taken" in result.err


def test_several_phones_can_be_added_but_not_looked_up_at_once(shop: Command) -> None:
    result = shop("suppression", "add", "acme", "067 123 45 67, 050 111 22 33")
    asked = shop("suppression", "list", "acme", "--phone", "067 123 45 67, 050 111 22 33")

    assert suppression_scopes(shop).keys() == {"+380671234567", "+380501112233"}
    assert "all of them are taken" in result.err
    assert (asked.code, "give one" in asked.err) == (2, True)


def test_an_impossible_phone_is_reported_and_never_corrected(shop: Command) -> None:
    text = "phone\n06712345678\n0671234567 (1)\n3806712345b7\n044 123 45 67, 0501112233\n0800 500 500\n"

    result = shop("suppression", "import", "acme", "-", given=text)

    assert suppression_scopes(shop).keys() == {"+380671234567", "+380501112233"}
    assert [line.partition(":")[0] for line in result.err.splitlines() if line.startswith("line ")] == [
        "line 5",
        "line 2",
        "line 4",
        "line 6",
    ]


def test_an_invalid_phone_of_an_older_version_can_be_removed(shop: Command, pool: Pool) -> None:
    shop("suppression", "add", "acme", PHONE)
    nobody = "+3806712345678"
    with transaction(pool) as connection:
        key = key_of(nobody, salt=secrets.salt(connection, Seal((SECRET,))))
    execute(pool, "UPDATE suppressions SET phone = %s, recipient_key = %s", nobody, key)

    assert shop("suppression", "list", "acme", "--phone", nobody, "--json").json[0]["scope"] == "all"
    assert shop("suppression", "remove", "acme", nobody).code == 0
    assert suppression_scopes(shop) == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_a_table_is_read_as_excel_saves_it(shop: Command, encoding: str, delimiter: str) -> None:
    table = "Телефон;Причина\r\n067 123 45 67;просив у листі № 5\r\n+380501112233;«не турбувати»\r\n"
    given = table.replace(";", delimiter).encode(encoding)

    result = shop("suppression", "import", "acme", "-", given=given)

    assert result.code == 0, result.err
    assert suppression_scopes(shop) == {"+380671234567": "просив у листі № 5", "+380501112233": "«не турбувати»"}
    assert ("is read as" in result.err) == (not encoding.startswith("utf-8"))


@pytest.mark.parametrize("raw", [b"\x00\x01\x02", "Телефон\n0671234567;просив".encode("cp866"), b"\xff\xfe\x00"])
def test_a_file_that_is_no_text_is_refused(shop: Command, raw: bytes) -> None:
    result = shop("suppression", "import", "acme", "-", given=raw)

    assert (result.code, "nothing was changed" in result.err) == (1, True)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Телефон;Дата;Ім'я\n0671234567;01.11.2026;Олена\n", {"unread_columns": ["Дата", "Ім'я"]}),
        ("sep=;\nТелефон;Причина\n0671234567;просив\n", {"lines": 1, "unread_columns": []}),
        ("# STOP\nТелефон;Причина\n0671234567;просив\n", {"lines": 1, "unread_columns": []}),
        ("0671234567;044 123 45 67\n", {"left_out": [{"line": 1, "numbers": 1}]}),
    ],
)
def test_unread_parts_of_a_table_are_reported(shop: Command, text: str, fields: dict[str, object]) -> None:
    done = shop("suppression", "import", "acme", "-", "--json", given=text).json

    assert {**done, **fields} == done
    assert done["new"] == 1


@pytest.mark.parametrize(
    "line", ["0671234567;просив;реклама", "просив;реклама;0671234567", "0671234567;просив;marketing"]
)
def test_a_table_without_a_header_keeps_scope_and_reason(shop: Command, line: str) -> None:
    shop("suppression", "import", "acme", "-", given=f"{line}\n")

    [value] = shop("suppression", "export", "acme", "--json").json
    assert (value["phone"], value["scope"], value["reason"]) == ("+380671234567", "marketing", "просив")


def test_a_table_whose_columns_nobody_knows_is_refused_with_their_names(shop: Command) -> None:
    result = shop("suppression", "import", "acme", "-", given="Клієнт;Зв'язок\nОлена;0671234567\n")

    assert (result.code, "Клієнт, Зв'язок" in result.err) == (1, True)


@pytest.mark.parametrize("after", ["0501112233\n", '050"1112233"\n', "0501112233\n" * 20_000])
def test_a_quotation_mark_without_its_other_half_swallows_nobody(shop: Command, pool: Pool, after: str) -> None:
    result = shop("suppression", "import", "acme", "-", given=f'{PHONE}\n"0681112233\n{after}')

    assert result.code == 1
    assert "line 2: a quotation mark" in result.err
    assert rows(pool, "SELECT FROM suppressions") == []


def test_an_exported_stop_list_is_imported_as_it_was(shop: Command, pool: Pool) -> None:
    shop("suppression", "import", "acme", "-", given=TABLE)
    before = shop("suppression", "export", "acme")
    shop("suppression", "erase", "acme", "050 111 22 33")
    erased = shop("suppression", "export", "acme")

    assert "+380671234567,marketing,просив по телефону,import,2026-11-01T08:00:00+00:00" in before.out
    assert len(erased.out.splitlines()) == len(before.out.splitlines()) - 1
    assert "1 more is on the list whose phone was erased" in erased.err
    assert row(pool, "SELECT count(*) FROM suppressions") == (2,)

    shop("suppression", "remove", "acme", PHONE)
    shop("suppression", "import", "acme", "-", given=before.out)
    again = shop("suppression", "export", "acme").out
    assert "+380671234567,marketing,просив по телефону,import,2026-11-01T08:00:00+00:00" in again


def test_a_recorded_consent_is_shown_with_its_proof(shop: Command, intake: Intake) -> None:
    yes = event("contact.saved", contact={"id": "17", "version": 1, "consent": True}, recipients=[])
    no = event("contact.saved", contact={"id": "17", "version": 2, "consent": False}, recipients=[])
    accept(intake, [delivery(yes), delivery(no)])

    [value] = shop("consent", "acme", "--person", "17", "--json").json

    assert (value["consent"], value["event_id"], value["agreed_event_id"]) == ("taken back", no["id"], yes["id"])
    assert shop("consent", "acme", "--person", "18").err == "Nobody's consent was recorded.\n"
    assert "recorded" in shop("trigger", "show", "acme", "contact_birthday", "--json").json["consent"]
