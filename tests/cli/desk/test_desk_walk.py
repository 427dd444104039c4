"""What a desk is asked for, done by commands that `--help` teaches and nothing else."""

import csv
import json
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import orjson
import pytest

from tests.cli.conftest import outcomes
from tests.cli.desk.conftest import Desk
from tests.steps.ledger import planned
from tests.steps.privacy.everything_kept import columns_with
from tests.steps.sending.channels import due
from tests.support.crm import contact_event, delivery, event, execute, person, rows
from tests.support.simulated_provider import Provider
from worker.core.contract.inbound_message import Delivery
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.pause_watch import PauseWatch
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.store.db.postgres import Pool, transaction

STATES = "SELECT state, count(*)::int FROM notifications GROUP BY 1 ORDER BY 1"
WRONG = 3000
ROW, CELL = (f"{{http://schemas.openxmlformats.org/spreadsheetml/2006/main}}{tag}" for tag in ("row", "c"))
KYIV = ZoneInfo("Europe/Kyiv")
PHONE, FIRST, LAST = "067 123 45 67", "Октавіана", "Зорецвітна"


def test_why_olena_got_nothing_yesterday(desk: Desk, intake: Intake) -> None:
    desk("suppression", "add", "acme", "067 123 45 67", "--scope", "all", "--reason", "просила не писати")
    accept(intake, [delivery(event("order.created"))])

    [found] = desk("history", "--account", "acme", "--search", "олена", "--since", "yesterday", "--json").json
    told = desk("why", f"{found['month'][:7]}/{found['id']}", "--lang", "uk").out
    by_phone = desk("why", "--phone", "067 123 45 67", "--since", "yesterday", "--lang", "uk").out

    for output in (told, by_phone):
        assert "Не надіслано: " in output
        assert "стоп-лист" in output
        assert "Що робити: " in output


def test_thousands_of_wrong_texts_are_stopped_and_cancelled(
    desk: Desk, intake: Intake, sender: Sender, provider: Provider, pool: Pool
) -> None:
    execute(pool, "UPDATE accounts SET segment_price = 0.95")
    wrong = planned(intake, *(event("order.created") for _ in range(WRONG)))
    right = planned(intake, event("order.approved"))

    paused = desk("pause", "acme", "--trigger", "order_created", "--why", "wrong price")
    send(sender, wrong[:50])
    dry = desk("cancel", "--account", "acme", "--trigger", "order_created", "--dry-run", "--json").json
    asked = desk("cancel", "--account", "acme", "--trigger", "order_created")
    done = desk("cancel", "--account", "acme", "--trigger", "order_created", "--yes", "--json").json
    desk("resume", "acme", "--trigger", "order_created", "--yes")
    send(sender, [*wrong, *right])

    price = f"{float(dry['found']['price']):.2f}"
    assert (dry["found"]["texts"], dry["found"]["segments"], price) == (WRONG, WRONG, "2850.00")
    assert "3000 texts of acme" in paused.err
    assert ("3000 order_created" in asked.err, "2850" in asked.err) == (True, True), asked.err
    assert (done["cancelled"], rows(pool, STATES)) == (WRONG, [("accepted", 1), ("cancelled", WRONG)])
    assert len(provider.messages()) == 1


def broken(body: dict[str, object]) -> Delivery:
    """What a CRM publishes that writes times without an offset."""
    wrong = {**body, "time": str(body["time"]).removesuffix("+00:00")}
    return delivery(orjson.dumps(wrong, option=orjson.OPT_INDENT_2), key="acme.order.created")


def test_tuesdays_failures_of_an_account_are_mended_and_replayed(
    desk: Desk, intake: Intake, pool: Pool, tmp_path: Path
) -> None:
    tuesday = "-a", "acme", "--since", "2026-11-24", "--until", "2026-11-24"
    first, later, strange = event("order.created"), event("order.created"), event("order.created", account="other")
    accept(intake, [delivery(strange)])
    accept(intake, [broken(first)])
    execute(pool, "UPDATE dead_letters SET created_at = '2026-11-24 09:12+02', last_at = '2026-11-24 09:12+02'")
    accept(intake, [broken(later)])

    [listed] = desk("dead", "list", *tuesday, "--json").json
    refused = desk("dead", "replay", *tuesday, "--dry-run", "--json").json
    body = json.loads(desk("--by", "Анна", "dead", "show", str(listed["id"]), "--raw", "--json").json["body"])
    file = tmp_path / "mended.json"
    file.write_text(json.dumps({**body, "time": f"{body['time']}+00:00"}))
    desk("--by", "Анна", "dead", "edit", str(listed["id"]), "--file", str(file))
    tried = desk("dead", "replay", *tuesday, "--dry-run", "--json").json
    done = desk("--by", "Анна", "dead", "replay", *tuesday, "--yes", "--json").json
    again = desk("dead", "replay", *tuesday, "--yes")

    expected = [["would be refused again"], ["would be replayed"], ["replayed"]]
    assert [outcomes(refused), outcomes(tried), outcomes(done)] == expected
    assert rows(pool, "SELECT event_id FROM events") == [(first["id"],)]
    assert rows(pool, STATES) == [("planned", 1)]
    assert again.code == 0
    left = desk("dead", "list", "--json").json
    assert [(letter["reason"], letter["account"]) for letter in left] == [
        ("schema", "acme"),
        ("unknown_account", "other"),
    ]
    assert {note["by"] for note in desk("audit", "--json").json} == {"Анна"}


def workbook(file: Path) -> list[dict[str, str]]:
    """Rows of the first sheet by their headings, as whoever opens it sees them."""
    with zipfile.ZipFile(file) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (written by us)
    titles, *lines = [
        {str(cell.get("r")).rstrip("0123456789"): "".join(cell.itertext()) for cell in cells.iter(CELL)}
        for cells in sheet.iter(ROW)
    ]
    return [{title: line.get(column, "") for column, title in titles.items()} for line in lines]


def test_a_clients_correspondence_opens_in_a_spreadsheet(desk: Desk, intake: Intake, tmp_path: Path) -> None:
    for client, name in (("5", "Олена"), ("5", "Тарас"), ("6", "Юрій")):
        body = event("order.created", client={"id": client, "company": "ТОВ «=Ромашка»"})
        body["data"]["recipients"] = [person("order", firstname=name, lastname="-1")]
        accept(intake, [delivery(body)])
    book, sheet = tmp_path / "листування.xlsx", tmp_path / "листування.csv"
    theirs = "history", "export", "--account", "acme", "--client", "5", "--phones"

    desk("--lang", "uk", "--by", "Анна", *theirs, "--out", str(book))
    desk("--lang", "uk", "--by", "Анна", *theirs, "--separator", ";", "--out", str(sheet))

    opened = workbook(book)
    written = [*csv.DictReader(sheet.read_text("utf-8-sig").splitlines(), delimiter=";")]
    assert [(line["кому"], line["телефон"], line["текст"][:9]) for line in opened] == [
        ("Тарас -1, ТОВ «=Ромашка»", "+380671234567", "Замовленн"),
        ("Олена -1, ТОВ «=Ромашка»", "+380671234567", "Замовленн"),
    ]
    assert [(line["кому"], line["телефон"]) for line in written] == [
        ("Тарас -1, ТОВ «=Ромашка»", "'+380671234567"),
        ("Олена -1, ТОВ «=Ромашка»", "'+380671234567"),
    ]
    looks = desk("audit", "--action", "phones_seen", "--json").json
    assert [(look["by"], look["account"]) for look in looks] == [("Анна", "acme")] * 2


def test_birthdays_stop_tonight_and_go_tomorrow(
    desk: Desk, intake: Intake, sender: Sender, provider: Provider, pool: Pool
) -> None:
    birthday = planned(intake, event("contact.birthday"))
    order = planned(intake, event("order.created"))

    desk("--by", "Анна", "pause", "acme", "--trigger", "contact_birthday", "--until", "tomorrow 09:00")
    send(sender, [*birthday, *order])
    [held] = desk("pauses", "--json").json
    stopped = [message["text"][:10] for message in provider.messages()]
    checked = desk("check", "--no-accounts").out
    shown = desk("stats", "--once").out
    execute(pool, "UPDATE pauses SET until = now() - interval '1 s' WHERE until > now()")
    send(replace(sender, watch=PauseWatch()), due(intake, after=timedelta(days=2)))

    until = datetime.fromisoformat(held["until"]).astimezone(KYIV)
    assert (held["by"], held["scope"], f"{until:%H:%M}") == ("Анна", "hand/trigger/contact_birthday", "09:00")
    since = datetime.fromisoformat(held["since"]).astimezone(KYIV)
    assert until.date() - since.date() == timedelta(days=1)
    assert stopped == ["Замовлення"]
    assert ("contact_birthday" in checked, "contact_birthday" in shown) == (True, True)
    assert rows(pool, STATES) == [("accepted", 2)]


HER_HASHES = """
SELECT body_hash FROM attempts UNION ALL SELECT text_hash FROM contact_log WHERE text_hash IS NOT NULL
"""


def known_everywhere(desk: Desk, intake: Intake, sender: Sender) -> list[bytes]:
    """She is in events, texts, records, the calendar, letters and lists; the hashes of what was sent to her."""
    her = {"firstname": FIRST, "lastname": LAST, "phonenumber": PHONE}
    send(sender, planned(intake, event("order.created", recipients=[person("order", **her)])))
    desk("send", "acme", "--to", PHONE, "--text", f"{FIRST}, чекаємо завтра", "--yes")
    booking = {"id": "b1", "start": "2030-01-05T10:00:00+02:00", "client_name": f"{FIRST} {LAST}"}
    bodies = [
        contact_event("contact.saved", minutes=-2, **her, birthday="1990-12-02", version=1),
        event("booking.saved", booking=booking, recipients=[person("booking", **her)]),
        event("order.created", recipients=[person("order", **her)]),
    ]
    accept(intake, [*map(delivery, bodies), broken(event("order.created", recipients=[person("order", **her)]))])
    desk("suppression", "add", "acme", PHONE, "--scope", "marketing", "--reason", f"{FIRST} просила")
    execute(intake.pool, "UPDATE notifications SET created_at = created_at - interval '10 minutes'")
    fill_search_index(intake.pool)
    return [bytes(hash_) for (hash_,) in rows(intake.pool, HER_HASHES)]


def holds(pool: Pool, hashes: list[bytes]) -> list[str]:
    with transaction(pool) as connection:
        return columns_with(connection, "+380671234567", [FIRST, LAST], hashes)


def files_with(folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and speaks(path.read_bytes().decode())]


def speaks(text: str) -> bool:
    """Whether it has the phone in any spelling, or the name."""
    digits = "".join(letter for letter in text if letter not in " ()-")
    return "671234567" in digits or FIRST in text or LAST in text


def test_an_erased_phone_is_in_no_table_and_no_file(
    desk: Desk, intake: Intake, sender: Sender, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    hashes = known_everywhere(desk, intake, sender)
    desk("history", "export", "-a", "acme", "--phone", PHONE, "--phones", "--out", "letters.csv")
    desk("privacy", "export", PHONE, "--out", "hers.json")
    tables = {column.partition(".")[0] for column in holds(pool, hashes)}
    files = files_with(tmp_path)

    erased = desk("--by", "Анна", "privacy", "erase", PHONE, "--yes")
    for name in files:
        (tmp_path / name).unlink()
    kept = desk("privacy", "export", PHONE).json
    looks = [
        *(desk("history", "-a", "acme", "--phone", PHONE), desk("history", "-a", "acme", "--search", FIRST)),
        *(desk("privacy", "erasures", "--all"), desk("dead", "list", "--text", FIRST, "--all")),
        *(desk("event", "list", "--json"), desk("audit", "--csv"), desk("suppression", "list", "acme", "--json")),
        *(desk("calendar", "acme", "--json"), desk("consent", "acme", "--json"), desk("audit", "--json")),
    ]

    assert (erased.code, files) == (0, ["hers.json", "letters.csv"])
    everywhere = {"events", "notifications", "records", "calendar", "dead_letters", "suppressions", "attempts"}
    assert tables >= everywhere | {"contact_log", "search_entries"}
    assert (holds(pool, hashes), files_with(tmp_path)) == ([], [])
    assert (kept["texts"], kept["events"], kept["people"]) == ([], [], [])
    assert [look.out + look.err for look in looks if speaks(look.out + look.err)] == []


def test_who_switched_this_trigger_off(desk: Desk) -> None:
    desk("--by", "Марта", "trigger", "off", "acme", "order_created")
    desk("--by", "Олена Коваль", "trigger", "off", "acme", "contact_birthday")

    asked = "audit", "--account", "acme", "--action", "trigger", "--subject", "contact_birthday"
    [found] = desk(*asked, "--json").json
    [_, written] = desk(*asked, "--csv").out.splitlines()

    assert (found["by"], found["before"], found["after"]) == (
        "Олена Коваль",
        {"switched_on": True},
        {"switched_on": False},
    )
    assert "Олена Коваль" in written
    assert "Олена Коваль" in desk(*asked).out
