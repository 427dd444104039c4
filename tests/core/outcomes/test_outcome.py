import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from tests.core.outcomes.outcomes import OUTCOMES
from tests.support.tries import tries
from worker.core.outcomes.facts import BudgetOutcome, Facts, Named, PauseOutcome, RefusalOutcome, TextOutcome
from worker.core.outcomes.outcome import Outcome, body
from worker.core.outcomes.reason import Reason

AT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
WHY = Reason("no_phone", "Not sent.", "Не надіслано.")
TEXT = TextOutcome(
    version=7, notification="2026-12/56", event="order-1042", record=Named("order", "1042"),
    recipient=Named("contact", "17"), client="5", trigger="order_created", channel="sms", segments=2,
    price=Decimal("1.9000"), reason=None,
)  # fmt: skip


def read(facts: Facts, name: str = "notification.delivered") -> dict[str, Any]:
    return json.loads(body(Outcome(12, "acme", name, AT, facts)))


@settings(max_examples=tries(100))
@given(OUTCOMES)
def test_every_outcome_says_which_it_is_and_when(outcome: Outcome) -> None:
    event = json.loads(body(outcome))

    assert datetime.fromisoformat(event["time"]) == outcome.at
    assert event["id"].startswith(f"outcome-{outcome.id}-")
    assert event["subject"]


@settings(max_examples=tries(50))
@given(OUTCOMES)
def test_a_number_that_comes_again_later_is_another_outcome(outcome: Outcome) -> None:
    restored = replace(outcome, at=outcome.at + timedelta(minutes=5))

    assert restored.event_id != outcome.event_id


@settings(max_examples=tries(50))
@given(OUTCOMES)
def test_one_outcome_gives_the_same_bytes_each_time(outcome: Outcome) -> None:
    assert body(outcome) == body(outcome)


def test_a_text_outcome_says_all_but_phone_and_text() -> None:
    assert read(TEXT) == {
        "specversion": "1.0",
        "id": f"outcome-12-{int(AT.timestamp())}",
        "source": "/accounts/acme",
        "type": "notification.delivered",
        "subject": "2026-12/56",
        "time": "2026-12-01T09:30:00Z",
        "datacontenttype": "application/json",
        "data": {
            "version": 7,
            "notification": "2026-12/56",
            "event": "order-1042",
            "record": {"kind": "order", "id": "1042"},
            "recipient": {"kind": "contact", "id": "17"},
            "client": "5",
            "trigger": "order_created",
            "channel": "sms",
            "segments": 2,
            "price": "1.9",
            "reason": None,
        },
    }


def test_phone_and_text_are_there_where_they_are_given() -> None:
    data = read(replace(TEXT, phone="+380671234567", text="Вітаємо"))["data"]

    assert (data["phone"], data["text"]) == ("+380671234567", "Вітаємо")


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        (PauseOutcome(scope="trigger/order_created", reason=WHY, until=None, by="system"), "trigger/order_created"),
        (BudgetOutcome(trigger=None, budget=Decimal(500), unit="UAH", day=AT.date()), "account"),
        (BudgetOutcome(trigger="x", budget=Decimal(9), unit="segments", day=AT.date()), "trigger/x"),
        (RefusalOutcome(event="e-1", event_type=None, reason=WHY, dead_letter=3), "e-1"),
        (RefusalOutcome(event=None, event_type=None, reason=WHY, dead_letter=3), "dead-letter/3"),
    ],
)
def test_what_is_not_of_a_text_has_a_subject_too(facts: Facts, subject: str) -> None:
    assert read(facts)["subject"] == subject
