"""What was known of people before their event came, held against its drafts: stop-list, consent, whom Viber reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.planning.consent import NO_CONSENT, STATED, Statement, consent, newest
from worker.core.planning.draft import Draft, skipped
from worker.core.planning.suppression import SUPPRESSED, stops
from worker.core.planning.viber_reach import NO_VIBER, is_hopeless
from worker.core.triggers.match import RecordRef

AccountRecipient = tuple[str, bytes]
PersonId = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Known:
    stopped: dict[AccountRecipient, str] = field(default_factory=dict[AccountRecipient, str])
    unreached: dict[AccountRecipient, datetime] = field(default_factory=dict[AccountRecipient, datetime])
    consents: dict[PersonId, Statement] = field(default_factory=dict[PersonId, Statement])

    def with_statements(self, statements: Iterable[Statement]) -> Known:
        return replace(self, consents=newest((*self.consents.values(), *statements)))


def check_recipient(draft: Draft, known: Known, account: Account, *, now: datetime) -> Draft:
    if draft.message_class == "marketing":
        draft = as_agreed(draft, known.consents.get((draft.account, draft.recipient_kind, draft.recipient_id)))
    if draft.state == "skipped":
        return draft
    who = (draft.account, draft.recipient_key)
    if stops(known.stopped.get(who), draft.message_class):
        return skipped(draft, SUPPRESSED)
    if draft.channel != SMS and is_hopeless(known.unreached.get(who), account.viber_reach_days, now=now):
        return without_viber(draft)
    return draft


def as_agreed(draft: Draft, recorded: Statement | None) -> Draft:
    given = True if draft.consent == STATED else None
    if given is None and draft.once_agreed is None:
        return draft
    basis = consent(given, at_of(draft, recorded), recorded)
    if basis is None:
        return skipped(draft, NO_CONSENT)
    return draft if basis == STATED else draft.agreed()


def at_of(draft: Draft, recorded: Statement | None) -> RecordRef:
    """The state of the person that a draft's event speaks of; of another record its time alone counts."""
    at = draft.record
    is_own = recorded is not None and (at.record_kind, at.id) == (recorded.person.record_kind, recorded.person.id)
    return at if is_own else replace(at, version=None)


def without_viber(draft: Draft) -> Draft:
    if draft.channel == HYBRID:
        return replace(draft, channel=SMS, viber=None, viber_fallback=NO_VIBER)
    return skipped(draft, NO_VIBER) if draft.channel == VIBER else draft
