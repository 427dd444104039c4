"""What texts need and no CRM says: the account's name, which words a last day asks for, what is left to pay."""

from __future__ import annotations

from worker.core.accounts.account import Account
from worker.core.contract.event import Event
from worker.core.contract.facts import Facts, section
from worker.core.triggers.amount_due import is_nothing
from worker.core.triggers.dedupe_key import deadline_of
from worker.core.triggers.due_date import Deadline
from worker.core.triggers.trigger import Trigger


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
