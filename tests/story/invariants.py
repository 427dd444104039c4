"""What holds at every moment, whatever happened before."""

import hashlib
from collections.abc import Collection, Mapping
from itertools import pairwise

from tests.story.environment import IN_FLIGHT
from tests.story.observed import Seen
from worker.core.sending.notification_states import may_move
from worker.core.sending.nudge import NotificationId
from worker.steps.operate.resolve_unconfirmed import BY_HAND
from worker.turbosms.request import send_body

WAITING = frozenset({"planned", "postponed", "sending"})
#: Where a row of an unsettled attempt may be: a late acceptance of an earlier attempt may have come first.
HELD = frozenset({"sending", "accepted"})


def no_text_goes_twice(seen: Seen, honoured: Collection[str]) -> None:
    """One message for each time it was sent on purpose, where the provider honours an account's keys."""
    for notification_id, made in seen.messages_of.items():
        assert seen.rows[notification_id].account not in honoured or len(made) <= 1 + chances(seen, notification_id), (
            f"sent {len(made)} times\n{seen.story(notification_id)}"
        )


def chances(seen: Seen, notification_id: NotificationId) -> int:
    """How often it was sent anew though perhaps sent: as its trigger prefers, or by a person."""
    ways = [(step.from_state, step.to_state, step.reason) for step in seen.steps[notification_id]]
    by_wish = ways.count(("sending", "postponed", "key_expired"))
    return by_wish + ways.count(("unconfirmed", "planned", BY_HAND))


def what_the_provider_made_was_stored(seen: Seen) -> None:
    for message in seen.messages:
        attempt = seen.attempts[message.sequence_id]
        phones = [seen.phone_of(notification_id) for notification_id in attempt.notification_ids]
        body = send_body(key=attempt.key, sender=message.sender, text=message.text, phones=phones)
        assert message.recipient in phones
        assert hashlib.sha256(body).digest() == attempt.body_hash, f"other bytes than stored: {attempt.key}"


def rows_under_way_have_an_attempt(seen: Seen) -> None:
    for notification_id, row in seen.rows.items():
        if row.state == "sending":
            assert [attempt.key for attempt in seen.holders[notification_id]] == [row.attempt], seen.story(
                notification_id
            )
    for notification_id, holders in seen.holders.items():
        assert len(holders) == 1, f"held by {len(holders)} attempts\n{seen.story(notification_id)}"
        assert seen.rows[notification_id].state in HELD, seen.story(notification_id)
        assert seen.rows[notification_id].attempt == holders[0].key, seen.story(notification_id)


def bytes_live_as_long_as_they_may_be_repeated(seen: Seen) -> None:
    for attempt in seen.attempts.values():
        assert (attempt.body is None) == (attempt.settled_at is not None), attempt.key
        assert attempt.body is None or hashlib.sha256(attempt.body).digest() == attempt.body_hash, attempt.key


def every_history_is_a_path(seen: Seen) -> None:
    for notification_id, row in seen.rows.items():
        steps = seen.steps[notification_id]
        assert steps, f"planned without a transition: {notification_id}"
        assert steps[0].from_state is None, seen.story(notification_id)
        assert all(step.to_state == after.from_state for step, after in pairwise(steps)), seen.story(notification_id)
        moved = steps[1:]
        assert all(may_move(step.from_state or "", step.to_state) for step in moved), seen.story(notification_id)
        assert (steps[-1].to_state, steps[-1].reason) == (row.state, row.reason), seen.story(notification_id)


def what_waits_is_due_and_what_is_finished_is_not(seen: Seen) -> None:
    for notification_id, row in seen.rows.items():
        assert (row.due_at is not None) == (row.state in WAITING), seen.story(notification_id)


def no_account_has_more_under_way_than_it_may(seen: Seen, in_hand: Mapping[str, int]) -> None:
    """Neither as the ledger counts them nor as workers have them in hand."""
    for account, most in IN_FLIGHT.items():
        assert seen.under_way.get(account, 0) <= most, f"{seen.under_way[account]} POSTs under way for {account}"
        assert in_hand[account] <= most, f"{in_hand[account]} POSTs in hand for {account}"


def ids_are_those_that_the_provider_gave(seen: Seen) -> None:
    given = {message.message_id: message for message in seen.messages}
    for name in seen.names:
        message = given.get(name.message_id)
        assert message, f"an id that nobody gave\n{seen.story(name.notification_id)}"
        rows = (message.account, message.recipient, message.sequence_id)
        assert rows == (name.account, seen.phone_of(name.notification_id), name.attempt), seen.story(
            name.notification_id
        )
    named = {name.notification_id for name in seen.names}
    for notification_id, row in seen.rows.items():
        assert row.state != "accepted" or notification_id in named, (
            f"accepted without an id\n{seen.story(notification_id)}"
        )


def only_people_plan_unconfirmed_rows(seen: Seen) -> None:
    for notification_id, steps in seen.steps.items():
        for step in steps:
            is_planned = step.from_state == "unconfirmed" and step.to_state in {"planned", "postponed"}
            assert not is_planned or step.actor.startswith("operator/"), seen.story(notification_id)


def suppressed_phones_get_nothing_new(seen: Seen) -> None:
    for attempt in seen.attempts.values():
        keys = [
            (attempt.account, seen.rows[notification_id].recipient_key) for notification_id in attempt.notification_ids
        ]
        since = [seen.opted_out[key] for key in keys if key in seen.opted_out]
        assert all(attempt.created_at < moment for moment in since), f"sent although they opted out: {attempt.key}"


def acceptances_are_recorded(seen: Seen, message_ids: Collection[str]) -> None:
    """An acceptance is true whoever brings it, and however late."""
    notification_ids = {name.message_id: name.notification_id for name in seen.names}
    for message_id in message_ids:
        assert message_id in notification_ids, f"an acceptance was received and lost: {message_id}"
        assert seen.rows[notification_ids[message_id]].state == "accepted", seen.story(notification_ids[message_id])


PROMISES = (
    what_the_provider_made_was_stored,
    rows_under_way_have_an_attempt,
    bytes_live_as_long_as_they_may_be_repeated,
    every_history_is_a_path,
    what_waits_is_due_and_what_is_finished_is_not,
    ids_are_those_that_the_provider_gave,
    only_people_plan_unconfirmed_rows,
    suppressed_phones_get_nothing_new,
)
