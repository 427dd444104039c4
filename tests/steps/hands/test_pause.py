import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
from psycopg.errors import UndefinedTable

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.steps.sending.channels import VIBER, due, go_by
from tests.support.crm import add_account, event, execute, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import WAITING_FOR_A_LOCK, wait_until
from worker.core.clock.timeouts import LEASE_LEFT_MIN, PAUSES_KNOWN
from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import ACCOUNT, Stop
from worker.steps.hands import pause as pausing
from worker.steps.hands.pause import backlog_of, let_go, pause, resume, wake, wake_resumed
from worker.steps.ingest.plan import Intake
from worker.steps.sending.claim import claim
from worker.steps.sending.pause_watch import PauseWatch
from worker.steps.sending.post import Post, Sender, post_all
from worker.steps.sending.send import send
from worker.steps.upkeep.sweeper import expire
from worker.store.db.postgres import Pool, clock, committed_after, transaction
from worker.store.hands.chosen import Backlog
from worker.store.hands.pauses import list_pauses
from worker.store.sending import pauses
from worker.store.sending.attempts import Stored

ACCEPTED, HELD = ("accepted", None), ("postponed", "paused")
#: What holds a text of the trigger order_created, which is urgent, by SMS.
HOLDING = [
    Backlog(),
    Backlog("acme"),
    Backlog("acme", trigger="order_created"),
    Backlog(trigger="order_created"),
    Backlog("acme", lane="urgent"),
    Backlog(lane="urgent"),
    Backlog("acme", channel="sms"),
    Backlog(channel="sms"),
]
ELSE = [
    Backlog("other"),
    Backlog("acme", trigger="order_approved"),
    Backlog(lane="bulk"),
    Backlog("acme", channel="viber"),
]


def halt(pool: Pool, what: Backlog, *, minutes: float | None = None) -> None:
    with transaction(pool) as connection:
        until = None if minutes is None else clock(connection) + timedelta(minutes=minutes)
        pause(connection, what, by="anna", until=until, note=None)


def go_on(pool: Pool, what: Backlog) -> None:
    with transaction(pool) as connection:
        assert resume(connection, what, by="anna")
    wake(pool, what.account)


def claimed(sender: Sender, notification_ids: Sequence[NotificationId]) -> Sequence[Post]:
    """POSTs that were claimed so long ago that pauses are asked for anew."""
    sender.cache.fresh(sender.pool)
    act = partial(claim, sender, "acme", notification_ids, time.monotonic() - PAUSES_KNOWN.total_seconds())
    return committed_after(sender.pool, pauses.question("acme"), act).posts


def order(intake: Intake) -> list[NotificationId]:
    return planned(intake, event("order.created"))


@pytest.mark.parametrize("what", HOLDING, ids=str)
def test_what_is_paused_is_not_claimed_and_goes_once_resumed(
    intake: Intake, sender: Sender, provider: Provider, what: Backlog
) -> None:
    halt(intake.pool, what)
    ids = order(intake)
    send(sender, ids)
    held = (states(intake), provider.messages())
    go_on(intake.pool, what)
    send(sender, due(intake))

    assert held[0] in ([HELD], [("planned", None)])
    assert held[1] == []
    assert (states(intake), len(provider.messages())) == ([ACCEPTED], 1)


@pytest.mark.parametrize("what", HOLDING, ids=str)
def test_what_is_paused_once_it_is_claimed_goes_back_unposted(
    intake: Intake, sender: Sender, provider: Provider, what: Backlog
) -> None:
    posts = claimed(sender, order(intake))
    halt(intake.pool, what)

    settled = post_all(sender, posts)

    assert (settled, states(intake), provider.state()["posts"]) == (1, [HELD], 0)
    assert row(intake.pool, "SELECT outcome, body FROM attempts") == ("postponed", None)
    go_on(intake.pool, what)
    send(
        replace(sender, watch=PauseWatch()),
        due(intake, after=PAUSES_KNOWN),
    )
    assert (states(intake), len(provider.messages())) == ([ACCEPTED], 1)


def by_hand(pool: Pool) -> None:
    halt(pool, Backlog("acme"))


def trigger_by_hand(pool: Pool) -> None:
    halt(pool, Backlog("acme", trigger="order_created"))


def no_money(pool: Pool) -> None:
    with transaction(pool) as connection:
        pauses.pause(connection, "acme", Stop(ACCOUNT, "money", "worker"), now=clock(connection))


@pytest.mark.parametrize(("stop", "left"), [(by_hand, HELD), (trigger_by_hand, HELD), (no_money, ("planned", None))])
def test_what_is_paused_while_its_claim_waits_is_not_claimed(
    intake: Intake, sender: Sender, stop: Callable[[Pool], None], left: tuple[str, str | None]
) -> None:
    execute(intake.pool, "INSERT INTO rate_limits (account) VALUES ('acme')")
    sending = Thread(target=send, args=(sender, order(intake)))
    with intake.pool.connection() as other, other.transaction():
        other.execute("SELECT FROM rate_limits FOR UPDATE")
        sending.start()
        wait_until(lambda: row(intake.pool, WAITING_FOR_A_LOCK) == (1,), what="the claim waits for the pace")
        stop(intake.pool)
    sending.join()

    assert row(intake.pool, "SELECT count(*) FROM attempts") == (0,)
    assert states(intake) == [left]


@pytest.mark.parametrize("what", ELSE, ids=str)
def test_a_pause_of_something_else_holds_nothing(intake: Intake, sender: Sender, what: Backlog) -> None:
    add_account(intake.pool, "other")
    posts = claimed(sender, order(intake))
    halt(intake.pool, what)
    post_all(sender, posts)
    send(sender, order(intake))

    assert states(intake) == [ACCEPTED] * 2


@pytest.mark.parametrize("channel", ["sms", "viber"])
def test_what_goes_by_viber_first_waits_for_either_channel(intake: Intake, sender: Sender, channel: str) -> None:
    execute(intake.pool, "UPDATE accounts SET viber_sender = %s", VIBER)
    go_by(intake, "viber_then_sms")
    halt(intake.pool, Backlog("acme", channel=channel))
    send(sender, order(intake))

    assert states(intake) == [HELD]
    assert row(intake.pool, "SELECT channel FROM notifications") == ("viber_then_sms",)


def test_a_pause_ends_at_the_moment_that_was_named(intake: Intake, sender: Sender) -> None:
    halt(intake.pool, Backlog("acme", lane="urgent"), minutes=10)
    ids = order(intake)
    send(sender, ids)
    waits = row(intake.pool, "SELECT due_at = until FROM notifications, pauses")
    execute(intake.pool, "UPDATE pauses SET until = now()")
    send(
        replace(sender, watch=PauseWatch()),
        due(intake, after=timedelta(minutes=10)),
    )

    assert (waits, states(intake)) == ((True,), [ACCEPTED])
    with transaction(intake.pool) as connection:
        assert list_pauses(connection, now=clock(connection)) == []


def test_a_second_pause_changes_the_moment_and_keeps_since_when(intake: Intake) -> None:
    halt(intake.pool, Backlog("acme"), minutes=10)
    since = row(intake.pool, "SELECT since FROM pauses")
    halt(intake.pool, Backlog("acme"))
    halt(intake.pool, Backlog())
    halt(intake.pool, Backlog(), minutes=5)

    assert row(intake.pool, "SELECT since, until FROM pauses WHERE account = 'acme'") == (*since, None)
    assert row(intake.pool, "SELECT until > now() FROM pauses WHERE account IS NULL") == (True,)
    assert rows(intake.pool, "SELECT action, account, subject, before IS NULL FROM audit ORDER BY id") == [
        ("pause", "acme", "everything", True),
        ("pause", "acme", "everything", False),
        ("pause", None, "everything", True),
        ("pause", None, "everything", False),
    ]


def test_a_pause_by_hand_and_one_by_itself_end_each_by_themselves(intake: Intake, sender: Sender) -> None:
    halt(intake.pool, Backlog("acme"))
    execute(intake.pool, "INSERT INTO pauses (account, reason, since, paused_by) VALUES ('acme', 'money', now(), 'x')")
    with transaction(intake.pool) as connection:
        ended = pauses.resume(connection, "acme", now=clock(connection))
    send(sender, order(intake))

    assert (ended, states(intake)) == (["account"], [("planned", None)])
    assert rows(intake.pool, "SELECT scope FROM pauses") == [("hand",)]


def test_an_unanswered_attempt_is_not_asked_about_while_it_is_paused(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("reset_after", times=1)
    send(sender, order(intake))
    halt(intake.pool, Backlog("acme", trigger="order_created"))
    fresh = replace(sender, watch=PauseWatch())
    repeat_all(fresh, sweep(intake, after=timedelta(hours=1)))
    while_paused = (states(intake), provider.state()["posts"], row(intake.pool, "SELECT settled_at FROM attempts"))
    go_on(intake.pool, Backlog("acme", trigger="order_created"))
    repeat_all(replace(sender, watch=PauseWatch()), sweep(intake, after=timedelta(hours=2)))

    assert while_paused == ([("sending", None)], 1, (None,))
    assert (states(intake), provider.state()["posts"], len(provider.messages())) == ([ACCEPTED], 2, 1)


def test_unanswered_attempts_of_a_paused_account_are_left_alone(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("reset_after", times=1)
    send(sender, order(intake))
    halt(intake.pool, Backlog())

    assert sweep(intake, after=timedelta(hours=1)).count == 0
    execute(intake.pool, "UPDATE attempts SET key_expires_at = now()")
    assert sweep(intake).count == 1


def test_texts_of_a_paused_account_expire(intake: Intake) -> None:
    order(intake)
    halt(intake.pool, Backlog("acme"))
    execute(intake.pool, "UPDATE notifications SET expires_at = now()")

    expire(intake.pool)

    assert states(intake) == [("expired", "too_late")]


def test_what_a_pause_held_back_costs_nothing(intake: Intake, sender: Sender) -> None:
    execute(intake.pool, "UPDATE accounts SET daily_segments = 100")
    posts = claimed(sender, order(intake))
    halt(intake.pool, Backlog("acme"))
    post_all(sender, posts)

    spent = "SELECT sum(CASE WHEN is_refund THEN -segments ELSE segments END) FROM spending"
    assert row(intake.pool, spent) == (0,)


def test_of_one_request_only_what_is_paused_is_held_back(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE accounts SET post_mode = 'sendmulti'")
    posts = claimed(sender, planned(intake, event("order.created"), event("order.approved")))
    halt(intake.pool, Backlog("acme", trigger="order_created"))

    settled = post_all(sender, posts)

    assert (len(posts), settled, len(provider.messages())) == (1, 2, 1)
    assert sorted(states(intake)) == [ACCEPTED, HELD]


def test_while_pauses_cannot_be_asked_for_nothing_is_posted(intake: Intake, sender: Sender, provider: Provider) -> None:
    posts = [
        replace(post, until=post.at + LEASE_LEFT_MIN.total_seconds() + 1) for post in claimed(sender, order(intake))
    ]
    execute(intake.pool, "ALTER TABLE pauses RENAME TO gone")

    with pytest.raises(UndefinedTable):
        post_all(sender, posts)

    assert (states(intake), provider.state()["posts"]) == ([("sending", None)], 0)


def test_a_post_whose_lease_ran_low_while_pauses_were_asked_for_is_not_begun(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    left = LEASE_LEFT_MIN.total_seconds() + 0.2
    posts = [replace(post, until=time.monotonic() + left) for post in claimed(sender, order(intake))]

    class SlowWatch(PauseWatch):
        def holds(self, pool: Pool, stored: Stored) -> bool:
            time.sleep(0.3)
            return super().holds(pool, stored)

    assert post_all(replace(sender, watch=SlowWatch()), posts) == 0
    assert (states(intake), provider.state()["posts"]) == ([("sending", None)], 0)


def test_a_watch_asks_anew_once_a_second(intake: Intake, sender: Sender) -> None:
    [post] = claimed(sender, order(intake))
    seconds = 0.0
    watch = PauseWatch(lambda: seconds)

    def is_held() -> bool:
        return watch.holds(intake.pool, post.attempts[0])

    before = is_held()
    halt(intake.pool, Backlog("acme"))
    seconds = 0.9
    not_yet = is_held()
    seconds = PAUSES_KNOWN.total_seconds()

    assert (before, not_yet, is_held()) == (False, False, True)


def test_what_a_claim_held_at_the_end_of_a_pause_is_woken_too(intake: Intake, sender: Sender) -> None:
    halt(intake.pool, Backlog("acme"))
    first, second = [*order(intake), *order(intake)]
    send(sender, [first, second])
    with transaction(intake.pool) as connection:
        resume(connection, Backlog("acme"), by="anna")
    due_now = "SELECT id FROM notifications WHERE due_at <= now() ORDER BY id"

    with ThreadPoolExecutor(1) as person:
        with transaction(intake.pool) as claiming:
            claiming.execute("SELECT 1 FROM notifications WHERE id = %s FOR UPDATE", second[1:])
            woken = person.submit(let_go, intake.pool, "acme")
            wait_until(lambda: rows(intake.pool, due_now) == [first[1:]], "the first is due")
        assert woken.result() == 1

    assert rows(intake.pool, due_now) == [first[1:], second[1:]]


def test_whoever_is_gone_after_a_resume_has_its_texts_woken(
    intake: Intake, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pausing, "AT_ONCE", 2)
    halt(intake.pool, Backlog("acme"))
    send(sender, [number for _ in range(5) for number in order(intake)])
    with transaction(intake.pool) as connection:
        resume(connection, Backlog("acme"), by="anna")
    due, noted = "SELECT count(*) FROM notifications WHERE due_at <= now()", "SELECT count(*) FROM resumes"

    execute(intake.pool, "UPDATE resumes SET at = now() + interval '1 minute'")
    wake_resumed(intake.pool)
    early = (row(intake.pool, due), row(intake.pool, noted))
    execute(intake.pool, "UPDATE resumes SET at = now() - interval '2 seconds'")
    wake_resumed(intake.pool)

    assert (early, row(intake.pool, due), row(intake.pool, noted)) == (((0,), (1,)), (5,), (0,))


@pytest.mark.parametrize("what", [item for item in HOLDING if item.account])
def test_the_name_of_a_pause_says_what_it_is_of(what: Backlog) -> None:
    assert backlog_of("acme", pausing.scope(what)) == what


@pytest.mark.parametrize("name", ["hand/trigger", "hand/lane/bulk/x", "hand/person/x"])
def test_a_name_that_no_pause_has_is_of_nothing(name: str) -> None:
    assert backlog_of("acme", name) is None
