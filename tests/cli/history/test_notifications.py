import re

from tests.cli.conftest import Command
from tests.steps.receipts.receipts import taken
from tests.support.crm import add_account, delivery, event, execute, person
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool


def test_history_shows_each_text_with_its_state_and_reason(shop: Command, intake: Intake) -> None:
    nobody = event("order.created")
    nobody["data"]["recipients"] = [person("order", None)]
    accept(intake, [delivery(event("order.created")), delivery(nobody)])

    planned, skipped = sorted(shop("history", "--json").json, key=lambda value: value["state"])

    assert [(item["state"], item["reason"]) for item in (planned, skipped)] == [
        ("planned", None),
        ("skipped", "no_phone"),
    ]
    assert planned["text"].startswith("Замовлення №")
    assert planned["meaning"] is None
    assert skipped["meaning"]["uk"] == "Не надіслано: у отримувача немає номера телефону."


def test_history_explains_a_refusal_of_turbosms(shop: Command, pool: Pool) -> None:
    taken(pool, "m-1")
    execute(pool, "UPDATE notifications SET state = 'refused', reason = 'invalid_phone', due_at = NULL")

    [refused] = shop("history", "--json").json

    assert refused["meaning"]["en"] == "the number's country or operator is not recognised"


def test_history_shows_the_channel_of_each_text(shop: Command, pool: Pool, intake: Intake) -> None:
    execute(pool, "UPDATE accounts SET viber_sender = 'Акме'")
    execute(pool, "UPDATE triggers SET channel = 'both'")
    accept(intake, [delivery(event("order.created"))])
    execute(pool, "UPDATE triggers SET channel = 'viber_then_sms'")
    accept(intake, [delivery(event("order.created"))])

    newest, *both = [item["channel"] for item in shop("history", "--json").json]
    assert (newest, sorted(both)) == ("viber_then_sms", ["sms", "viber"])
    assert "Viber, then SMS" in shop("history", COLUMNS="250").out


def test_history_shows_delivery_time_channel_and_price(shop: Command, pool: Pool) -> None:
    taken(pool, "m-1", channel="viber_then_sms")
    taken(pool, "m-2")
    channels = [
        ("m-1", "viber", "rejected", "SRVC_NOT_VIBER_USER", 0, "2026-11-23 08:00:00+00"),
        ("m-1", "sms", "delivered", None, "0.98", "2026-11-23 08:02:00+00"),
        ("m-2", "sms", "expired", None, "1.28", "2026-11-23 09:00:00+00"),
    ]
    for message_id, channel, status, rejected, price, at in channels:
        execute(
            pool,
            "INSERT INTO channel_statuses (account, message_id, channel, status, rejected, price, updated_at)"
            " VALUES ('acme', %s, %s, %s, %s, %s, %s)",
            *(message_id, channel, status, rejected, price, at),
        )
    execute(pool, "UPDATE notifications SET state = 'delivered', due_at = NULL WHERE dedupe_key = 'm-1'")
    execute(
        pool,
        "UPDATE notifications SET state = 'undelivered', reason = 'expired', due_at = NULL WHERE reason IS NULL"
        " AND dedupe_key = 'm-2'",
    )

    lost, arrived = shop("history", "--json").json
    output = shop("history", COLUMNS="250").out

    assert (arrived["reported_at"], arrived["price"]) == ("2026-11-23T08:02:00+00:00", "0.98")
    assert [(channel["channel"], channel["status"]) for channel in arrived["channels"]] == [
        ("viber", "rejected"),
        ("sms", "delivered"),
    ]
    assert lost["meaning"] == {
        "en": "its time was over before the phone was reached",
        "uk": "Не доставлено: телефон був недоступний, доки не минув строк доставки.",
    }
    assert re.search(r"delivered +- +Viber, then SMS +2026-11-23 10:02:00 +0\.98", output)
    assert re.search(r"not delivered +its time was over before", output)


def test_history_shows_no_whole_phone(shop: Command, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created"))])

    output = shop("history").out + shop("history", "--json").out

    assert output.count("+38067***4567") == 2
    assert "1234567" not in output


def test_history_can_be_of_an_account_and_is_newest_first(run: Command, pool: Pool, intake: Intake) -> None:
    for account in ("acme", "other"):
        add_account(pool, account)
        accept(intake, [delivery(event("order.created", account=account)) for _ in range(2)])

    every = run("history", "--json").json
    mine = run("history", "--account", "acme", "--limit", "1", "--json").json

    assert [item["account"] for item in every] == ["other", "other", "acme", "acme"]
    assert [item["id"] for item in mine] == [every[2]["id"]]


def test_an_empty_history_has_a_hint(run: Command) -> None:
    result = run("history")

    assert (result.code, result.out, "event publish" in result.err) == (0, "", True)


def test_the_list_of_events_shows_their_outcome(shop: Command, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created")), delivery(event("order.created", recipients=[person("lead")]))])

    body = shop("event", "list", "--json").json

    assert {item["outcome"] for item in body} == {"planned", "no_recipient"}
    assert all(item["result"] and item["event_id"] for item in body)
    assert "no recipient is of a kind" in shop("event", "list", COLUMNS="250").out


def test_history_is_readable_in_a_hundred_columns(shop: Command, pool: Pool) -> None:
    taken(pool, "m-1", channel="viber_then_sms")
    execute(pool, "UPDATE notifications SET trigger = 'proposal_expiration_reminder', text = repeat('Слово ', 20)")

    lines = shop("history", COLUMNS="100").out.splitlines()

    assert max(map(len, lines)) <= 100
    for text in ("proposal_expiration_reminder", "accepted", "Viber, then SMS", "acme", "Слово Слово"):
        assert text in "".join(lines), text


def test_history_finds_texts_by_why_they_did_not_go(shop: Command, intake: Intake) -> None:
    accept(intake, [delivery(event(recipients=[person(id=number)])) for number in "12"])
    for number, reason in (("1", "no_consent"), ("2", "suppressed")):
        execute(
            intake.pool,
            "UPDATE notifications SET state = 'skipped', reason = %s, due_at = NULL WHERE recipient_id = %s",
            reason,
            number,
        )

    found = shop("history", "--account", "acme", "--state", "skipped", "--reason", "no_consent", "--json").json

    assert [item["reason"] for item in found] == ["no_consent"]
    assert "name that too" in shop("history", "--account", "acme", "--reason", "no_consent").err
