from dataclasses import replace

import pytest

from tests.core.examples import NOW, account, drafted, everything, happened
from tests.support.crm import person
from worker.core.accounts.account import Account, Text
from worker.core.clock.timeouts import NUDGE_WAIT
from worker.core.planning.draft import Draft
from worker.core.texts.viber_message import Button, Options, Viber

TRIGGER = "invoice_overdue_notice"
EVENT = happened()


def acme(
    channel: str, *, text: str | None = None, options: Options | None = None, sender: str | None = "Акме"
) -> Account:
    """An account whose overdue notice goes by this channel."""
    known = everything()
    old = known[TRIGGER].texts["uk"]
    new = Text(old.template, old.version, text or old.text, viber=options or Options())
    switches = {**known, TRIGGER: replace(known[TRIGGER], channel=channel, texts={"uk": new})}
    return replace(account(switches=switches), viber_sender=sender)


def sent(channel: str, *, text: str | None = None, sender: str | None = "Акме") -> list[Draft]:
    return drafted(EVENT, by=acme(channel, text=text, sender=sender))


def test_both_channels_are_two_notifications_with_their_own_keys() -> None:
    sms, viber = sent("both")

    assert (sms.channel, sms.sender, sms.viber, sms.segments) == ("sms", "DemoShop", None, 1)
    assert (viber.channel, viber.sender, viber.viber, viber.segments) == ("viber", "Акме", Viber("Акме"), 0)
    assert sms.text == viber.text
    assert sms.key != viber.key
    assert [draft.key for draft in sent("both")] == [sms.key, viber.key]


def test_a_hybrid_is_one_notification_with_both_senders() -> None:
    [draft] = sent("viber_then_sms")

    assert (draft.channel, draft.sender, draft.viber, draft.segments) == (
        "viber_then_sms",
        "DemoShop",
        Viber("Акме", Options(600)),
        1,
    )


def test_a_change_of_channel_from_sms_to_hybrid_keeps_the_key() -> None:
    assert sent("sms")[0].key == sent("viber_then_sms")[0].key == sent("both")[0].key
    assert sent("viber")[0].key == sent("both")[1].key


def test_without_a_viber_sender_a_viber_message_is_skipped() -> None:
    [skipped] = sent("viber", sender=None)
    sms, other = sent("both", sender=None)
    [alone] = sent("viber_then_sms", sender=None)

    for draft in (skipped, other):
        assert (draft.state, draft.reason, draft.due_at) == ("skipped", "viber_sender_not_set", None)
        assert (draft.channel, draft.viber) == ("viber", None)
    for draft in (sms, alone):
        assert (draft.state, draft.channel, draft.due_at) == ("planned", "sms", NOW + NUDGE_WAIT)


def test_a_text_too_long_for_viber_is_skipped_there_and_goes_as_an_sms() -> None:
    sms, viber = sent("both", text="ж" * 1_001)

    assert (sms.state, sms.reason) == ("planned", None)
    assert (viber.state, viber.reason, viber.viber) == ("skipped", "viber_text_too_long", None)


def test_a_person_without_a_phone_is_skipped_on_every_channel() -> None:
    drafts = drafted(happened(recipients=[person(phone=None)]), by=acme("both", sender=None))

    assert [(draft.state, draft.reason) for draft in drafts] == [("skipped", "no_phone")] * 2


def test_a_button_leads_where_this_persons_invoice_is() -> None:
    asked = Options(button=Button("Сплатити", "{invoice_link}"))
    link = "https://crm.example.ua/i/901"
    invoice = {"id": "901", "number": "INV-901", "link": link}

    [draft] = drafted(happened(invoice=invoice), by=acme("viber", options=asked))
    [without] = drafted(happened(), by=acme("viber", options=asked))

    assert draft.viber == Viber("Акме", Options(button=Button("Сплатити", link)))
    assert without.viber == Viber("Акме")


def test_all_by_viber_alone_where_no_sms_is_wanted() -> None:
    by = replace(acme("sms"), viber_instead=True, viber_alone=True)

    assert [draft.channel for draft in drafted(happened(), by=by)] == ["viber"]
    without_instead = replace(acme("sms"), viber_alone=True)
    assert [draft.channel for draft in drafted(happened(), by=without_instead)] == ["sms"]


@pytest.mark.parametrize("channel", ["sms", "viber_then_sms"])
def test_all_by_viber_instead_of_sms(channel: str) -> None:
    by = replace(acme(channel), viber_instead=True)

    assert [draft.channel for draft in drafted(happened(), by=by)] == ["viber_then_sms"]
    assert {draft.channel for draft in drafted(happened("order.created"), by=by)} == {"viber_then_sms"}
