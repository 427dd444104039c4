"""Planned rows out: claim · POST · record, round by round. No provider call inside a transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from worker.core.clock.timeouts import ROOM_WAIT
from worker.core.sending.nudge import NotificationId
from worker.failpoint import reached
from worker.steps.sending.claim import Claim, announce, claim, left_to_others
from worker.steps.sending.post import Sender, post_all
from worker.steps.sending.row_failure import count_failure, run_alone
from worker.steps.sending.together.rounds import Crowd, Sent, send_together
from worker.store.accounts.configuration import OutdatedError
from worker.store.accounts.secrets import WrongSecretError
from worker.store.db.postgres import clock, committed_after, each_alone, is_caused_by_input, transaction
from worker.store.sending import claims, pauses

#: How often a nudge looks whether POSTs under way have made room.
LOOK_S = 0.05


def send(sender: Sender, notification_ids: Sequence[NotificationId]) -> Sent:
    """Send what may be sent of these rows; those that somebody else holds are left to that one.

    Raises:
        Exception: PostgreSQL cannot take it now; the rows stay as they were.
    """
    with each_alone(sender.pool) as connection:
        crowd = Crowd.of(claims.whose(connection, notification_ids))
    total = send_together(sender, crowd)
    while account := crowd.next_alone():
        total += send_account(sender, account, crowd.parts[account])
        total += send_together(sender, crowd)
    return total


def send_alone(sender: Sender, notification_ids: Sequence[NotificationId]) -> None:
    """Send each of these in transactions of its own: the nudge came back unsettled, one of them may kill workers."""
    for notification_id in notification_ids:
        sender.measure(
            run_alone(sender.pool, sender.solitude, notification_id, partial(send, sender, [notification_id]))
        )


def send_account(sender: Sender, account: str, notification_ids: Sequence[NotificationId]) -> Sent:
    total, waited = Sent(), 0.0
    while not sender.is_ending():
        claimed = claim_safely(sender, account, notification_ids)
        reached("stored")
        sent = post_round(sender, claimed)
        total += sent
        # A round in which the provider settled nothing is the last: the sweeper brings the rest when it is better.
        if sent.posted and not sent.settled:
            break
        if claimed.is_whole and not claimed.held:
            break
        if not claimed.rows:
            # Others wait for this thread: all its waiting together is short.
            if waited >= ROOM_WAIT.total_seconds():
                leave(sender, account, notification_ids)
                break
            time.sleep(LOOK_S)
            waited += LOOK_S
    else:
        # This process ends: what it did not come to is for others, at once and not when its nudge counts as lost.
        leave(sender, account, notification_ids)
    return total


def post_round(sender: Sender, claimed: Claim) -> Sent:
    announce(sender, claimed)
    posted = sum(len(post.attempts) for post in claimed.posts)
    return Sent(claimed.rows, posted, post_all(sender, claimed.posts))


def leave(sender: Sender, account: str, notification_ids: Sequence[NotificationId]) -> None:
    with transaction(sender.pool) as connection:
        claims.give_back(connection, account, notification_ids)


def claim_safely(sender: Sender, account: str, notification_ids: Sequence[NotificationId]) -> Claim:
    """Claim these rows; where one of them breaks the claim, each alone, so that only the culprit is counted."""
    began = time.monotonic()
    try:
        return claim_with_newest(sender, account, notification_ids, began)
    except Exception as error:
        if not is_caused_by_input(error):
            raise
        fault = error
    if len(notification_ids) == 1:
        return Claim(measured=count_failure(sender.pool, notification_ids[0], fault))
    return sum((claim_safely(sender, account, [notification_id]) for notification_id in notification_ids), Claim())


def claim_with_newest(sender: Sender, account: str, notification_ids: Sequence[NotificationId], began: float) -> Claim:
    """Claim with the newest configuration, which is read while nothing is locked."""
    while True:
        try:
            act = partial(claim, sender, account, notification_ids, began)
            return committed_after(sender.pool, pauses.question(account), act)
        except OutdatedError:
            sender.cache.fresh(sender.pool)
        except WrongSecretError:
            with transaction(sender.pool) as connection:
                return left_to_others(connection, account, notification_ids, now=clock(connection))
