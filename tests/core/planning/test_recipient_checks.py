from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.core.examples import NOW, account, drafted, everything, happened
from tests.support.crm import person
from worker.core.accounts.account import Account
from worker.core.clock.timeouts import NUDGE_WAIT
from worker.core.planning.consent import Statement
from worker.core.planning.draft import Draft
from worker.core.planning.recipient_checks import Known, check_recipient
from worker.core.planning.suppression import stops
from worker.core.planning.viber_reach import is_hopeless
from worker.core.triggers.match import RecordRef

ACME = replace(account(), viber_sender="Акме")
BY_HAND: dict[str, Any] = {"text": "Знижка", "marketing": True}


def draft(event_type: str = "invoice.overdue", *, channel: str = "sms", **data: Any) -> Draft:
    switches = {name: replace(switch, channel=channel) for name, switch in everything().items()}
    fields: dict[str, Any] = {"recipients": [person()], **data}
    [result] = drafted(happened(event_type, **fields), by=replace(ACME, switches=switches))
    return result


def checked(result: Draft, known: Known, by: Account = ACME) -> tuple[str, str | None, str]:
    outcome = check_recipient(result, known, by, now=NOW)
    return outcome.state, outcome.reason, outcome.channel


def stopped(result: Draft, scope: str) -> Known:
    return Known(stopped={(result.account, result.recipient_key): scope})


def unreached(result: Draft, *, days_ago: int = 0) -> Known:
    return Known(unreached={(result.account, result.recipient_key): NOW - timedelta(days=days_ago)})


def agreed(*, given: bool | None, id_: str = "17", minute: int = 0) -> Known:
    at = RecordRef("contact", id_, None, NOW + timedelta(minutes=minute))
    return Known().with_statements([Statement("acme", at, given)])


@pytest.mark.parametrize(
    ("scope", "message_class", "is_stopped"),
    [
        ("all", "transactional", True),
        ("all", "staff", True),
        ("all", "marketing", True),
        ("marketing", "transactional", False),
        ("marketing", "staff", False),
        ("marketing", "marketing", True),
        (None, "marketing", False),
    ],
)
def test_a_suppression_of_marketing_stops_only_marketing(
    scope: str | None,
    message_class: str,
    is_stopped: bool,  # noqa: FBT001 (what is expected)
) -> None:
    assert stops(scope, message_class) is is_stopped


def test_a_suppression_of_marketing_allows_transactional_texts() -> None:
    booked = draft("booking.confirmed", recipients=[person("booking")])
    sale = draft("sms.send_requested", recipients=[person(consent=True)], **BY_HAND)

    assert checked(booked, stopped(booked, "marketing"))[:2] == ("planned", None)
    assert checked(booked, stopped(booked, "all"))[:2] == ("skipped", "suppressed")
    assert checked(sale, stopped(sale, "marketing"))[:2] == ("skipped", "suppressed")


@pytest.mark.parametrize("event_type", ["contact.birthday", "sms.send_requested"])
def test_advertising_without_stated_consent_needs_a_recorded_one(event_type: str) -> None:
    more: dict[str, Any] = BY_HAND if event_type == "sms.send_requested" else {"contact": {"id": "17"}}
    candidate = draft(event_type, **more)

    outcome = check_recipient(candidate, agreed(given=True), ACME, now=NOW)

    assert (candidate.state, candidate.reason) == ("skipped", "no_consent")
    assert (outcome.state, outcome.reason, outcome.due_at, outcome.consent) == (
        "planned",
        None,
        NOW + NUDGE_WAIT,
        "recorded",
    )
    for known in (Known(), agreed(given=False), agreed(given=None), agreed(given=True, id_="18")):
        assert checked(candidate, known)[:2] == ("skipped", "no_consent")


def test_consent_in_the_event_counts_until_newer_consent_revokes_it() -> None:
    yes = draft("sms.send_requested", recipients=[person(consent=True)], **BY_HAND)
    no = draft("sms.send_requested", recipients=[person(consent=False)], **BY_HAND)

    assert yes.consent == "in_event"
    assert checked(yes, agreed(given=False, minute=-1))[:2] == ("planned", None)
    assert checked(yes, agreed(given=False, minute=1))[:2] == ("skipped", "no_consent")
    assert checked(no, agreed(given=True, minute=1))[:2] == ("skipped", "no_consent")


def test_recorded_consent_lets_nobody_past_what_else_speaks_against_it() -> None:
    homeless = draft("sms.send_requested", recipients=[person(phone=None)], **BY_HAND)
    candidate = draft("sms.send_requested", **BY_HAND)
    known = replace(agreed(given=True), stopped={(candidate.account, candidate.recipient_key): "marketing"})

    assert checked(homeless, agreed(given=True))[:2] == ("skipped", "no_phone")
    assert checked(candidate, known)[:2] == ("skipped", "suppressed")


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("sms", ("planned", None, "sms")),
        ("viber_then_sms", ("planned", None, "sms")),
        ("viber", ("skipped", "no_viber", "viber")),
    ],
)
def test_without_viber_reach_a_hybrid_is_an_sms_and_viber_is_skipped(
    channel: str, expected: tuple[str, str | None, str]
) -> None:
    candidate = draft(channel=channel)

    assert checked(candidate, unreached(candidate)) == expected
    assert (
        checked(candidate, Known())
        == checked(candidate, unreached(candidate, days_ago=30))
        == ("planned", None, channel)
    )
    assert checked(candidate, unreached(candidate), replace(ACME, viber_reach_days=0)) == ("planned", None, channel)


def test_a_hybrid_without_viber_reach_keeps_its_key_and_the_reason() -> None:
    candidate = draft(channel="viber_then_sms")

    outcome = check_recipient(candidate, unreached(candidate), ACME, now=NOW)

    assert (outcome.viber, outcome.sender, outcome.viber_fallback, outcome.key) == (
        None,
        "DemoShop",
        "no_viber",
        candidate.key,
    )


def test_a_refusal_is_believed_to_the_moment() -> None:
    refused = NOW - timedelta(days=30)

    assert not is_hopeless(refused, 30, now=NOW)
    assert is_hopeless(refused + timedelta(microseconds=1), 30, now=NOW)
    assert not is_hopeless(None, 30, now=NOW)
