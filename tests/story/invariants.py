"""What holds at every moment, whatever happened before."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from itertools import pairwise

from tests.story.environment import IN_FLIGHT
from tests.story.observed import Seen
from worker.core.sending.notification_states import may_move
from worker.core.sending.nudge import Place
from worker.steps.operate.resolve_unconfirmed import BY_HAND
from worker.turbosms.request import send_body

WAITING = frozenset({"planned", "postponed", "sending"})
#: States in which a row was sent for certain: these are looked at again for their receipts.
SENT = frozenset({"accepted", "sent"})
#: Where a row of an unsettled attempt may be: a late acceptance of an earlier attempt may have come first.
HELD = frozenset({"sending", "accepted"})


def nobody_is_told_twice(seen: Seen, honoured: Collection[str]) -> None:
    """One message for each time it was sent on purpose, where the provider honours an account's keys."""
    for place, made in seen.messages_of.items():
        assert seen.rows[place].account not in honoured or len(made) <= 1 + chances(seen, place), (
            f"told {len(made)} times\n{seen.story(place)}"
        )


def chances(seen: Seen, place: Place) -> int:
    """How often it was sent anew though it may have gone: by its trigger's wish, or by a person's."""
    ways = [(step.from_state, step.to_state, step.reason) for step in seen.steps[place]]
    by_wish = ways.count(("sending", "postponed", "key_expired"))
    return by_wish + ways.count(("unconfirmed", "planned", BY_HAND))


def what_the_provider_made_was_stored(seen: Seen) -> None:
    for message in seen.messages:
        attempt = seen.attempts[message.sequence_id]
        phones = [seen.phone_of(place) for place in attempt.places]
        body = send_body(key=attempt.key, sender=message.sender, text=message.text, phones=phones)
        assert message.recipient in phones
        assert hashlib.sha256(body).digest() == attempt.body_hash, f"other bytes than stored: {attempt.key}"


def what_is_on_its_way_belongs_to_one_attempt(seen: Seen) -> None:
    for place, row in seen.rows.items():
        if row.state == "sending":
            assert [one.key for one in seen.holders[place]] == [row.attempt], seen.story(place)
    for place, holders in seen.holders.items():
        assert len(holders) == 1, f"held by {len(holders)} attempts\n{seen.story(place)}"
        assert seen.rows[place].state in HELD, seen.story(place)
        assert seen.rows[place].attempt == holders[0].key, seen.story(place)


def bytes_live_as_long_as_they_may_be_repeated(seen: Seen) -> None:
    for attempt in seen.attempts.values():
        assert (attempt.body is None) == (attempt.settled_at is not None), attempt.key
        assert attempt.body is None or hashlib.sha256(attempt.body).digest() == attempt.body_hash, attempt.key


def every_history_is_a_path(seen: Seen) -> None:
    for place, row in seen.rows.items():
        steps = seen.steps[place]
        assert steps, f"born without a move: {place}"
        assert steps[0].from_state is None, seen.story(place)
        assert all(one.to_state == after.from_state for one, after in pairwise(steps)), seen.story(place)
        moved = steps[1:]
        assert all(may_move(step.from_state or "", step.to_state) for step in moved), seen.story(place)
        assert (steps[-1].to_state, steps[-1].reason) == (row.state, row.reason), seen.story(place)


def what_waits_is_due_and_what_is_finished_is_not(seen: Seen) -> None:
    for place, row in seen.rows.items():
        assert row.state in SENT or (row.due_at is not None) == (row.state in WAITING), seen.story(place)


def no_account_has_more_under_way_than_it_may(seen: Seen, in_hand: Mapping[str, int]) -> None:
    """Neither as the ledger counts them nor as workers have them in hand."""
    for account, most in IN_FLIGHT.items():
        assert seen.under_way.get(account, 0) <= most, f"{seen.under_way[account]} POSTs under way for {account}"
        assert in_hand[account] <= most, f"{in_hand[account]} POSTs in hand for {account}"


def ids_are_those_that_the_provider_gave(seen: Seen) -> None:
    given = {message.message_id: message for message in seen.messages}
    for name in seen.names:
        message = given.get(name.message_id)
        assert message, f"an id that nobody gave\n{seen.story(name.place)}"
        told = (message.account, message.recipient, message.sequence_id)
        assert told == (name.account, seen.phone_of(name.place), name.attempt), seen.story(name.place)
    named = {name.place for name in seen.names}
    for place, row in seen.rows.items():
        assert row.state != "accepted" or place in named, f"accepted without an id\n{seen.story(place)}"


def what_nobody_can_tell_of_is_planned_by_people_only(seen: Seen) -> None:
    for place, steps in seen.steps.items():
        for step in steps:
            is_planned = step.from_state == "unconfirmed" and step.to_state in {"planned", "postponed"}
            assert not is_planned or step.actor.startswith("operator/"), seen.story(place)


def who_opted_out_is_told_nothing_new(seen: Seen) -> None:
    for attempt in seen.attempts.values():
        keys = [(attempt.account, seen.rows[place].recipient_key) for place in attempt.places]
        since = [seen.opted_out[key] for key in keys if key in seen.opted_out]
        assert all(attempt.created_at < moment for moment in since), f"told although they opted out: {attempt.key}"


def what_was_heard_is_written_down(seen: Seen, heard: Collection[str]) -> None:
    """An acceptance is true whoever brings it, and however late."""
    places = {name.message_id: name.place for name in seen.names}
    for message_id in heard:
        assert message_id in places, f"an acceptance was heard and forgotten: {message_id}"
        assert seen.rows[places[message_id]].state == "accepted", seen.story(places[message_id])


PROMISES = (
    what_the_provider_made_was_stored,
    what_is_on_its_way_belongs_to_one_attempt,
    bytes_live_as_long_as_they_may_be_repeated,
    every_history_is_a_path,
    what_waits_is_due_and_what_is_finished_is_not,
    ids_are_those_that_the_provider_gave,
    what_nobody_can_tell_of_is_planned_by_people_only,
    who_opted_out_is_told_nothing_new,
)
