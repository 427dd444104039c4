from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import psycopg
import pytest

from tests.steps.ledger import planned
from tests.support.crm import add_account, event, execute, rows
from tests.support.waiting import wait_until
from worker.core.clock.timeouts import OUTCOMES_HOLD
from worker.core.outcomes.facts import TextOutcome
from worker.core.outcomes.outcome import Outcome
from worker.core.outcomes.refusals import LONGEST_S
from worker.steps.ingest.plan import Intake
from worker.steps.outcomes.publish import AT_ONCE, Published, Turns, are_texts_due, drop_old, publish, waiting
from worker.steps.outcomes.tell import Message, message_of
from worker.store.db.postgres import Pool
from worker.store.outcomes.outbox import StoredOutcome

MOVE = """
INSERT INTO transitions (month, notification, at, to_state, actor)
SELECT month, id, now(), %s, 'test' FROM notifications WHERE account = %s
"""
ATTEMPTS = """
INSERT INTO attempts (
    month, key, account, lane, row_months, row_ids, body, body_hash, created_at, key_expires_at, leased_until,
    post_until
)
SELECT
    date_trunc('month', now())::date, md5(random()::text), 'acme', 'normal', ARRAY[now()::date], ARRAY[1], 'x', 'x',
    now(), now(), now(), now() + %s * interval '1 minute'
FROM generate_series(1, %s)
"""
REFUSALS = """
INSERT INTO outcomes (account, type, at, reason, facts)
SELECT %s, 'event.refused', now(), 'schema', '{"dead_letter": 1}'
FROM generate_series(1, %s)
"""
BROKEN = """
INSERT INTO outcomes (account, type, at, facts)
SELECT 'acme', 'account.paused', now(), '{}' FROM generate_series(1, %s)
"""
STATES = ("accepted", "undelivered", "delivered", "read")


class Heard(list[Outcome]):
    """What a CRM took, and how often each was offered; every third of them is refused once, every third twice."""

    def __init__(self, *, is_moody: bool = False, full: Sequence[str] = (), silent: Sequence[str] = ()) -> None:
        super().__init__()
        self.offers = Counter[int]()
        self.turns: list[set[str]] = []
        self.silent = set(silent)
        self._full = set(full)
        self._is_moody = is_moody

    def __call__(self, messages: Sequence[Message]) -> list[bool | None]:
        self.turns.append({message.outcome.account for message in messages})
        outcomes = [message.outcome for message in messages]
        taken = [self._takes(outcome) for outcome in outcomes]
        self.extend(outcome for outcome, is_taken in zip(outcomes, taken, strict=True) if is_taken)
        self.offers.update(outcome.id for outcome in outcomes)
        return taken

    def _takes(self, outcome: Outcome) -> bool | None:
        if outcome.account in self.silent:
            return None
        is_refused = self._is_moody and self.offers[outcome.id] < outcome.id % 3
        return outcome.account not in self._full and not is_refused

    @property
    def versions(self) -> dict[str, list[int]]:
        """Of each text in the order in which they came."""
        found = defaultdict[str, list[int]](list)
        for outcome in self:
            assert isinstance(outcome.facts, TextOutcome)
            found[outcome.facts.subject].append(outcome.facts.version)
        return found


@pytest.fixture
def texts(intake: Intake) -> Intake:
    """Five texts whose account hears of them."""
    execute(intake.pool, "UPDATE accounts SET outcomes = '{all}'")
    planned(intake, *[event("invoice.overdue") for _ in range(5)])
    return intake


def move(pool: Pool, *states: str, account: str = "acme") -> None:
    for state in states:
        execute(pool, MOVE, state, account)


def turn(pool: Pool, turns: Turns, heard: Heard, *, now: float = 0.0) -> Published:
    accounts = next(turns.round_of(waiting(pool), now=now), None)
    return publish(pool, accounts, turns, heard, now=now) if accounts else Published()


def left(pool: Pool) -> int:
    return rows(pool, "SELECT count(*) FROM outcomes")[0][0]


def test_outcomes_of_a_text_leave_in_order_one_a_turn(texts: Intake) -> None:
    move(texts.pool, *STATES)
    turns, heard = Turns(), Heard()

    published = [turn(texts.pool, turns, heard).published for _ in range(5)]

    assert published == [5, 5, 5, 5, 0]
    assert [outcome.type.rpartition(".")[2] for outcome in heard[::5]] == [*STATES]
    assert left(texts.pool) == 0


def test_refusals_lose_nothing_and_keep_the_order_of_each_text(texts: Intake) -> None:
    move(texts.pool, *STATES)
    turns, heard, now = Turns(), Heard(is_moody=True), 0.0

    while left(texts.pool):
        turn(texts.pool, turns, heard, now=now)
        now += LONGEST_S

    assert len(heard) == len({outcome.id for outcome in heard}) == 20
    assert all(versions == sorted(versions) for versions in heard.versions.values())
    assert sum(heard.offers.values()) > 20


def test_an_account_whose_queue_refuses_delays_no_other(texts: Intake) -> None:
    add_account(texts.pool, "other")
    execute(texts.pool, "UPDATE accounts SET outcomes = '{all}'")
    planned(texts, event("invoice.overdue", account="other"))
    turns, heard = Turns(), Heard(full=["acme"])
    for account in ("acme", "other"):
        move(texts.pool, *STATES, account=account)

    done = [turn(texts.pool, turns, heard, now=nth / 10) for nth in range(4)]

    assert [outcome.account for outcome in heard] == ["other"] * 4
    assert [each.refused for each in done] == [{"acme": 5}, {}, {}, {}]
    assert turn(texts.pool, turns, heard, now=1.0).refused == {"acme": 5}


def test_a_silent_account_has_turns_of_its_own_until_it_answers(acme_pool: Pool) -> None:
    heard, turns = Heard(silent=["b"]), Turns()
    for account in ("a", "b", "c"):
        add_account(acme_pool, account)
        execute(acme_pool, REFUSALS, account, 2_000)
    execute(acme_pool, "UPDATE accounts SET outcomes = '{all}'")

    turn(acme_pool, turns, heard)
    for accounts in turns.round_of(waiting(acme_pool), now=LONGEST_S):
        publish(acme_pool, accounts, turns, heard, now=LONGEST_S)
    heard.silent.clear()
    for _ in range(2):
        for accounts in turns.round_of(waiting(acme_pool), now=3 * LONGEST_S):
            publish(acme_pool, accounts, turns, heard, now=3 * LONGEST_S)

    assert heard.turns == [{"a", "b", "c"}, {"a"}, {"b"}, {"c"}, {"a"}, {"b"}, {"c"}, {"a", "b", "c"}]


def test_an_account_that_was_offered_nothing_stays_left_alone(texts: Intake) -> None:
    move(texts.pool, "accepted")
    turns, full = Turns(), Heard(full=["acme"])
    turn(texts.pool, turns, full)

    done = publish(texts.pool, ["acme"], turns, full, now=0.5, held_for=OUTCOMES_HOLD)

    assert (done.offered, list(turns.round_of(["acme"], now=0.9))) == (set(), [])


def test_two_schedulers_at_once_publish_each_once_and_in_order(texts: Intake) -> None:
    move(texts.pool, *STATES)
    heard, start = Heard(), Barrier(2)

    def schedule() -> None:
        turns = Turns()
        start.wait()
        while left(texts.pool):
            turn(texts.pool, turns, heard)

    with ThreadPoolExecutor(2) as schedulers:
        for done in [schedulers.submit(schedule) for _ in range(2)]:
            done.result()

    assert heard.offers == dict.fromkeys((outcome.id for outcome in heard), 1)
    assert all(versions == sorted(versions) for versions in heard.versions.values())


def test_a_crash_before_the_commit_publishes_twice_but_in_order(texts: Intake) -> None:
    move(texts.pool, *STATES)
    turns, heard = Turns(), Heard()

    def die(messages: Sequence[Message]) -> list[bool]:
        heard(messages)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        publish(texts.pool, ["acme"], turns, die, now=0.0)
    while left(texts.pool):
        turn(texts.pool, turns, heard)

    assert [len(versions) for versions in heard.versions.values()] == [5] * 5
    assert all(versions == sorted(versions) for versions in heard.versions.values())
    assert sorted(heard.offers.values()) == [1] * 15 + [2] * 5


def test_who_was_frozen_publishes_nothing_after_the_others(texts: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    move(texts.pool, *STATES)
    heard, late, naps = Heard(), Heard(), [True]

    def freeze(stored: StoredOutcome) -> Message | None:
        if naps:
            naps.clear()
            wait_until(lambda: turn(texts.pool, Turns(), heard).published, "others have published them")
        return message_of(stored)

    monkeypatch.setattr("worker.steps.outcomes.publish.OUTCOMES_PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr("worker.steps.outcomes.publish.message_of", freeze)
    with pytest.raises(psycopg.OperationalError):
        turn(texts.pool, Turns(), late)

    assert (len(heard), len(late), left(texts.pool)) == (5, 0, 15)


def test_no_table_is_held_while_rabbitmq_is_waited_for(texts: Intake) -> None:
    move(texts.pool, "accepted")

    def change_tables(messages: Sequence[Message]) -> list[bool]:
        execute(texts.pool, "LOCK TABLE notifications, events, accounts, outcomes IN ACCESS EXCLUSIVE MODE NOWAIT")
        return [True] * len(messages)

    assert publish(texts.pool, ["acme"], Turns(), change_tables, now=0.0).published == 5
    assert left(texts.pool) == 0


def test_while_texts_go_out_only_old_outcomes_are_published(texts: Intake) -> None:
    move(texts.pool, *STATES)
    execute(texts.pool, "UPDATE outcomes SET at = at - interval '61 seconds' WHERE type = 'notification.accepted'")
    turns, heard = Turns(), Heard()

    published = [
        publish(texts.pool, ["acme"], turns, heard, now=0.0, held_for=OUTCOMES_HOLD).published for _ in range(2)
    ]

    assert published == [5, 0]
    assert {outcome.type for outcome in heard} == {"notification.accepted"}


def test_outcomes_of_texts_that_are_gone_are_dropped(texts: Intake) -> None:
    move(texts.pool, "accepted")
    execute(texts.pool, "DELETE FROM notifications WHERE id = (SELECT min(id) FROM notifications)")
    heard = Heard()

    done = turn(texts.pool, Turns(), heard)

    assert (done.published, done.gone, len(heard), left(texts.pool)) == (4, 1, 4, 0)


def test_what_an_account_has_switched_off_is_dropped_unheard(texts: Intake) -> None:
    move(texts.pool, "accepted", "delivered")
    execute(texts.pool, "UPDATE accounts SET outcomes = '{notification.delivered}'")
    turns, heard = Turns(), Heard()

    done = [turn(texts.pool, turns, heard) for _ in range(2)]

    assert [(each.published, each.gone) for each in done] == [(0, 5), (5, 0)]
    assert {outcome.type for outcome in heard} == {"notification.delivered"}
    assert left(texts.pool) == 0


def test_what_nobody_takes_for_three_days_is_dropped_and_counted(texts: Intake) -> None:
    move(texts.pool, "accepted")
    execute(texts.pool, "UPDATE outcomes SET at = at - interval '73 hours' WHERE id = (SELECT min(id) FROM outcomes)")

    assert drop_old(texts.pool, for_s=60) == 1
    assert left(texts.pool) == 4


def test_many_texts_under_way_are_due_but_not_what_waits(texts: Intake) -> None:
    execute(texts.pool, ATTEMPTS, 1, 99)
    execute(texts.pool, ATTEMPTS, None, 10)
    few = are_texts_due(texts.pool)

    execute(texts.pool, ATTEMPTS, 1, 1)

    assert (few, are_texts_due(texts.pool)) == (False, True)


def test_what_the_program_fails_on_keeps_no_other_back(texts: Intake) -> None:
    execute(texts.pool, BROKEN, AT_ONCE)
    move(texts.pool, "accepted")
    heard, turns = Heard(), Turns()

    done = [turn(texts.pool, turns, heard) for _ in range(3)]

    assert [each.published for each in done] == [0, 5, 0]
    assert [{type(item.error) for item in each.broken} for each in done] == [{KeyError}, set(), set()]
    assert (done[0].is_more, left(texts.pool)) == (True, AT_ONCE)


def test_what_comes_after_a_broken_one_of_a_text_waits_with_it(texts: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    move(texts.pool, *STATES)
    oldest = rows(texts.pool, "SELECT min(id) FROM outcomes")[0][0]

    def fail(stored: StoredOutcome) -> Message | None:
        if stored.id == oldest:
            raise KeyError
        return message_of(stored)

    monkeypatch.setattr("worker.steps.outcomes.publish.message_of", fail)
    heard, turns = Heard(), Turns()
    for _ in range(6):
        turn(texts.pool, turns, heard)

    assert [len(versions) for versions in heard.versions.values()] == [4] * 4
    assert left(texts.pool) == 4
