from collections import Counter
from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.steps.sending.channels import VIBER, due, go_by, sent
from tests.support.crm import delivery, event, execute, person, row
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.core.texts.viber_message import options_as_json, read_options
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send

ACCEPTED = ("accepted", None)
LINK = "https://crm.example.ua/i/901"


def ask_viber_for(intake: Intake, **asked: object) -> None:
    """What a template asks of Viber, as whoever writes templates stores it."""
    kept = options_as_json(read_options(asked))
    execute(intake.pool, "UPDATE templates SET viber = %s", Jsonb(kept))


def test_a_viber_message_goes_from_the_viber_sender_alone(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "viber")

    send(sender, planned(intake))

    assert (states(intake), sent(provider)) == ([ACCEPTED], [("viber", VIBER)])
    assert row(intake.pool, "SELECT channel, sender, segments FROM notifications") == ("viber", VIBER, 0)


def test_a_hybrid_is_one_message_with_one_id_for_both(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "viber_then_sms")

    send(sender, planned(intake))

    [message] = provider.messages()
    assert (message["channel"], message["sender"], message["hybrid_ttl"]) == ("viber_then_sms", "DemoShop", 600)
    assert message["viber"] == {"sender": VIBER, "text": message["text"], "ttl": 600}
    assert states(intake) == [ACCEPTED]
    assert row(intake.pool, "SELECT message_id FROM provider_messages") == (message["message_id"],)


@pytest.mark.parametrize("duplicate_by", ["sender", "text"])
def test_both_channels_arrive_though_one_is_taken_for_a_repeat(
    intake: Intake, sender: Sender, provider: Provider, duplicate_by: str
) -> None:
    provider.settings(duplicate_by=duplicate_by)
    go_by(intake, "both")
    send(sender, planned(intake))

    provider.advance(timedelta(minutes=2))
    send(sender, due(intake, after=timedelta(minutes=2)))

    assert sorted(sent(provider)) == [("sms", "DemoShop"), ("viber", VIBER)]
    assert states(intake) == [ACCEPTED] * 2


def test_both_channels_get_a_fact_once_however_often_published(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    go_by(intake, "both")
    body = event("invoice.overdue")
    send(sender, planned(intake, body))

    for channel in ("both", "sms", "viber", "viber_then_sms"):
        go_by(intake, channel)
        send(sender, planned(intake, {**body, "id": f"again by {channel}"}))

    assert len(provider.messages()) == 2


def test_viber_instead_of_sms_takes_effect_at_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    send(sender, planned(intake))
    execute(intake.pool, "UPDATE accounts SET viber_instead = TRUE")
    send(sender, planned(intake, event("order.created")))

    assert sent(provider) == [("sms", "DemoShop"), ("viber_then_sms", "DemoShop")]


def test_without_a_viber_sender_sms_go_and_viber_is_skipped(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE accounts SET viber_sender = NULL, viber_instead = TRUE")
    for channel in ("both", "sms", "viber", "viber_then_sms"):
        go_by(intake, channel)
        send(sender, planned(intake, event("order.created")))

    skipped = ("skipped", "viber_sender_not_set")
    assert Counter(states(intake)) == {ACCEPTED: 3, skipped: 2}
    assert sent(provider) == [("sms", "DemoShop")] * 3


def test_a_template_asks_viber_for_a_button_and_a_picture(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "viber_then_sms")
    ask_viber_for(
        intake,
        ttl=900,
        button={"caption": "Сплатити", "link": "{invoice_link}"},
        picture="https://crm.example.ua/l.png",
    )
    body = event("invoice.overdue")
    body["data"]["invoice"]["link"] = LINK

    send(sender, planned(intake, body))

    [message] = provider.messages()
    assert (message["viber"]["caption"], message["viber"]["action"]) == ("Сплатити", LINK)
    assert (message["viber"]["image_url"], message["viber"]["ttl"], message["hybrid_ttl"]) == (
        "https://crm.example.ua/l.png",
        900,
        900,
    )


def test_a_template_asks_for_a_transactional_message(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "viber")
    ask_viber_for(intake, transactional=True)
    send(sender, planned(intake))
    provider.account(viber_patterns=["*рахунок*прострочено*"])

    send(sender, planned(intake))

    assert states(intake) == [("refused", "not_allowed_message_transaction_pattern"), ACCEPTED]
    assert provider.messages()[0]["viber"]["is_transactional"] == 1


def test_equal_texts_share_a_post_only_where_their_viber_part_is_the_same(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = 'Маєте рахунок'")
    go_by(intake, "viber")
    ask_viber_for(intake, button={"caption": "Сплатити", "link": "{invoice_link}"})
    events = [event("invoice.overdue", recipients=[person(phone=f"06712345{nth:02}")]) for nth in range(6)]
    for nth, item in enumerate(events):
        item["data"]["invoice"]["link"] = f"{LINK}/{nth % 2}"
        item["time"] = events[0]["time"]

    send(sender, planned(intake, *events))

    actions = [message["viber"]["action"] for message in provider.messages()]
    assert (provider.state()["posts"], sorted(actions)) == (2, [f"{LINK}/0"] * 3 + [f"{LINK}/1"] * 3)


def test_the_wait_for_viber_ends_with_the_text(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "viber_then_sms")
    notification_ids = planned(intake)
    execute(intake.pool, "UPDATE notifications SET expires_at = now() + interval '5 minutes'")

    send(sender, notification_ids)

    [message] = provider.messages()
    assert 60 <= message["hybrid_ttl"] <= 300
    assert message["viber"]["ttl"] == message["hybrid_ttl"]


def test_a_lost_answer_is_asked_for_with_the_same_bytes(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "both")
    provider.fault("reset_after", times=2)
    send(sender, planned(intake))

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [ACCEPTED] * 2
    assert sorted(sent(provider)) == [("sms", "DemoShop"), ("viber", VIBER)]


@pytest.mark.parametrize("mode", ["send", "sendmulti"])
def test_many_channels_travel_in_each_mode(intake: Intake, sender: Sender, provider: Provider, mode: str) -> None:
    execute(intake.pool, "UPDATE accounts SET post_mode = %s", mode)
    notification_ids: list[NotificationId] = []
    for channel in ("both", "sms", "viber", "viber_then_sms"):
        go_by(intake, channel)
        notification_ids += planned(intake, event("order.created"))

    send(sender, notification_ids)

    assert [channel for channel, _ in sorted(sent(provider))] == ["sms", "sms", "viber", "viber", "viber_then_sms"]
    assert states(intake) == [ACCEPTED] * 5


def test_a_record_that_got_newer_makes_the_viber_text_anew(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "viber")
    body = event("invoice.overdue")
    notification_ids = planned(intake, body)
    newer = {**body["data"]["invoice"], "version": 5, "number": "INV-902"}
    accept(intake, [delivery(event("invoice.overdue", invoice=newer, recipients=[]))])

    send(sender, notification_ids)

    assert "INV-902" in provider.messages()[0]["viber"]["text"]
    assert row(intake.pool, "SELECT state, segments FROM notifications") == ("accepted", 0)


def test_a_cancelled_text_returns_on_the_channel_that_is_set_now(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    body = event("invoice.overdue")
    planned(intake, body)
    execute(intake.pool, "UPDATE notifications SET state = 'cancelled', reason = 'test', due_at = NULL")
    go_by(intake, "viber_then_sms")

    send(sender, planned(intake, {**body, "id": "again"}))

    assert sent(provider) == [("viber_then_sms", "DemoShop")]
