"""What a CRM would hear of the events of `event example`: an outcome of each type."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import orjson

from worker.core.contract.facts import Facts as Json
from worker.core.outcomes.facts import BudgetOutcome, Facts, Named, PauseOutcome, RefusalOutcome, TextOutcome
from worker.core.outcomes.outcome import Outcome, body
from worker.core.outcomes.outcome_types import (
    BUDGET_SPENT,
    DELIVERED,
    PAUSED,
    READ,
    REFUSED,
    RESUMED,
    TYPES,
    UNDELIVERED,
)
from worker.core.outcomes.reason import pause_reason, refusal_reason, text_reason

#: Both grow with each example, in the order of TYPES.
FIRST_VERSION, FIRST_NUMBER = 7101, 4201
#: Why, of the states that have a reason.
WHY: Mapping[str, str] = {
    "undelivered": "expired",
    "skipped": "suppressed",
    "cancelled": "order_cancelled",
    "expired": "too_late",
    "failed": "missing_value",
    "unconfirmed": "key_expired",
}
#: Of these TurboSMS has reported the price.
PRICED = (DELIVERED, READ, UNDELIVERED)
ACCOUNT = "account"


def outcome_example(name: str, *, account: str, now: datetime, number: int = 1042) -> Json:
    """An outcome of this type, of the same order as the examples of events."""
    nth = list(TYPES).index(name)
    outcome = Outcome(FIRST_NUMBER + nth, account, name, now, facts_of(name, number, nth, now))
    return orjson.loads(body(outcome))


def facts_of(name: str, number: int, nth: int, now: datetime) -> Facts:
    if name in {PAUSED, RESUMED}:
        # Who has ended what was not paused by a person is not known.
        by = "system" if name == PAUSED else None
        return PauseOutcome(scope=ACCOUNT, reason=pause_reason(ACCOUNT, "token"), until=None, by=by)
    if name == BUDGET_SPENT:
        return BudgetOutcome(trigger=None, budget=Decimal(500), unit="UAH", day=now.date())
    if name == REFUSED:
        event, why = f"order.created-{number}", refusal_reason("schema")
        return RefusalOutcome(event=event, event_type="order.created", reason=why, dead_letter=31)
    return text_facts(name, number, nth, now)


def text_facts(name: str, number: int, nth: int, now: datetime) -> TextOutcome:
    state = name.removeprefix("notification.")
    return TextOutcome(
        version=FIRST_VERSION + nth,
        notification=f"{now:%Y-%m}/56",
        event=f"order.created-{number}",
        record=Named("order", str(number)),
        recipient=Named("order", str(number)),
        client="5",
        trigger="order_created",
        channel="viber" if name == READ else "sms",
        segments=0 if name == READ else 2,
        price=Decimal("1.90") if name in PRICED else None,
        reason=text_reason(state, WHY.get(state), {}),
    )
