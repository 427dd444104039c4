from itertools import product

import pytest

from worker.core.clock.timeouts import LEASE, LEASE_LEFT_MIN, NUDGE_WAIT, NUDGE_WAIT_MAX
from worker.core.sending.notification_states import MOVES, may_move

RECEIPTS = ["accepted", "sent", "delivered", "read"]
UNSENT = {"planned", "postponed", "cancelled", "expired", "failed"}
ENDS = {"read", "skipped"}


def test_every_state_has_its_moves_and_every_move_ends_in_a_state() -> None:
    assert {after for moves in MOVES.values() for after in moves} <= MOVES.keys()
    assert len(MOVES) == 14


@pytest.mark.parametrize(("before", "after"), list(product(RECEIPTS, RECEIPTS)))
def test_receipts_never_move_backwards(before: str, after: str) -> None:
    assert may_move(before, after) == (RECEIPTS.index(after) > RECEIPTS.index(before))


@pytest.mark.parametrize("after", MOVES)
def test_only_what_was_stored_in_an_attempt_is_being_sent(after: str) -> None:
    assert may_move("sending", after) == (after in {"accepted", "postponed", "refused", "unconfirmed"})
    assert may_move(after, "sending") == (after in {"planned", "postponed"})


@pytest.mark.parametrize("state", sorted(ENDS))
def test_an_end_is_an_end(state: str) -> None:
    assert not MOVES[state]


def test_an_undelivered_row_may_only_arrive_or_change_its_reason() -> None:
    assert MOVES["undelivered"] == {"undelivered", "delivered", "read"}


@pytest.mark.parametrize("state", sorted(MOVES.keys() - ENDS - {*RECEIPTS, "undelivered", "sending"}))
@pytest.mark.parametrize("receipt", ["sent", "delivered", "read"])
def test_a_receipt_is_true_whatever_state_was_believed(state: str, receipt: str) -> None:
    assert may_move(state, receipt)


@pytest.mark.parametrize("state", ["accepted", "sent", "delivered", "read", "refused", "undelivered"])
def test_a_row_taken_or_refused_by_turbosms_is_never_planned_anew(state: str) -> None:
    assert not MOVES[state] & {"planned", "postponed", "sending"}


@pytest.mark.parametrize("state", sorted(MOVES.keys() - ENDS - {"sent", "delivered", "undelivered", "accepted"}))
def test_a_late_acceptance_is_true_whatever_was_believed(state: str) -> None:
    assert may_move(state, "accepted")


@pytest.mark.parametrize("state", sorted(MOVES.keys() - UNSENT))
def test_only_what_was_never_posted_can_expire_or_be_cancelled(state: str) -> None:
    assert not MOVES[state] & {"expired", "cancelled", "failed"}


@pytest.mark.parametrize("state", MOVES)
def test_no_state_may_become_skipped(state: str) -> None:
    assert not may_move(state, "skipped")


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(KeyError):
        may_move("lost", "planned")


def test_a_lease_has_room_for_a_call_and_its_record() -> None:
    assert LEASE_LEFT_MIN < LEASE
    assert NUDGE_WAIT < NUDGE_WAIT_MAX
