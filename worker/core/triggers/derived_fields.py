"""Fields that texts need and no CRM sends: the account's name, words for a last day, what is left to pay."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from worker.core.accounts.account import Account
from worker.core.contract.event import Event
from worker.core.contract.facts import Facts, section, word
from worker.core.triggers.dedupe_key import deadline_of
from worker.core.triggers.due_date import Deadline
from worker.core.triggers.trigger import Trigger

_FIGURE = re.compile(r"([-−])?\s*(\d{1,15})(?:\s\d{3})*(?:[.,](\d{1,6}))?", re.ASCII)
#: What an amount is rounded to before anybody reads it.
_HUNDREDTH = Decimal("0.01")


def is_nothing(value: object) -> bool:
    """Whether it is known to be money that nobody owes: 0,00, or less; `{"amount": …}`, a number or words."""
    written = cast("Facts", value).get("amount") if isinstance(value, dict) else value
    figure = _FIGURE.search(word(written))
    if figure is None:
        return False
    sign, whole, fraction = figure.groups()
    return bool(sign) or Decimal(f"{whole}.{fraction or 0}").quantize(_HUNDREDTH) <= 0


def with_ours(event: Event, trigger: Trigger, account: Account) -> Facts:
    """The facts of an event, with ours beside them; what the CRM says itself stays."""
    facts: Facts = {**event.facts, "company": {"name": account.name, **section(event.facts, "company")}}
    if trigger.record == "invoice":
        facts = with_what_is_left(facts)
    return worded(facts, trigger.deadline, deadline_of(event, trigger, account)) if trigger.deadline else facts


def with_what_is_left(facts: Facts) -> Facts:
    """The amount due once more as `left`, unless it is nothing, so that a text's `[group]` vanishes with it."""
    invoice = section(facts, "invoice")
    due = invoice.get("amount_due")
    return {**facts, "invoice": {**invoice, "left": None if is_nothing(due) else due}}


def worded(facts: Facts, path: str, found: Deadline | None) -> Facts:
    """The facts, with the day under the one name that is true of it, so that a text's `[groups]` follow it.

    Of `valid_till`, `last_day` and `expired` exactly one has a value. `days_overdue` is counted where the CRM does not
    say it.
    """
    if found is None:
        return facts
    name = path.partition(".")[0]
    known = section(facts, name)
    overdue = {} if found.left >= 0 or known.get("days_overdue") is not None else {"days_overdue": -found.left}
    ours = {"valid_till": None, "last_day": None, "expired": None, found.stage: found.day.isoformat()}
    return {**facts, name: {**known, **ours, **overdue, "days_left": found.left}}
