"""Each rule of claiming while accepting, shown where it alone decides."""

from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread

import pytest

from tests.steps.ledger import planned, reasons, repeat_all, states, sweep
from tests.steps.sending.straight.conftest import going, set_anew, taken
from tests.support.crm import add_account, delivery, event, execute, invoice, order, payment, person, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, WAITING_FOR_A_LOCK, wait_until
from worker import failpoint
from worker.failpoint import Boundary
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.steps.sending.straight import claim
from worker.steps.sending.straight.straight_posts import StraightPosts

SENDING = ("sending", None)
PLANNED = ("planned", None)
ACCEPTED = ("accepted", None)


def test_what_may_go_is_born_in_sending_and_posted_after_the_commit(
    straight: Intake, straight_posts: StraightPosts, provider: Provider
) -> None:
    accepted = taken(straight, event())

    assert states(straight) == [SENDING]
    assert accepted.nudges == ()
    assert provider.messages() == []

    straight_posts.take(accepted.claims)
    straight_posts.drain(PATIENCE_S)

    assert states(straight) == [ACCEPTED]
    assert rows(straight.pool, "SELECT from_state, to_state, actor FROM transitions ORDER BY id") == [
        (None, "sending", "accept"),
        ("sending", "accepted", "record"),
    ]
    assert len(provider.messages()) == 1


def test_the_first_text_of_an_account_makes_its_pace_and_is_planned(
    straight: Intake, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "PACE_LOOK_S", -1)  # which nobody can sleep: what is not there is not waited for
    execute(straight.pool, "DELETE FROM rate_limits")

    accepted = taken(straight, event())

    assert going(accepted) == []
    send(sender, [notification_id for nudge in accepted.nudges for notification_id in nudge.notification_ids])
    assert len(going(taken(straight, event()))) == 1


def test_without_threads_of_its_own_everything_is_planned(intake: Intake) -> None:
    assert taken(intake, event()).claims == ()
    assert states(intake) == [PLANNED]


def test_persons_limit_holds_for_what_others_claim_meanwhile(straight: Intake, sender: Sender) -> None:
    """The contacts of a person are asked once the account's pace is locked, on both ways."""
    execute(straight.pool, "UPDATE accounts SET person_hour_max = 1")
    ids = planned(replace(straight, straight_posts=None), event())
    held, goes_on = Event(), Event()

    def hold(boundary: Boundary) -> None:
        if boundary == "claimed_straight":
            held.set()
            assert goes_on.wait(PATIENCE_S)

    failpoint.arm(hold)
    accepting = Thread(target=taken, args=(straight, event("order.created", **order())))
    accepting.start()
    assert held.wait(PATIENCE_S)
    sending = Thread(target=send, args=(sender, ids))
    sending.start()
    wait_until(lambda: row(straight.pool, WAITING_FOR_A_LOCK) == (1,), what="the claim waits for the pace")
    goes_on.set()
    accepting.join()
    sending.join()

    assert row(straight.pool, "SELECT count(*) FROM contact_log") == (1,)


@pytest.mark.parametrize("fault", ["23514", "55P03"])
def test_a_fault_of_the_claim_costs_no_event_and_is_left_out_for_a_while(
    straight: Intake, sender: Sender, fault: str
) -> None:
    execute(straight.pool, REFUSES.format(fault))
    now = [1000.0]
    posts = StraightPosts(sender, most=64, clock=lambda: now[0])
    intake = replace(straight, straight_posts=posts)

    accepted = taken(intake, event(), event())

    assert (accepted.events, accepted.planned, reasons(straight)) == (2, 2, [])
    assert states(straight) == [PLANNED, PLANNED]
    configuration, _ = straight.cache.fresh(straight.pool)
    assert not posts.allowance(configuration, ["acme"]).posts
    now[0] += 1
    assert posts.allowance(configuration, ["acme"]).posts


#: What is wrong with attempts alone, whether it is the row's fault or not.
REFUSES = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{}'; END $$;
CREATE TRIGGER refused BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION refuse()
"""


def test_a_token_that_does_not_open_leaves_texts_planned(straight: Intake) -> None:
    execute(straight.pool, "UPDATE accounts SET token = 'x'")
    set_anew(straight)

    assert going(taken(straight, event())) == []
    assert states(straight) == [PLANNED]


def test_the_newest_record_of_the_batch_wins(straight: Intake) -> None:
    overdue = {**invoice(), "version": 1}
    paid = {**overdue, "version": 2, "status": "paid"}

    accepted = taken(
        straight,
        event("invoice.overdue", invoice=overdue),
        event("invoice.payment_recorded", invoice=paid, payment=payment(), recipients=[]),
    )

    assert going(accepted) == []
    assert states(straight) == [PLANNED]


@pytest.mark.parametrize(
    "waiting",
    [
        "UPDATE notifications SET state = 'planned'",
        "UPDATE notifications SET state = 'postponed', reason = 'paced', due_at = now() + interval '9 s'",
        "UPDATE notifications SET state = 'postponed', reason = 'failing', due_at = now() - interval '1 s'",
    ],
)
def test_nothing_goes_past_what_waits_in_its_lane(straight: Intake, waiting: str) -> None:
    planned(replace(straight, straight_posts=None), event("order.created", **order()))
    execute(straight.pool, waiting)

    assert going(taken(straight, event("order.created", **order()), event())) == []
    execute(
        straight.pool,
        "UPDATE notifications SET state = 'cancelled', reason = 'not_now', due_at = NULL WHERE lane = 'normal'",
    )
    assert len(going(taken(straight, event()))) == 1, "another lane is free"


PAUSE = "INSERT INTO pauses (account, scope, reason, since, paused_by, probe_at) VALUES {}"
FULL_PACE = "UPDATE accounts SET requests_per_s = 1"


@pytest.mark.parametrize("probe_at", ["now() - interval '1 s'", "now() + interval '1 hour'"])
def test_an_account_that_is_paused_gets_no_probe_this_way(straight: Intake, probe_at: str) -> None:
    execute(straight.pool, PAUSE.format(f"('acme', 'account', 'money', now(), 'provider', {probe_at})"))

    assert going(taken(straight, event())) == []
    assert states(straight) == [PLANNED]


@pytest.mark.parametrize("scope", ["hand", "hand/lane/normal", "trigger/invoice_payment_recorded"])
def test_what_is_paused_does_not_go(straight: Intake, scope: str) -> None:
    execute(straight.pool, PAUSE.format(f"('acme', '{scope}', 'by_hand', now(), 'operator/olena', NULL)"))

    assert going(taken(straight, event())) == []


def test_suspects_and_what_is_tried_alone_go_as_ever(straight: Intake) -> None:
    [accepted] = accept(straight, [delivery(event(), returns=3)])

    assert going(accepted) == []


def test_a_revived_text_is_claimed_by_its_nudge(straight: Intake) -> None:
    body = event("invoice.overdue")
    planned(replace(straight, straight_posts=None), body)
    execute(straight.pool, "UPDATE notifications SET state = 'cancelled', reason = 'not_overdue', due_at = NULL")
    newer = {**body["data"]["invoice"], "version": 9}

    accepted = taken(straight, event("invoice.overdue", invoice=newer))

    assert going(accepted) == []
    assert states(straight) == [PLANNED]


def test_a_text_of_an_older_record_is_renewed_by_its_claim(straight: Intake) -> None:
    newer = {**invoice(), "version": 9}
    taken(straight, event("invoice.payment_recorded", invoice=newer, payment=payment(), recipients=[]))

    assert going(taken(straight, event("invoice.overdue", invoice={**newer, "version": 2}))) == []


def test_a_slot_that_is_further_ahead_stays_unbooked(straight: Intake) -> None:
    execute(straight.pool, FULL_PACE)
    set_anew(straight)

    accepted = taken(straight, event(), event(), event())

    assert len(going(accepted)) == 1
    assert sorted(states(straight)) == [PLANNED, PLANNED, SENDING]
    assert row(straight.pool, "SELECT requests_at < now() + interval '1.1 s' FROM rate_limits") == (True,)
    assert going(taken(straight, event())) == []


def test_the_most_urgent_goes_first(straight: Intake) -> None:
    execute(straight.pool, FULL_PACE)
    set_anew(straight)

    accepted = taken(straight, event(), event("order.created", **order()))

    [number] = [number for _, number in going(accepted)]
    assert row(straight.pool, "SELECT lane FROM notifications WHERE id = %s", number) == ("urgent",)


def test_one_place_under_way_stays_free_for_urgent_texts(straight: Intake) -> None:
    execute(straight.pool, "UPDATE accounts SET in_flight = 3")
    set_anew(straight)

    accepted = taken(straight, event(), event(), event(), event("order.created", **order()))

    ids = [number for _, number in going(accepted)]
    lanes = [row(straight.pool, "SELECT lane FROM notifications WHERE id = %s", number)[0] for number in ids]
    assert sorted(lanes) == ["normal", "urgent"]


def test_a_lane_that_a_budget_has_no_room_for_goes_as_ever(straight: Intake) -> None:
    execute(straight.pool, "UPDATE accounts SET daily_segments = 2, over_budget = 'stop'")
    set_anew(straight)

    assert len(going(taken(straight, event()))) == 1
    assert row(straight.pool, "SELECT sum(segments) FROM spending") == (1,)
    assert going(taken(straight, event(), event())) == []


def test_a_trigger_that_runs_away_is_stopped_after_what_was_written(straight: Intake) -> None:
    execute(straight.pool, "UPDATE accounts SET runaway_threshold = 1")
    set_anew(straight)

    accepted = taken(straight, event(), event())

    assert len(going(accepted)) == 2
    assert [name for claim in accepted.claims for name, _ in claim.alerts] == ["trigger.stopped"]
    assert going(taken(straight, event())) == []


def test_at_most_500_phones_of_one_transaction_go(straight: Intake) -> None:
    people = [person(phone=f"+38067{number:07}", id=str(number)) for number in range(501)]
    of, by = invoice(), payment()

    accepted = taken(
        straight,
        *(event(recipients=people[first : first + 50], invoice=of, payment=by) for first in range(0, len(people), 50)),
    )

    assert len(going(accepted)) == 500
    assert [len(nudge.notification_ids) for nudge in accepted.nudges] == [1]


def test_at_most_four_accounts_of_one_transaction_go(straight: Intake) -> None:
    accounts = ["acme", *(f"account-{number}" for number in range(5))]
    for account in accounts[1:]:
        add_account(straight.pool, account)
    execute(straight.pool, "INSERT INTO rate_limits (account) SELECT id FROM accounts WHERE id <> 'acme'")

    accepted = taken(straight, *(event(account=account) for account in accounts))

    assert len(accepted.claims) == 4
    assert (accepted.sending, accepted.planned) == (4, 2)


def test_nothing_is_posted_whose_commit_failed(
    straight: Intake, straight_posts: StraightPosts, provider: Provider
) -> None:
    execute(straight.pool, LATE_FAULT)

    [accepted] = accept(straight, [delivery(event())])
    straight_posts.take(accepted.claims)
    straight_posts.drain(PATIENCE_S)

    assert states(straight) == [PLANNED]
    assert provider.messages() == []


#: What is found at the commit alone.
LATE_FAULT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM notifications WHERE id = NEW.id) = 'sending' THEN
        RAISE EXCEPTION 'not now' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON notifications DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION refuse()
"""


def test_a_process_that_ends_claims_nothing_more(straight: Intake, ending: Event) -> None:
    ending.set()

    assert going(taken(straight, event())) == []


def test_a_killed_process_delays_what_it_claimed_by_its_lease(
    straight: Intake, sender: Sender, provider: Provider
) -> None:
    taken(straight, event())

    repeat_all(sender, sweep(straight, after=timedelta(minutes=2)))

    assert states(straight) == [ACCEPTED]
    assert len(provider.messages()) == 1


def test_what_finds_no_thread_is_planned_and_one_is_kept_for_urgent(straight: Intake, sender: Sender) -> None:
    posts = StraightPosts(sender, most=6)

    accepted = taken(replace(straight, straight_posts=posts), event(), event(), event())

    assert len(going(accepted)) == 2
    assert [len(nudge.notification_ids) for nudge in accepted.nudges] == [1]


def test_threads_of_one_batch_are_not_given_to_another(straight: Intake, sender: Sender) -> None:
    posts, (configuration, _) = StraightPosts(sender, most=4), straight.cache.fresh(straight.pool)
    first, second = posts.allowance(configuration, ["acme"]), posts.allowance(configuration, ["acme"])

    assert (first.posts, second.posts) == (2, 2)
    assert posts.allowance(configuration, ["acme"]).posts == 0
    posts.written(first, ())
    assert posts.allowance(configuration, ["acme"]).posts == 2


def test_a_text_is_of_the_moment_of_its_event_whenever_it_is_claimed(straight: Intake) -> None:
    taken(straight, event())

    assert row(
        straight.pool, "SELECT count(*) FROM notifications AS n, events AS e WHERE n.created_at = e.received_at"
    ) == (1,)


def test_only_lanes_that_the_process_sends_go_at_once(straight: Intake, sender: Sender) -> None:
    posts = StraightPosts(sender, most=64, lanes=["urgent"])

    accepted = taken(replace(straight, straight_posts=posts), event(), event("order.created", **order()))

    assert [lane_of(straight, number) for _, number in going(accepted)] == ["urgent"]


def lane_of(intake: Intake, number: int) -> str:
    return str(row(intake.pool, "SELECT lane FROM notifications WHERE id = %s", number)[0])
