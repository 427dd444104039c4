import re

import pytest

from tests.cli.conftest import Command
from tests.support.crm import add_account, delivery, event, execute, person
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

PHONE = "067 123 45 67"


def accepted(intake: Intake, **recipient: object) -> str:
    body = event("order.created")
    if recipient:
        body["data"]["recipients"] = [person("order", **recipient)]  # pyright: ignore[reportArgumentType]
    accept(intake, [delivery(body)])
    return str(body["id"])


def test_why_tells_an_event_line_by_line_in_the_accounts_zone(shop: Command, intake: Intake) -> None:
    event_id = accepted(intake)

    result = shop("why", event_id, COLUMNS="200")

    head, *lines = result.out.splitlines()
    assert (result.code, head) == (0, f"acme · {event_id} · Europe/Kyiv")
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  [A-Z]", line) for line in lines)
    assert "Trigger order_created was on." in lines[1]


def test_why_speaks_ukrainian_with_what_to_do(shop: Command, intake: Intake) -> None:
    event_id = accepted(intake, phone=None)

    output = shop("why", event_id, "--lang", "uk", COLUMNS="200").out

    assert "Не надіслано: у отримувача немає номера телефону." in output
    assert "Що робити: Вкажіть у CRM мобільний номер отримувача: наступна подія піде на нього." in output
    assert "Not sent" not in output


def test_why_takes_the_id_of_a_text_in_both_spellings(shop: Command, intake: Intake) -> None:
    accepted(intake)
    [entry] = shop("history", "--json").json

    whole = shop("why", f"{entry['month'][:7]}/{entry['id']}", "--json").json
    number = shop("why", str(entry["id"]), "--json").json

    assert whole == [{**number[0], "entries": whole[0]["entries"]}]
    assert whole[0]["subject"] == f"{entry['month'][:7]}/{entry['id']}"


def test_why_as_json_has_codes_and_both_languages(shop: Command, intake: Intake) -> None:
    [told] = shop("why", accepted(intake, phone=None), "--json").json

    last = told["entries"][-1]
    assert (last["code"], last["reason"]) == ("text.skipped", "no_phone")
    assert last["en"].startswith("Not sent: ")
    assert last["uk"].startswith("Не надіслано: ")
    assert told["remedies"] == last["remedies"]


def test_why_finds_a_person_by_phone_since_yesterday(shop: Command, intake: Intake) -> None:
    event_id = accepted(intake)

    result = shop("why", "--phone", PHONE, "--since", "yesterday", COLUMNS="200")

    assert event_id in result.out
    assert "1234567" not in result.out


def test_why_tells_of_a_person_whom_no_event_reached(shop: Command, intake: Intake) -> None:
    accepted(intake, phone="050 111 22 33")

    output = shop("why", "--phone", PHONE, COLUMNS="300").out

    assert "No event with +38067***4567 came since" in output
    assert "To do: See in the CRM whether the person has this very phone" in output


def test_why_says_moments_in_utc_where_it_is_asked_for(shop: Command, intake: Intake) -> None:
    event_id = accepted(intake)

    assert " · UTC\n" in shop("why", event_id, "--utc").out


def test_why_needs_no_secret_key_for_an_event(shop: Command, intake: Intake) -> None:
    event_id = accepted(intake)
    keyless = Command({name: value for name, value in shop.environ.items() if name != "SMS_SECRET_KEY"})

    assert keyless("why", event_id).code == 0
    assert "stop-list" in keyless("why", "--phone", PHONE).err


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ((), 2, "Give an event"),
        (("e-1", "--phone", PHONE), 2, "Give an event"),
        (("no-such-event",), 3, "No event or text no-such-event is known"),
        (("2026-11/999999",), 3, "No event or text 2026-11/999999 is known"),
        (("2026-13/1",), 3, "is known"),
        (("--phone", "044 123 45 67"), 2, "landline"),
        (("--phone", "12"), 2, "no phone"),
        (("--phone", PHONE, "--since", "soon"), 2, "soon is no moment"),
        (("--phone", PHONE, "--since", "2026-11-24", "--until", "2026-11-20"), 2, "is after --until 2026-11-20"),
        (("e-1", "--account", "acne"), 3, "did you mean acme?"),
        (("'; DROP TABLE events; --",), 3, "is known"),
    ],
)
def test_wrong_questions_are_refused(shop: Command, given: tuple[str, ...], code: int, said: str) -> None:
    result = shop("why", *given)

    assert (result.code, said in result.err, "Traceback" in result.err) == (code, True, False)


def test_a_phone_of_several_accounts_asks_whose(shop: Command, pool: Pool) -> None:
    add_account(pool, "other")

    result = shop("why", "--phone", PHONE)

    assert (result.code, "acme, other" in result.err) == (2, True)


def test_an_event_is_told_of_each_account_that_has_its_id(shop: Command, pool: Pool, intake: Intake) -> None:
    add_account(pool, "other")
    event_id = accepted(intake)
    accept(intake, [delivery({**event("order.created", account="other"), "id": event_id})])

    told = shop("why", event_id, "--json").json

    assert [each["account"] for each in told] == ["acme", "other"]


def test_what_holds_a_text_is_said_with_its_remedy(shop: Command, pool: Pool, intake: Intake) -> None:
    event_id = accepted(intake)
    execute(
        pool,
        "INSERT INTO pauses (account, scope, reason, code, since, paused_by)"
        " VALUES ('acme', 'account', 'money', 203, now(), 'provider')",
    )

    output = shop("why", event_id, COLUMNS="200").out

    assert "TurboSMS wants money." in output
    assert "To do: Top up the TurboSMS account" in output


def test_history_shows_the_same_story_below_a_text(shop: Command, intake: Intake) -> None:
    event_id = accepted(intake, phone=None)
    [entry] = shop("history", "--json").json
    number = f"{entry['month'][:7]}/{entry['id']}"

    shown, told = shop("history", "show", number, "--json").json, shop("why", number, "--json").json

    assert [each["en"] for each in shown["timeline"]] == [each["en"] for each in told[0]["entries"]]
    assert f"Received order.created as event {event_id}." in shop("history", "show", number, COLUMNS="200").out
