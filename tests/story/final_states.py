"""How a story may end: everything is finished, and each end is explained by what happened."""

from dataclasses import dataclass, field

from tests.story.invariants import WAITING, chances
from tests.story.observed import Row, Seen
from worker.turbosms.codes import CodeClass, code_of

DUPLICATE, STOP_LIST = 427, 404
#: Reasons that an answer of a provider that is well may bring about.
UNSURE = frozenset({"left_out", "repeat", "recipient_repeat", "duplicate"})


@dataclass
class Happened:
    """What went wrong in a story.

    Attributes:
        mishaps: faults of the provider by name, and what befell workers.
        codes: those that the provider was made to answer.
        suppressed: accounts with the recipient keys of who opted out.
        cancelled: accounts with the ids of records that were cancelled once; they may have come back later.
    """

    honoured: frozenset[str] = frozenset()
    mishaps: set[str] = field(default_factory=set[str])
    codes: set[int] = field(default_factory=set[int])
    suppressed: set[tuple[str, bytes]] = field(default_factory=set[tuple[str, bytes]])
    cancelled: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    @property
    def reasons(self) -> set[str]:
        reasons = {code_of(code).reason for code in self.codes}
        return reasons | ({CodeClass.DUPLICATE.value} if DUPLICATE in self.codes else set())


def everything_is_finished(seen: Seen) -> None:
    waiting = [seen.story(notification_id) for notification_id, row in seen.rows.items() if row.state in WAITING]
    assert not waiting, "\n".join(["waits for ever:", *waiting])
    open_ = [attempt.key for attempt in seen.attempts.values() if attempt.settled_at is None]
    assert not open_, f"attempts that nobody settles: {open_}"


def every_end_is_explained(seen: Seen, happened: Happened) -> None:
    for notification_id, row in seen.rows.items():
        made = len(seen.messages_of[notification_id])
        again = chances(seen, notification_id) > 0 or row.account not in happened.honoured
        assert is_explained(seen, row, happened), f"no reason for it: {row.reason}\n{seen.story(notification_id)}"
        match row.state:
            case "accepted":
                assert made == 1 or (again and made > 0), seen.story(notification_id)
            case "unconfirmed":
                assert made <= 1 or again, seen.story(notification_id)
            case _:
                assert made == 0 or again, seen.story(notification_id)


def is_explained(seen: Seen, row: Row, happened: Happened) -> bool:
    """Whether the story knows why a notification ended like this."""
    match row.state:
        case "accepted":
            return True
        case "failed":
            return row.reason == "poison" and "died" in happened.mishaps
        case "refused":
            is_like_another = row.reason == CodeClass.DUPLICATE.value and was_like(seen, row)
            return is_like_another or row.reason in happened.reasons
        case "unconfirmed":
            is_unsure = row.reason in UNSURE | happened.reasons and bool(happened.mishaps)
            return is_unsure or is_given_up(seen, row, happened)
        case _:
            return row.reason in objections(seen, row, happened)


def is_given_up(seen: Seen, row: Row, happened: Happened) -> bool:
    """Whether nobody asked any more: the key was forgotten, or the text not wanted."""
    if row.reason == "key_expired":
        return seen.attempts[row.attempt or ""].key_expires_at <= seen.now
    return row.reason == "not_wanted" and bool(objections(seen, row, happened))


def objections(seen: Seen, row: Row, happened: Happened) -> set[str]:
    """What speaks against a notification now: the reasons that its end may have."""
    record = (row.account, row.record_id or "")
    # The provider's stop-list may have put them on ours.
    is_suppressed = (row.account, row.recipient_key) in happened.suppressed or STOP_LIST in happened.codes
    results = {
        "suppressed": is_suppressed,
        "too_late": row.expires_at <= seen.now,
        **dict.fromkeys(("invoice_settled", "order_cancelled", "booking_cancelled"), record in happened.cancelled),
    }
    return {reason for reason, is_true in results.items() if is_true}


def was_like(seen: Seen, row: Row) -> bool:
    """Whether the provider made the same text for the same phone on another's behalf."""
    return any(
        (message.account, message.recipient, message.text)
        == (row.account, seen.phone_of(row.notification_id), row.text)
        for message in seen.messages
        if message.sequence_id != row.attempt
    )
