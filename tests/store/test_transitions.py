import re
from itertools import pairwise, product
from pathlib import Path

import pytest

from tests.store.right_rows import add, rows
from worker.core.sending.notification_states import ENDED_OTHERWISE, MOVES, may_move, states_before
from worker.store.db.postgres import Connection, as_rows, clock
from worker.store.transitions import MOVE, Move, apply

ROOT = Path(__file__).parents[2]
SOURCES = [path for folder in ("worker", "schedules") for path in (ROOT / folder).rglob("*.py")]
DOOR = ROOT / "worker/store/transitions.py"
SETS_STATE = re.compile(r"UPDATE notifications\b(?:(?!\bWHERE\b|\"\"\").)*?\bstate\s*=", re.DOTALL)
DUE = {"planned", "postponed", "sending"}
REMEMBERS = re.compile(r"INSERT INTO transitions\b")


def test_only_the_door_writes_states_and_their_transitions() -> None:
    for written in (SETS_STATE, REMEMBERS):
        assert [path for path in SOURCES if written.search(path.read_text())] == [DOOR]


@pytest.mark.parametrize("before", MOVES)
def test_the_door_opens_for_just_the_moves_that_the_table_allows(acme: Connection, before: str) -> None:
    add(acme, "notifications", {"id": "77", "attempt": "'a'"})
    [(month,)] = rows(acme, "SELECT month FROM notifications WHERE id = 77")
    now = clock(acme)

    for after in MOVES:
        set_state = "UPDATE notifications SET state = %s, reason = 'x', due_at = %s WHERE id = 77"
        rows(acme, set_state, before, now if before in DUE else None)
        due_at = now if after in DUE else None
        wanted = {"month": month, "id": 77, "before": before, "after": after, "reason": "x", "due_at": due_at}
        values = {"transitions": as_rows([wanted | {"tries": 0}]), "actor": "test", "now": now}

        remembered = acme.execute(MOVE, values).fetchall()

        results = rows(acme, "SELECT state FROM notifications WHERE id = 77")
        is_allowed = may_move(before, after)
        assert (remembered, results) == (
            [(month, 77)] if is_allowed else [],
            [(after if is_allowed else before,)],
        ), f"{before} to {after}"


def test_a_move_that_the_table_does_not_allow_is_a_bug(acme: Connection) -> None:
    forbidden = [(before, after) for before, after in product(MOVES, MOVES) if not may_move(before, after)]

    for before, after in forbidden:
        with pytest.raises(ValueError, match=f"cannot move from {before} to {after}"):
            apply(acme, [Move((clock(acme).date(), 1), before, after)], actor="test", now=clock(acme))


def test_what_indexes_know_of_a_state_is_what_the_core_knows(acme: Connection) -> None:
    assert states_before("cancelled") == states_before("expired") == states_before("sending")
    for number, state in enumerate(MOVES, 1):
        facts = {"id": str(number), "state": f"'{state}'", "reason": "'paced'", "attempt": "'x'"}
        add(acme, "notifications", {**facts, "due_at": "now()" if state in DUE else "NULL"})
    known = rows(acme, "SELECT state, waits_until IS NOT NULL, waits_for, ended_as FROM notifications")

    assert {state for state, waits, _, _ in known if waits} == set(states_before("sending"))
    assert {state: waits_for for state, _, waits_for, _ in known if waits_for} == {
        "planned": "nudge",
        "postponed": "pace",
    }
    assert {ended_as for *_, ended_as in known} - {None} == ENDED_OTHERWISE
    assert all(ended_as in {None, state} for state, *_, ended_as in known)


#: Of this session, as far as it has reported none of it yet.
UPDATES = """
SELECT sum(n_tup_upd)::integer, sum(n_tup_hot_upd)::integer FROM pg_stat_xact_user_tables
WHERE relname ~ '^notifications'
"""


def test_a_text_that_goes_well_is_updated_without_its_indexes(acme: Connection) -> None:
    add(acme, "notifications", {"id": "77", "state": "'sending'", "attempt": "'a'"})
    [(month,)] = rows(acme, "SELECT month FROM notifications WHERE id = 77")
    [(updates, without_indexes)] = rows(acme, UPDATES)

    for before, after in pairwise(("sending", "accepted", "sent", "delivered")):
        assert apply(acme, [Move((month, 77), before, after)], actor="test", now=clock(acme))

    assert rows(acme, UPDATES) == [(updates + 3, without_indexes + 3)]
