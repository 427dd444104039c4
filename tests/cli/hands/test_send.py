from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.core.hands.workbook import workbook
from tests.support.crm import execute, rows
from worker.store.db.postgres import Pool

TEXTS = "SELECT phone, text, state, lane FROM notifications ORDER BY id"
PEOPLE = "phone;ім'я;invoice_number\n0671234567;Олена;INV-1\n12;Хтось;INV-2\n0501112233;Іван;INV-3\n"
WORDS = "{contact_firstname}, рахунок {invoice_number}"


@pytest.fixture
def priced(shop: Command, pool: Pool) -> Command:
    execute(pool, "UPDATE accounts SET segment_price = 0.95")
    return shop


def test_a_text_is_shown_priced_asked_about_and_sent(priced: Command, pool: Pool) -> None:
    command = ["send", "acme", "--to", "067 123 45 67", "--text", "Готово."]
    asked, done, again = priced(*command), priced(*command, "--yes"), priced(*command, "--yes")

    assert (asked.code, done.code, again.code) == (2, 0, 1)
    for words in ["  Готово.", "Texts: 1, segments: 1, UAH at most: 0.95.", "Out by about ", "Send it to 1 person?"]:
        assert words in asked.err
    assert rows(pool, TEXTS) == [("+380671234567", "Готово.", "planned", "normal")]
    assert "1 got the same words today" in again.err


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_is_sent_and_its_wrong_cells_are_named(priced: Command, pool: Pool, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"people.{kind}"
    cells = [
        [f"<c t='inlineStr'><is><t>{cell}</t></is></c>" for cell in line.split(";")] for line in PEOPLE.splitlines()
    ]
    table = workbook("".join(f"<row>{''.join(line)}</row>" for line in cells))
    file.write_bytes(PEOPLE.encode() if kind == "csv" else table)

    result = priced("send", "acme", "--file", str(file), "--text", WORDS, "--yes")

    assert result.code == 0
    assert "A3 (phone): is no number that could exist; this row is left out." in result.err
    assert "On their way: 2." in result.err
    assert "Rows left out, as above: 1." in result.err
    assert {(phone, text) for phone, text, *_ in rows(pool, TEXTS)} == {
        ("+380671234567", "Олена, рахунок INV-1"),
        ("+380501112233", "Іван, рахунок INV-3"),
    }


def test_a_dry_run_asks_what_workers_ask_and_sends_nothing(priced: Command, pool: Pool, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)

    result = priced("send", "acme", "--file", str(file), "--text", WORDS, "--dry-run", "--json")

    assert (result.code, rows(pool, TEXTS)) == (0, [])
    assert result.json["outcomes"] == {"sending/": 2}
    assert (result.json["texts"], result.json["segments"], result.json["price"]) == (2, 2, "1.9000")
    assert result.json["faults"] == [{"cell": "A3", "column": "phone", "problem": "is no number that could exist"}]
    assert (result.json["left_out"], datetime.fromisoformat(result.json["out_by"]).tzinfo is None) == (1, False)


def test_a_table_of_which_nobody_gets_anything_is_a_failure(priced: Command, pool: Pool, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("phone;kind\n12;robot\n044 123 45 67;\n")

    result = priced("send", "acme", "--file", str(file), "--text", "Вітаємо!", "--yes")

    assert (result.code, rows(pool, TEXTS)) == (1, [])
    assert "There is nobody to send it to." in result.err


def test_rows_are_counted_however_many_of_their_cells_are_wrong(priced: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("phone;kind\n12;robot\n067 123 45 67;\n067 123 45 67;\n")

    result = priced("send", "acme", "--file", str(file), "--text", "Вітаємо!", "--yes", "--json")

    assert (result.code, result.json["sent"], result.json["left_out"], len(result.json["faults"])) == (0, 1, 2, 3)


def test_a_template_goes_with_values_at_a_moment(priced: Command, pool: Pool) -> None:
    added = priced("template", "add", "acme", "Осінь", "--section", "invoice", "--text", "Знижка {invoice_number}!")
    assert added.code == 0, added.err

    typed = ["--to", "0671234567", "--value", "invoice_number=20%", "--at", "2h"]
    result = priced("send", "acme", "--template", "Осінь", *typed, "--yes")

    assert result.code == 0, result.err
    assert [(text, state) for _, text, state, _ in rows(pool, TEXTS)] == [("Знижка 20%!", "postponed")]
    assert rows(pool, "SELECT reason, due_at > now() + interval '1 h' FROM notifications") == [("scheduled", True)]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["acme", "--text", "x"], 2, "Say to whom"),
        (["acme", "--to", "0671234567"], 2, "Say what"),
        (["acme", "--to", "0671234567", "--text", " "], 2, "Say what"),
        (["acmee", "--to", "0671234567", "--text", "x"], 3, "did you mean acme?"),
        (["acme", "--to", "0671234567", "--text", "Вітаємо, {nmae}"], 2, "{nmae} is no shortcode"),
        (["acme", "--file", "/nowhere/people.csv", "--text", "Вітаємо, {nmae}"], 2, "{nmae} is no shortcode"),
        (["acme", "--to", "12", "--text", "x"], 2, "--to: no mobile number"),
        (["acme", "--to", "0671234567", "--template", "Зима"], 3, "has no custom template Зима"),
        (["acme", "--to", "0671234567", "--text", "x", "--at", "yesterday"], 2, "--at: yesterday is no moment"),
        (["acme", "--to", "0671234567", "--text", "x", "--value", "y"], 2, "invoice_number=INV-901"),
        (["acme", "--file", "/nowhere/people.csv", "--text", "x"], 1, "No such file"),
    ],
)
def test_a_wrong_send_is_refused_and_sends_nothing(
    shop: Command, pool: Pool, arguments: list[str], code: int, words: str
) -> None:
    result = shop("send", *arguments, "--yes", COLUMNS="300", NO_COLOR="1", TERM="dumb")

    assert (result.code, words in result.err) == (code, True), result.err
    assert rows(pool, TEXTS) == []


def test_a_table_that_is_none_is_refused(shop: Command, tmp_path: Path) -> None:
    for name, content, words in [
        ("a.xlsx", b"PK\x03\x04 broken", "it is no workbook that can be read"),
        ("b.csv", "місто,вік\nКиїв,30\n".encode(), "no column is called phone"),
        ("c.csv", b"\xff\xfe\x00", "no encoding makes a text of it"),
    ]:
        file = tmp_path / name
        file.write_bytes(content)
        result = shop("send", "acme", "--file", str(file), "--text", "x", "--yes")

        assert (result.code, words in result.err) == (1, True), result.err
