from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.sending.nudge import MESSAGE, OWN, WINDOW, NotificationId, nudges

MONTH = date(2026, 11, 1)
OWNERS = st.tuples(st.sampled_from(["acme", "beta", "gamma"]), st.sampled_from(["urgent", "normal", "bulk"]))


def rows(owners: list[tuple[str, str]]) -> list[tuple[str, str, NotificationId]]:
    return [(account, lane, (MONTH, number)) for number, (account, lane) in enumerate(owners)]


def test_no_rows_make_no_messages() -> None:
    assert nudges([]) == []


def test_accounts_with_few_rows_share_messages_of_their_lane() -> None:
    [nudge] = nudges(rows([("acme", "normal"), ("beta", "normal")]))

    assert nudge.notification_ids == ((MONTH, 0), (MONTH, 1))


def test_an_account_with_many_rows_shares_no_message() -> None:
    many = [("acme", "normal"), ("beta", "normal")] * OWN

    results = nudges(rows([*many, ("gamma", "normal")]))

    assert [len(nudge.notification_ids) for nudge in results] == [OWN, OWN, 1]


@pytest.mark.parametrize(("count", "messages"), [(1, 1), (100, 1), (101, 2), (200, 2), (201, 2), (50_000, 2)])
def test_one_account_fills_two_messages_at_most(count: int, messages: int) -> None:
    assert len(nudges(rows([("acme", "normal")] * count))) == messages


def test_a_crowded_account_does_not_crowd_out_another() -> None:
    results = nudges(rows([("acme", "normal")] * 1000 + [("beta", "normal")]))

    assert (MONTH, 1000) in [notification_id for nudge in results for notification_id in nudge.notification_ids]


@given(st.lists(OWNERS, max_size=120), st.sampled_from([1, 3, MESSAGE, WINDOW]))
def test_no_id_is_lost_up_to_the_window_and_none_comes_twice(owners: list[tuple[str, str]], window: int) -> None:
    wanted = rows(owners)
    lane_of = {notification_id: lane for _, lane, notification_id in wanted}
    owner_of = {notification_id: (account, lane) for account, lane, notification_id in wanted}

    results = nudges(wanted, window=window)

    notification_ids = [notification_id for nudge in results for notification_id in nudge.notification_ids]
    assert len(notification_ids) == len(set(notification_ids))
    assert all(
        lane_of[notification_id] == nudge.lane for nudge in results for notification_id in nudge.notification_ids
    )
    assert all(1 <= len(nudge.notification_ids) <= MESSAGE for nudge in results)
    asked = Counter(owners)
    assert Counter(owner_of[notification_id] for notification_id in notification_ids) == {
        owner: min(count, window) for owner, count in asked.items()
    }
