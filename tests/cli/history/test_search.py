import pytest

from tests.cli.conftest import Command
from tests.support.crm import SECRET, add_account, delivery, event, execute, person, rows
from worker.core.triggers.recipient_key import key_of
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.accounts import secrets
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction

HANNAS = """
SELECT n.record_id, e.event_id FROM notifications AS n INNER JOIN events AS e ON n.event = e.id
WHERE n.phone LIKE '%2233'
"""


@pytest.fixture
def texts(shop: Command, intake: Intake) -> Command:
    """Three texts to two people, in their order."""
    for name, phone, client in (
        ("Олена", "067 123 45 67", "5"),
        ("Ганна", "0501112233", "6"),
        ("Олена", "067 123 45 67", "5"),
    ):
        people = [person("contact", phone, firstname=name, id=phone[-2:])]
        company = {"id": client, "company": f"ТОВ «Фірма {client}»"}
        accept(intake, [delivery(event("invoice.payment_recorded", recipients=people, client=company))])
    return shop


def names(command: Command, *options: str) -> list[str]:
    found = command("history", "--account", "acme", *options, "--json")
    assert found.code == 0, found.err
    return [item["name"].split()[0] for item in found.json]


def test_texts_are_found_by_who_and_what_they_are_about(texts: Command, pool: Pool, subtests: pytest.Subtests) -> None:
    [(record, event_id)] = rows(pool, HANNAS)
    for options, found in (
        (("--client", "5"), "ОО"),
        (("--person", "contact:33"), "Г"),
        (("--record", f"invoice:{record}"), "Г"),
        (("--event", event_id), "Г"),
        (("--search", "ГАННА фірма"), "Г"),
        (("--search", "1112233"), "Г"),
        (("--search", "дем’янюк", "--client", "6"), "Г"),
        (("--search", "зебра"), ""),
        (("--trigger", "invoice_payment_recorded", "--state", "planned", "--channel", "sms"), "ОГО"),
        (("--since", "1h"), "ОГО"),
        (("--until", "1h"), ""),
    ):
        with subtests.test(" ".join(options)):
            assert "".join(name[0] for name in names(texts, *options)) == found


def test_a_page_goes_on_where_the_last_one_ended(texts: Command) -> None:
    first = texts("history", "--account", "acme", "--limit", "2", "--json")
    cursor = first.err.split("--after ")[1].strip()

    assert names(texts, "--limit", "2", "--after", cursor) == ["Олена"]
    refused = texts("history", "--account", "acme", "--client", "5", "--after", cursor, COLUMNS="300")
    assert (refused.code, refused.out) == (2, "")
    assert "--after: cursor: belongs to another account or filter" in refused.err


def test_a_wrong_filter_is_refused_with_its_name(texts: Command, pool: Pool, subtests: pytest.Subtests) -> None:
    add_account(pool, "beta")
    for options, code, text in (
        (("--account", "acmee"), 3, "did you mean acme"),
        (("--account", "acme", "--trigger", "invoice_payment"), 2, "--trigger invoice_payment is none: did you mean"),
        (("--account", "acme", "--state", "gone"), 2, "--state gone is none: use planned"),
        (("--account", "acme", "--person", "17"), 2, "write it as contact:17"),
        (("--account", "acme", "--since", "sometime"), 2, "sometime is no moment"),
        (("--account", "acme", "--search", "на"), 2, "--search is too short: give 3 letters"),
        (("--account", "acme", "--search", "'; DROP TABLE notifications; --"), 0, ""),
        (("--search", "рахунок"), 2, "add --account, one of acme, beta."),
        (("--client", "5"), 2, "add --account, one of acme, beta."),
        (("--account", "acme", "--after", "x"), 2, "begin without one"),
    ):
        with subtests.test(" ".join(options)):
            result = texts("history", *options, COLUMNS="300")

            assert (result.code, text in result.err, result.out) == (code, True, "")


def test_the_only_account_need_not_be_named(texts: Command, subtests: pytest.Subtests) -> None:
    for command in (
        ("history", "--client", "6", "--json"),
        ("history", "--search", "ГАННА", "--json"),
        ("history", "--phone", "0671234567", "--json"),
        ("history", "export", "--person", "contact:33"),
        ("cancel", "--client", "6", "--dry-run", "--json"),
    ):
        with subtests.test(" ".join(command)):
            bare, named = texts(*command), texts(*command, "--account", "acme")

            assert (bare.code, bare.out, bare.err) == (0, named.out, named.err)


def test_phones_are_whole_for_whoever_asks_and_is_noted(texts: Command) -> None:
    masked = texts("history", "--client", "6", "--account", "acme").out
    whole = texts("--by", "Олена", "history", "--account", "acme", "--client", "6", "--phones").out
    [noted] = texts("audit", "--action", "phones_seen", "--json").json

    assert ("+38050***2233" in masked, "+380501112233" in masked) == (True, False)
    assert "+380501112233" in whole
    assert (noted["by"], noted["account"], noted["subject"]) == ("Олена", "acme", "history")
    assert noted["after"] == {"client": "6"}


def test_one_text_is_shown_with_all_that_is_known(texts: Command, pool: Pool) -> None:
    execute(pool, "UPDATE notifications SET state = 'refused', reason = 'invalid_phone', due_at = NULL")
    number = texts("history", "--json").json[0]["id"]

    shown = texts("history", "show", str(number)).out
    facts = texts("history", "show", str(number), "--json").json

    for text in ("Олена Дем'янюк, ТОВ «Фірма 5»", "contact:67", "+38067***4567", "not recognised", "Europe/Kyiv"):
        assert text in shown
    assert (facts["client"], facts["reason"]) == ("5", "invalid_phone")
    assert texts("history", "show", "2026-11/999999").code == 3


def test_a_waiting_text_says_when_it_goes(texts: Command, pool: Pool) -> None:
    execute(
        pool,
        "UPDATE notifications SET state = 'postponed', reason = 'quiet_hours', due_at = '2026-12-01 07:00+00'",
    )

    shown = " ".join(texts("history", COLUMNS="100").out.split())
    assert "goes at 2026-12-01 09:00:00 Europe/Kyiv" in shown


def test_the_texts_to_a_phone_are_found_by_its_key(texts: Command, pool: Pool) -> None:
    with transaction(pool) as connection:
        key = key_of("+380501112233", salt=secrets.salt(connection, Seal([SECRET])))
    execute(pool, "UPDATE notifications SET recipient_key = %s WHERE phone = '+380501112233'", key)

    assert names(texts, "--phone", "050 111 22 33") == ["Ганна"]
    assert names(texts, "--phone", "050 111 22 34") == []
