"""A line for each event, each end of a text and each dead letter: who traces one finds all of it by one id.

What a person ends at the terminal is in the audit alone.
"""

from collections.abc import Iterable

from structlog.stdlib import BoundLogger

from worker.core.contract.event_types import TYPES
from worker.core.sending.nudge import text_id
from worker.health.metrics import measure
from worker.logs.redaction import HIDDEN
from worker.logs.setup import log
from worker.steps.effects import Accounted, Buried, Effect, Ended, Measured

#: Of an event with more texts only so many are named: each has a line of its own once it ends.
NAMED = 20
#: A state in which a text stays because nobody reports on it.
UNREPORTED = frozenset({"no_receipt", "not_tracked"})


def report(effects: Iterable[Effect]) -> None:
    """Count what happened, and log what somebody may ask about; the commit that made it true is over."""
    measured, lines = list[Measured](), log.bind()
    for effect in effects:
        match effect:
            case Ended():
                log_end(lines, effect)
            case Accounted():
                log_event(lines, effect)
            case Buried():
                log_dead_letter(lines, effect)
            case _:
                measured.append(effect)
    measure(measured)


def log_end(lines: BoundLogger, end: Ended) -> None:
    action = "text.unreported" if end.reason in UNREPORTED else f"text.{end.state}"
    reason = {} if end.reason is None else {"reason": end.reason}
    lines.info(
        action,
        account=end.account,
        trigger=end.trigger,
        event_id=shown(end.event),
        notification=text_id(end.notification_id),
        state=end.state,
        **reason,
    )


def log_event(lines: BoundLogger, event: Accounted) -> None:
    named = [text_id(notification_id) for notification_id in event.texts[:NAMED]]
    lines.info(
        f"event.{event.outcome}",
        account=event.account,
        event_id=shown(event.event),
        type=event.type,
        count=len(event.texts),
        notifications=named,
    )


def log_dead_letter(lines: BoundLogger, buried: Buried) -> None:
    notification = {} if buried.notification_id is None else {"notification": text_id(buried.notification_id)}
    lines.warning(
        f"dead_letter.{buried.letter_kind}",
        account=buried.account,
        event_id=shown(buried.event),
        type=buried.type if buried.type in TYPES else None,
        reason=buried.reason,
        **notification,
    )


def shown(event: str | None) -> str | None:
    """The CRM's id of an event; one in other letters than ASCII is no id, but a name that stands there by mistake."""
    return event if event is None or event.isascii() else HIDDEN
