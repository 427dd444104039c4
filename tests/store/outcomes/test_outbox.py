import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.right_rows import MONTH, add, rows
from worker.core.accounts.outcome_names import OUTCOME_TYPES
from worker.core.clock.timeouts import OUTCOMES_LIFE
from worker.core.hands.pause_scope import BY_HAND
from worker.core.sending.notification_states import MOVES
from worker.core.spending.alert import AccountAlert
from worker.steps.outcomes.tell import message_of
from worker.store.accounts import account_removal
from worker.store.db.postgres import Connection, clock
from worker.store.hands import pauses
from worker.store.hands.pauses import HandPause
from worker.store.outcomes import outbox
from worker.store.sending.pauses import end
from worker.store.spending import alerts

#: What a CRM hears of a text, by its state; of the others nothing.
HEARD: Mapping[str, str] = {
    "accepted": "notification.accepted",
    "delivered": "notification.delivered",
    "read": "notification.read",
    "undelivered": "notification.undelivered",
    "skipped": "notification.skipped",
    "cancelled": "notification.cancelled",
    "expired": "notification.expired",
    "refused": "notification.failed",
    "failed": "notification.failed",
    "unconfirmed": "notification.unconfirmed",
}
#: Of this session, as far as it has reported none of it yet.
READ = """
SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::integer FROM pg_stat_xact_user_tables
WHERE relname ~ '^notifications_'
"""
MOVE_MANY = """
INSERT INTO transitions (month, notification, at, to_state, actor)
SELECT date_trunc('month', now())::date, nth, now(), 'accepted', 'x' FROM generate_series(1, %s) AS nth
"""
#: Sequences that are no column's own: of what CRMs hear.
SEQUENCES = """
SELECT c.relname, nextval(c.oid) FROM pg_class AS c
WHERE c.relkind = 'S' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype IN ('a', 'i'))
ORDER BY c.relname
"""
BACKUP = (Path(__file__).parents[3] / "deploy/backup.md").read_text()
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
WRITTEN = "SELECT account, type, reason, facts FROM outcomes ORDER BY id"


@pytest.fixture
def hearing(acme: Connection) -> Connection:
    """An account whose CRM hears of everything, and one whose CRM hears of nothing."""
    rows(acme, "UPDATE accounts SET outcomes = '{all}'")
    add(acme, "accounts", {"id": "'deaf'"})
    add(acme, "notifications", {})
    return acme


def move(connection: Connection, state: str, *, notification: int = 1) -> None:
    wanted = {"id": "nextval('transition_ids')", "to_state": f"'{state}'", "notification": str(notification)}
    add(connection, "transitions", wanted)


def heard(connection: Connection) -> list[str]:
    return [outcome_type for (outcome_type,) in rows(connection, "SELECT type FROM outcomes ORDER BY id")]


@pytest.mark.parametrize("state", MOVES)
def test_a_crm_hears_of_the_ends_of_a_text_and_of_no_wait(hearing: Connection, state: str) -> None:
    move(hearing, state)

    assert heard(hearing) == ([HEARD[state]] if state in HEARD else [])


def test_an_outcome_has_the_transition_of_its_text_as_its_version(hearing: Connection) -> None:
    move(hearing, "accepted")
    move(hearing, "delivered")

    found = outbox.oldest(hearing, ["acme"], each=10)

    transitions = rows(hearing, "SELECT id FROM transitions ORDER BY id")
    assert [(outcome.text.version,) for outcome in found if outcome.text] == transitions
    assert len({outcome.subject for outcome in found}) == 1


def test_where_nobody_hears_no_row_is_written(hearing: Connection) -> None:
    add(hearing, "notifications", {"id": "2", "account": "'deaf'"})

    move(hearing, "accepted", notification=2)
    add(hearing, "pauses", {"account": "'deaf'"})
    add(hearing, "alerts", {"account": "'deaf'", "name": "'budget.spent'"})
    add(hearing, "dead_letters", {"account": "'deaf'"})

    assert heard(hearing) == []


def test_a_crm_hears_of_the_types_that_it_wants_alone(hearing: Connection) -> None:
    rows(hearing, "UPDATE accounts SET outcomes = '{notification.delivered,event.refused}'")

    for state in ("accepted", "delivered"):
        move(hearing, state)
    add(hearing, "pauses", {})
    add(hearing, "dead_letters", {"account": "'acme'"})

    assert heard(hearing) == ["notification.delivered", "event.refused"]


def test_nobody_hears_of_a_text_that_no_event_asked_for(hearing: Connection) -> None:
    add(hearing, "notifications", {"id": "3", "event": "0"})

    move(hearing, "accepted", notification=3)

    assert heard(hearing) == []


def test_a_pause_and_its_end_are_told_with_who_made_them(hearing: Connection) -> None:
    add(hearing, "pauses", {"reason": "'money'", "paused_by": "'provider'"})
    end(hearing, "acme", "account", "money")

    assert rows(hearing, WRITTEN) == [
        ("acme", "account.paused", "money", {"scope": "account", "until": None, "by": "system"}),
        ("acme", "account.resumed", "money", {"scope": "account", "until": None, "by": None}),
    ]


def test_a_pause_of_all_accounts_is_told_to_each_that_hears(hearing: Connection) -> None:
    rows(hearing, "UPDATE accounts SET outcomes = '{all}'")

    pauses.pause(hearing, HandPause(None, "hand", clock(hearing), None, "anna", "a name"))
    pauses.resume(hearing, None, "hand")

    assert sorted((account, name, facts["by"]) for account, name, _, facts in rows(hearing, WRITTEN)) == [
        ("acme", "account.paused", "operator"),
        ("acme", "account.resumed", "operator"),
        ("deaf", "account.paused", "operator"),
        ("deaf", "account.resumed", "operator"),
    ]
    assert "anna" not in str(rows(hearing, WRITTEN))
    assert "a name" not in str(rows(hearing, WRITTEN))


def test_of_whom_a_pause_is_is_not_told(hearing: Connection) -> None:
    add(hearing, "pauses", {"scope": "'person/ab12'", "reason": "'runaway'", "paused_by": "'guard'"})
    end(hearing, "acme", "person/ab12", "runaway")

    assert [facts["scope"] for _, _, _, facts in rows(hearing, WRITTEN)] == ["person", "person"]


def test_resuming_everything_is_not_told_as_resuming_the_account(hearing: Connection) -> None:
    now = clock(hearing)
    for account, scope in ((None, "hand"), ("acme", "hand"), (None, "hand/lane/bulk")):
        pauses.pause(hearing, HandPause(account, scope, now, None, "anna", None))
    pauses.resume(hearing, None, "hand")

    told = [(name, facts["scope"]) for _, name, _, facts in rows(hearing, WRITTEN)]
    assert told == [
        ("account.paused", "all"),
        ("account.paused", "hand"),
        ("account.paused", "all/lane/bulk"),
        ("account.resumed", "all"),
    ]


def test_what_a_person_resumed_has_no_end_any_more(hearing: Connection) -> None:
    now = clock(hearing)
    pauses.pause(hearing, HandPause("acme", "hand", now, now + timedelta(hours=1), "anna", None))
    pauses.resume(hearing, "acme", "hand")

    assert [facts["until"] is None for _, _, _, facts in rows(hearing, WRITTEN)] == [False, True]


def test_a_pause_that_ends_by_itself_is_told_with_its_moment(hearing: Connection) -> None:
    now = clock(hearing)
    until = now - timedelta(seconds=5)
    pauses.pause(hearing, HandPause("acme", "hand/lane/bulk", now - timedelta(hours=1), until, "anna", None))

    pauses.end_over(hearing, now=now)

    found = outbox.oldest(hearing, ["acme"], each=10)
    assert [(outcome.type, outcome.reason) for outcome in found] == [
        ("account.paused", BY_HAND),
        ("account.resumed", BY_HAND),
    ]
    assert (found[1].at, found[1].facts and found[1].facts["by"]) == (until, "system")


def test_a_pause_whose_end_is_moved_is_told_again(hearing: Connection) -> None:
    now = clock(hearing)
    for hours in (1, 2):
        pauses.pause(hearing, HandPause("acme", "hand", now, now + timedelta(hours=hours), "anna", None))

    assert heard(hearing) == ["account.paused", "account.paused"]


def test_a_spent_budget_is_told_and_no_other_alert(hearing: Connection) -> None:
    now = clock(hearing)
    limits = {"budget": "100", "spent": "101", "spent_segments": 5, "stops": True, "trigger": "order_created"}
    spent = AccountAlert("acme", "budget.spent/order_created", "2026-12-01 100 None", limits)
    low = AccountAlert("acme", "balance.low", "10", {"balance": "9"})

    alerts.ring(hearing, [spent, low], now=now)
    alerts.ring(hearing, [spent], now=now + timedelta(hours=2))

    facts = {"name": spent.name, "day": spent.subject, "limits": limits}
    assert rows(hearing, WRITTEN) == [("acme", "budget.spent", None, facts)]


def test_a_refused_event_is_told_without_its_body(hearing: Connection) -> None:
    seen = {"account": "'acme'", "reason": "'schema'", "event_id": "'e-1'", "event_type": "'order.created'"}
    add(hearing, "dead_letters", {**seen, "body": "'a phone'", "detail": "'a name'"})
    job = {"kind": "'job'", "notification": "1", "notification_month": MONTH}
    add(hearing, "dead_letters", {**seen, **job})

    [(number,)] = rows(hearing, "SELECT id FROM dead_letters WHERE kind = 'event'")
    assert rows(hearing, WRITTEN) == [("acme", "event.refused", "schema", {"dead_letter": number})]
    [outcome] = outbox.oldest(hearing, ["acme"], each=10)
    assert outcome.facts == {"event": "e-1", "event_type": "order.created", "dead_letter": number}


@pytest.mark.parametrize("change", ["UPDATE dead_letters SET event_id = NULL", "DELETE FROM dead_letters"])
def test_what_an_erasure_cleared_of_a_refused_event_is_not_told(hearing: Connection, change: str) -> None:
    add(hearing, "dead_letters", {"account": "'acme'", "reason": "'schema'", "event_id": "'+380671234567'"})

    rows(hearing, change)

    [outcome] = outbox.oldest(hearing, ["acme"], each=10)
    message = message_of(outcome)
    assert message
    assert b"380671234567" not in message.body
    assert b"380671234567" not in str(rows(hearing, WRITTEN)).encode()


def test_phone_and_text_are_read_only_where_the_account_says_so(hearing: Connection) -> None:
    move(hearing, "accepted")
    [without] = outbox.oldest(hearing, ["acme"], each=1)
    rows(hearing, "UPDATE accounts SET outcome_details = TRUE")

    [with_them] = outbox.oldest(hearing, ["acme"], each=1)

    assert without.text
    assert with_them.text
    assert (without.text.phone, without.text.text) == (None, None)
    assert (with_them.text.phone, with_them.text.text) == ("+380671234567", "x")


@pytest.mark.parametrize(
    ("viber", "sms", "price"),
    [
        (("read", "1.10"), None, "1.10"),
        (("cancelled", "1.10"), ("delivered", "0.90"), "0.90"),
        (("undelivered", "1.10"), ("delivered", "0.90"), "2.00"),
        (("undelivered", "1.10"), ("delivered", None), None),
        (None, None, None),
    ],
)
def test_the_price_is_that_of_the_cost_report(
    hearing: Connection, viber: tuple[str, str] | None, sms: tuple[str, str | None] | None, price: str | None
) -> None:
    add(hearing, "provider_messages", {})
    for channel, status in (("viber", viber), ("sms", sms)):
        if status:
            known = f"'{status[1]}'" if status[1] else "NULL"
            reported = {"message_id": "'x'", "channel": f"'{channel}'", "status": f"'{status[0]}'", "price": known}
            add(hearing, "channel_statuses", reported)
    move(hearing, "accepted")

    [outcome] = outbox.oldest(hearing, ["acme"], each=1)

    assert outcome.text
    assert outcome.text.price == (None if price is None else Decimal(price))


def test_a_session_that_gives_accounts_back_is_as_it_was(hearing: Connection) -> None:
    usual = rows(hearing, "SHOW idle_session_timeout")

    assert outbox.lock(hearing, ["acme", "b"], timedelta(seconds=5)) == ["acme", "b"]
    locked = rows(hearing, LOCKS)
    outbox.unlock(hearing)

    assert (locked, rows(hearing, LOCKS)) == ([(2,)], [(0,)])
    assert rows(hearing, "SHOW idle_session_timeout") == usual


def test_each_text_is_looked_up_by_its_key_however_many_there_are(hearing: Connection) -> None:
    rows(hearing, "UPDATE accounts SET outcomes = '{all}'")
    for nth in range(2, 402):
        add(hearing, "notifications", {"id": str(nth), "account": "'acme'" if nth % 2 else "'deaf'"})
    [(before,)] = rows(hearing, READ)

    rows(hearing, MOVE_MANY, 20)

    assert heard(hearing) == ["notification.accepted"] * 20
    assert rows(hearing, READ) == [(before + 20,)]


def test_an_account_that_is_removed_leaves_no_outcome(hearing: Connection) -> None:
    move(hearing, "accepted")
    add(hearing, "pauses", {})

    account_removal.remove(hearing, "acme", now=clock(hearing))

    assert heard(hearing) == []


def test_after_a_restore_no_number_comes_again(hearing: Connection) -> None:
    [statement] = re.findall(r"## After a restore\n.*?```sql\n(.*?);\n```", BACKUP, re.DOTALL)
    before = rows(hearing, SEQUENCES)

    rows(hearing, statement)

    after = rows(hearing, SEQUENCES)
    assert [name for name, _ in after] == [name for name, _ in before]
    assert all(now > then + 1_000_000 for (_, then), (_, now) in zip(before, after, strict=True))


def test_each_account_that_has_some_is_found_with_its_oldest(hearing: Connection) -> None:
    for account in ("acme", "b", "b", "c"):
        add(hearing, "outcomes", {"account": f"'{account}'"})

    since = outbox.waiting_since(hearing)

    assert outbox.waiting_accounts(hearing) == ["acme", "b", "c"] == list(since)
    assert outbox.count(hearing) == {"acme": 1, "b": 2, "c": 1}
    assert outbox.count(hearing, most=1) == {"acme": 1, "b": 1, "c": 1}


def test_only_what_is_older_than_its_life_is_dropped(hearing: Connection) -> None:
    now = clock(hearing)
    for age, account in [("73 hours", "acme"), ("71 hours", "acme"), ("73 hours", "b"), ("1 hour", "c")]:
        add(hearing, "outcomes", {"account": f"'{account}'", "at": f"now() - interval '{age}'"})

    dropped = [outbox.drop(hearing, before=now - OUTCOMES_LIFE, slice_=100) for _ in range(2)]

    assert dropped == [2, 0]
    assert outbox.waiting_accounts(hearing) == ["acme", "c"]


def test_the_schema_knows_every_type_of_outcome(hearing: Connection) -> None:
    wanted = ",".join(OUTCOME_TYPES)

    rows(hearing, "UPDATE accounts SET outcomes = %s::text[]", f"{{{wanted}}}")

    assert {HEARD[state] for state in HEARD} == {name for name in OUTCOME_TYPES if name.startswith("notification.")}
