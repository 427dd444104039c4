"""The same batch, claimed while it is accepted, or by its nudges: accounts together, or each by itself.

Every way leaves the same rows, requests, pace and money.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.steps.sending.straight.conftest import set_anew
from tests.steps.sending.straight.unforgiving_posts import UnforgivingPosts
from tests.support.crm import Json, add_account, delivery, event, execute, person, row, rows
from tests.support.tries import tries
from worker.core.lanes import LANES
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Accepted, Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import claim_safely
from worker.steps.sending.together.rounds import Parts, claim_safely_together
from worker.store.db.postgres import transaction
from worker.store.sending import claims

PEOPLE = tuple(f"+38067000000{number}" for number in range(4))


@dataclass(frozen=True)
class Fact:
    """An event for these people of an account; what is urgent is an order, and the number makes the text."""

    account: str
    is_urgent: bool
    people: frozenset[int]
    number: int


@dataclass(frozen=True)
class Setting:
    """How both accounts are set.

    A second request goes at once or in more than a minute, so that it does not matter how fast this machine is.
    """

    mode: str
    requests_per_s: float
    in_flight: int
    budget: int | None
    hour_max: int
    same_text: str


FACTS = st.lists(
    st.builds(
        Fact,
        st.sampled_from(["acme", "bravo"]),
        st.booleans(),
        st.frozensets(st.integers(0, 3), min_size=1, max_size=3),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=6,
)
SETTINGS = st.builds(
    Setting,
    st.sampled_from(["send", "sendmulti"]),
    st.sampled_from([1000.0, 1000.0, 0.01]),
    st.sampled_from([1, 2, 3, 50]),
    st.sampled_from([None, None, 1, 4]),
    st.sampled_from([1, 2, 30]),
    st.sampled_from(["0", "10 minutes"]),
)

EMPTY = """
DELETE FROM events; DELETE FROM event_keys; DELETE FROM records; DELETE FROM notifications;
DELETE FROM notification_keys; DELETE FROM transitions; DELETE FROM attempts; DELETE FROM pauses;
DELETE FROM contact_log; DELETE FROM hourly_volumes;
DELETE FROM spending; DELETE FROM alerts; DELETE FROM rate_limits; DELETE FROM dead_letters;
INSERT INTO rate_limits (account) SELECT id FROM accounts
"""
SET = """
UPDATE accounts
SET
    post_mode = %s, requests_per_s = %s, in_flight = %s, daily_segments = %s, over_budget = 'stop', multi_max = 3,
    person_hour_max = %s, same_text = %s::interval
"""
ROWS = """
SELECT account, lane, phone, text, state, reason, tries, viber_fallback FROM notifications
ORDER BY account, lane, phone, text, state, reason
"""
REQUESTS = """
SELECT
    n.account, n.lane, n.phone, a.mode, a.is_probe, a.row_segments, a.row_cost, a.body,
    a.leased_until - a.created_at, a.key_expires_at - a.created_at, a.settled_at
FROM notifications AS n
INNER JOIN attempts AS a ON n.attempt_month = a.month AND n.attempt = a.key AND n.id = ANY(a.row_ids)
"""
COUNTS = """
SELECT 'contact', account, encode(recipient_key, 'hex'), encode(text_hash, 'hex'), 1::numeric FROM contact_log
UNION ALL SELECT 'hour', account, trigger, '', sent FROM hourly_volumes
UNION ALL SELECT 'spent', account, trigger, is_refund::text, segments FROM spending
UNION ALL SELECT 'pause', account, scope, reason, 1 FROM pauses
UNION ALL SELECT 'alert', account, name, '', 1 FROM alerts
UNION ALL SELECT 'letter', account, reason, '', 1 FROM dead_letters
ORDER BY 1, 2, 3, 4
"""
BORN_SENDING = "SELECT count(*) FROM transitions WHERE from_state IS NULL AND to_state = 'sending'"
#: Who was planned and then sent has one move more than who was sent at once.
MOVES = """
SELECT n.account, n.lane, n.phone, n.text, m.to_state, m.reason FROM transitions AS m
INNER JOIN notifications AS n ON m.month = n.month AND m.notification = n.id
WHERE m.to_state <> 'planned'
ORDER BY n.account, n.lane, n.phone, n.text, m.to_state, m.reason
"""
PACE = """
SELECT
    account, slowdown, (SELECT count(DISTINCT post) FROM attempts AS a WHERE a.account = r.account),
    round(extract(epoch FROM requests_at - now()) / 50), round(extract(epoch FROM normal_queue_end - now()) / 50),
    round(extract(epoch FROM urgent_queue_end - now()) / 50)
FROM rate_limits AS r
ORDER BY account
"""


def test_both_ways_decide_alike(intake: Intake, sender: Sender) -> None:
    add_account(intake.pool, "bravo")
    straight, at_once = replace(intake, straight_posts=UnforgivingPosts(sender)), list[int]()

    @given(FACTS, SETTINGS)
    @settings(
        max_examples=tries(25),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def decide_alike(facts: list[Fact], setting: Setting) -> None:
        bodies = [body_of(fact) for fact in facts]
        prepare(straight, setting)
        by_claims = outcome(straight, sender, bodies)
        at_once.append(row(intake.pool, BORN_SENDING)[0])
        assert by_claims == outcome(intake, sender, bodies)

    decide_alike()
    assert sum(at_once) > len(at_once), "most went at once"


def test_accounts_claimed_together_or_alone_decide_alike(intake: Intake, sender: Sender) -> None:
    add_account(intake.pool, "bravo")
    went = list[int]()

    @given(FACTS, SETTINGS)
    @settings(
        max_examples=tries(25),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def decide_alike(facts: list[Fact], setting: Setting) -> None:
        bodies = [body_of(fact) for fact in facts]
        prepare(intake, setting)
        together = outcome(intake, sender, bodies, partial(claim_crowd, went))
        assert together == outcome(intake, sender, bodies)

    decide_alike()
    assert sum(went) > 0, "some went together"


def prepare(intake: Intake, setting: Setting) -> None:
    execute(
        intake.pool,
        SET,
        *(setting.mode, setting.requests_per_s, setting.in_flight, setting.budget, setting.hour_max, setting.same_text),
    )
    set_anew(intake)


def outcome(
    intake: Intake, sender: Sender, bodies: Iterable[Json], claim: Callable[[Sender, Parts], None] | None = None
) -> dict[str, Any]:
    """What stands in the ledger once the batch is accepted and everything that may be claimed is."""
    execute(intake.pool, EMPTY)
    accepted = accept(intake, [delivery(body) for body in bodies])
    claim_all(sender, accepted, claim or claim_each)
    made = rows(intake.pool, ROWS)
    requests = [(*row[:7], *parts_of(row[7]), *row[8:]) for row in rows(intake.pool, REQUESTS)]
    return {
        "rows": made,
        "requests": sorted(requests, key=repr),
        "counts": rows(intake.pool, COUNTS),
        "moves": rows(intake.pool, MOVES),
        "pace": rows(intake.pool, PACE),
    }


def claim_all(sender: Sender, accepted: Iterable[Accepted], claim: Callable[[Sender, Parts], None]) -> None:
    order = list(LANES)
    for nudge in sorted((nudge for part in accepted for nudge in part.nudges), key=lambda each: order.index(each.lane)):
        with transaction(sender.pool) as connection:
            parts = claims.by_account(claims.whose(connection, nudge.notification_ids))
        claim(sender, parts)


def claim_each(sender: Sender, parts: Parts) -> None:
    for account, its in parts.items():
        claim_safely(sender, account, its)


def claim_crowd(went: list[int], sender: Sender, parts: Parts) -> None:
    """Claim accounts together, and then each whose rows are not all gone."""
    together = claim_safely_together(sender, "urgent", parts)
    went.append(sum(claim.rows for claim in together.claims))
    claim_each(sender, {account: its for account, its in parts.items() if account not in together.over})


def parts_of(body: bytes) -> tuple[object, ...]:
    sent = orjson.loads(body)
    return sent["sms"]["text"], sent["sms"]["sender"]


def body_of(fact: Fact) -> Json:
    people = [person("order" if fact.is_urgent else "contact", PEOPLE[n], id=str(n)) for n in sorted(fact.people)]
    if fact.is_urgent:
        number = f"O{fact.number}"
        body = event("order.created", account=fact.account, recipients=people)
        return {**body, "data": {**body["data"], "order": {**body["data"]["order"], "number": number}}}
    body = event(account=fact.account, recipients=people)
    return {**body, "data": {**body["data"], "invoice": {**body["data"]["invoice"], "number": f"I{fact.number}"}}}
