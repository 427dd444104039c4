"""What texts need and no CRM sends: the account's name, which words a last day asks for, what is left to pay."""

from worker.core.accounts.account import Account
from worker.core.contract.data import Data, Document, Invoice
from worker.core.contract.event import Event
from worker.core.contract.event_types import TYPES
from worker.core.triggers.dedupe_key import deadline_of
from worker.core.triggers.due_date import Deadline
from worker.core.triggers.trigger import Trigger


def with_ours(event: Event, trigger: Trigger, account: Account) -> Data:
    """The data of an event and ours; what the CRM sends itself stays."""
    ours = {"company": {"name": account.name, **event.data.company.json}}
    record_kind = TYPES[event.type].record_kind_of(event.data) or ""
    record = event.data.record(record_kind)
    if isinstance(record, Invoice):
        record = with_what_is_left(record)
    if isinstance(record, Document):
        deadline = deadline_of(event, trigger, account)
        ours[record_kind] = dict(with_deadline(record, deadline).json if deadline else record.json)
    return event.data.having(ours)


def with_what_is_left(invoice: Invoice) -> Invoice:
    """The amount due again as `left`, unless it is nothing, so that a text's `[group]` vanishes with it."""
    due = invoice.amount_due
    return invoice.having(left=None if due and due.is_nothing else Invoice.amount_due.written(invoice))


def with_deadline(document: Document, deadline: Deadline) -> Document:
    """A document with its last day under the one name that is true of it, so that a text's `[groups]` follow it.

    Of `valid_till`, `last_day` and `expired` exactly one has a value. `days_overdue` is counted where the CRM does not
    give it.
    """
    is_counted = deadline.left < 0 and Document.days_overdue.written(document) is None
    overdue = {"days_overdue": -deadline.left} if is_counted else {}
    ours = {"valid_till": None, "last_day": None, "expired": None, deadline.stage: deadline.day.isoformat()}
    return document.having(**ours, **overdue, days_left=deadline.left)
