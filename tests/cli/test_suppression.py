from __future__ import annotations

import pytest

from tests.cli.conftest import Command
from tests.crm import delivery, event, row, rows
from worker.cli.phone_list import read_list
from worker.steps.accept import accept
from worker.steps.plan import Intake
from worker.store.postgres import Pool

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
    said = shop("suppression", "add", "acme", PHONE, "050 111 22 33", "--scope", "marketing", "--reason", "просив")
    known = shop("suppression", "add", "acme", PHONE, "--json").json
    found = shop("suppression", "list", "acme", "--phone", "+380671234567", "--json").json

    assert said.err.splitlines()[0] == "2 new on the list, 0 were there already."
    assert known == {"new": 0, "widened": 1, "known": 0, "cancelled": 0, "on_the_way": 0}
    assert [(one["phone"], one["scope"], one["reason"], one["source"]) for one in found] == [
        ("+38067***4567", "all", "asked", "operator")
    ]
    assert "2 phones, 1 of them for advertising alone" in shop("account", "show", "acme").out
    assert shop("suppression", "remove", "acme", PHONE).err == "It is off the list.\n"
    assert shop("suppression", "remove", "acme", PHONE).code == 3
    assert len(shop("suppression", "list", "acme", "--json").json) == 1


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("add", "nobody", PHONE), 3, "There is no account nobody"),
        (("add", "acme", "067"), 2, "PHONE 1 is no mobile number (bad_phone)"),
        (("import", "acme", "/nowhere/stop.csv"), 1, "cannot be read"),
        (("import", "acme", "-", "--scope", "urgent"), 2, "give one of all, marketing"),
        (("erase", "acme", PHONE), 3, "not on the list"),
    ],
)
def test_what_cannot_be_done_says_why(shop: Command, args: tuple[str, ...], code: int, words: str) -> None:
    said = shop("suppression", *args, given="")

    assert said.code == code
    assert words in said.err


def test_a_file_is_read_as_other_programs_write_it_and_its_bad_lines_are_named(shop: Command, pool: Pool) -> None:
    done = shop("suppression", "import", "acme", "-", "--json", given=TABLE).json
    said = shop("suppression", "import", "acme", "-", given=TABLE).err

    assert done == {
        "lines": 7,
        "repeated": 1,
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
    assert "0 new on the list, 2 were there already." in said
    assert "line 5: is a landline" in said
    kept = "SELECT scope, reason, source, since::date::text FROM suppressions ORDER BY scope DESC"
    assert rows(pool, kept)[0] == ("marketing", "просив по телефону", "import", "2026-11-01")


def test_a_plain_file_has_a_phone_on_each_line() -> None:
    found = list(read_list(["# STOP\n", "0671234567\n", "\n", "хтось\n"]))

    assert [(line.number, line.phone, line.why) for line in found] == [(2, "+380671234567", None), (4, "", "no_phone")]


@pytest.mark.parametrize("after", ["0501112233\n", '050"1112233"\n', "0501112233\n" * 20_000])
def test_a_quotation_mark_without_its_other_half_swallows_nobody(shop: Command, pool: Pool, after: str) -> None:
    said = shop("suppression", "import", "acme", "-", given=f'{PHONE}\n"0681112233\n{after}')

    assert said.code == 1
    assert "line 2: a quotation mark" in said.err
    assert rows(pool, "SELECT FROM suppressions") == []


def test_what_is_exported_is_imported_as_it_was(shop: Command, pool: Pool) -> None:
    shop("suppression", "import", "acme", "-", given=TABLE)
    before = shop("suppression", "export", "acme")
    shop("suppression", "erase", "acme", "050 111 22 33")
    erased = shop("suppression", "export", "acme")

    assert "+380671234567,marketing,просив по телефону,import,2026-11-01T08:00:00+00:00" in before.out
    assert len(erased.out.splitlines()) == len(before.out.splitlines()) - 1
    assert "1 more are on the list whose phones were erased" in erased.err
    assert row(pool, "SELECT count(*) FROM suppressions") == (2,)

    shop("suppression", "remove", "acme", PHONE)
    shop("suppression", "import", "acme", "-", given=before.out)
    again = shop("suppression", "export", "acme").out
    assert "+380671234567,marketing,просив по телефону,import,2026-11-01T08:00:00+00:00" in again


def test_a_recorded_consent_is_shown_with_its_proof(shop: Command, intake: Intake) -> None:
    yes = event("contact.saved", contact={"id": "17", "version": 1, "consent": True}, recipients=[])
    no = event("contact.saved", contact={"id": "17", "version": 2, "consent": False}, recipients=[])
    accept(intake, [delivery(yes), delivery(no)])

    [one] = shop("consent", "acme", "--person", "17", "--json").json

    assert (one["consent"], one["event_id"], one["agreed_event_id"]) == ("taken back", no["id"], yes["id"])
    assert shop("consent", "acme", "--person", "18").err == "Nobody's consent was recorded.\n"
    assert "recorded" in shop("trigger", "show", "acme", "contact_birthday", "--json").json["consent"]
