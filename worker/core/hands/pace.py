"""When texts will be out, at the pace of their account and within its hours."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import is_open, opening
from worker.core.sending.request_groups import MULTI

#: Phones of one text in one request, as claims make them.
PHONES = 500
STEP = timedelta(minutes=15)
LONGEST = timedelta(days=60)


def seconds_of(texts: Mapping[str, int], segments: int, account: Account) -> float:
    """How long these take: so many people by text, and all their segments."""
    requests = sum(-(-people // PHONES) for people in texts.values())
    if account.post_mode == MULTI:
        requests = -(-requests // account.multi_max)
    by_requests = requests / account.rate.requests_per_s
    return max(by_requests, segments / account.rate.segments_per_s) if account.rate.segments_per_s else by_requests


def seconds_ahead(waiting: int, account: Account) -> float:
    """How long what waits already keeps the line: each of these may be a request of its own."""
    return waiting / account.rate.requests_per_s


def finish(seconds: float, account: Account, *, start: datetime) -> datetime | None:
    """When so much work is done if it begins then, in the hours alone; None: not within two months."""
    at, left = opening(account.window, zone=account.zone, now=start), timedelta(seconds=seconds)
    while left > STEP:
        if at - start > LONGEST:
            return None
        if is_open(account.window, zone=account.zone, at=at):
            at, left = at + STEP, left - STEP
        else:
            at = opening(account.window, zone=account.zone, now=at)
    return opening(account.window, zone=account.zone, now=at) + left
