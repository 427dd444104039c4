"""What a stored outcome says to a CRM."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from worker.core.outcomes.facts import Channel, Facts, Named, PauseOutcome, RefusalOutcome, TextOutcome, budget_outcome
from worker.core.outcomes.outcome import Outcome, body
from worker.core.outcomes.outcome_types import BUDGET_SPENT, REFUSED
from worker.core.outcomes.reason import pause_reason, refusal_reason, text_reason
from worker.core.sending.nudge import text_id
from worker.core.spending.alert import AccountAlert
from worker.store.outcomes.outbox import StoredOutcome, StoredText
from worker.turbosms.codes import label_of_code


@dataclass(frozen=True, slots=True)
class Message:
    """An outcome, the bytes that say it, and the trace that it belongs to."""

    outcome: Outcome
    body: bytes
    traceparent: str | None = None


def message_of(stored: StoredOutcome) -> Message | None:
    """Say it; None where the text is no longer there that it is of, or nobody wants to hear it any more."""
    facts = facts_of(stored) if stored.is_wanted else None
    if facts is None:
        return None
    outcome = Outcome(stored.id, stored.account, stored.type, stored.at, facts)
    return Message(outcome, body(outcome), stored.traceparent)


def facts_of(stored: StoredOutcome) -> Facts | None:
    if stored.text:
        return text_outcome(stored, stored.text)
    if stored.facts is None:
        return None
    facts, reason = stored.facts, stored.reason or ""
    if stored.type == BUDGET_SPENT:
        return budget_outcome(AccountAlert(stored.account, facts["name"], facts["day"], facts["limits"]))
    if stored.type == REFUSED:
        return RefusalOutcome(
            event=facts["event"],
            event_type=facts["event_type"],
            reason=refusal_reason(reason),
            dead_letter=facts["dead_letter"],
        )
    until = facts["until"]
    return PauseOutcome(
        scope=facts["scope"],
        reason=pause_reason(facts["scope"], reason),
        until=datetime.fromisoformat(until) if until else None,
        by=facts["by"],
    )


def text_outcome(stored: StoredOutcome, text: StoredText) -> TextOutcome:
    reason, state = stored.reason, stored.type.rpartition(".")[2]
    label = label_of_code(reason) if reason else None
    return TextOutcome(
        version=text.version,
        notification=text_id((text.month, text.notification)),
        event=text.event or "",
        record=Named(text.record_kind, text.record_id) if text.record_kind and text.record_id else None,
        recipient=Named(text.recipient_kind, text.recipient_id),
        client=text.client,
        trigger=text.trigger,
        channel=cast("Channel", text.channel),
        segments=text.segments,
        price=text.price,
        reason=text_reason(state, reason, {reason: label} if reason and label else {}),
        phone=text.phone,
        text=text.text,
    )
