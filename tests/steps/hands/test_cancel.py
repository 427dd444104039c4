import time
from collections import Counter
from functools import partial

from tests.steps.ledger import planned, states
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.hands.chosen import Chosen
from worker.core.history.filters import Filter, Subject
from worker.core.sending.nudge import NotificationId
from worker.steps.hands.cancel import cancel
from worker.steps.hands.in_parts import in_parts
from worker.steps.ingest.plan import Intake
from worker.steps.sending.claim import claim
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.db.postgres import Pool, committed_after, transaction
from worker.store.hands import chosen
from worker.store.sending import pauses

BY_ANNA = partial(cancel, by="anna")
CANCELLED = ("cancelled", "by_hand")


def orders(intake: Intake, count: int) -> list[NotificationId]:
    return [*planned(intake, *(event("order.created") for _ in range(count)))]


def waiting(pool: Pool, **wanted: object) -> tuple[Chosen, Chosen]:
    with transaction(pool) as connection:
        return chosen.waiting(connection, Filter(**{"account": "acme", **wanted}))  # pyright: ignore[reportArgumentType]


def test_only_what_was_shown_is_cancelled(intake: Intake, sender: Sender, provider: Provider) -> None:
    orders(intake, 3)
    shown, _ = waiting(intake.pool, triggers=("order_created",))
    later = orders(intake, 1) + planned(intake, event("order.approved"))
    done = in_parts(intake.pool, shown, BY_ANNA)
    send(sender, later)

    assert (len(shown), done.counts, done.left) == (3, Counter(cancelled=3), 0)
    assert (states(intake), len(provider.messages())) == ([CANCELLED] * 3 + [("accepted", None)] * 2, 2)
    assert row(intake.pool, "SELECT done_by, action, account, subject FROM audit") == (
        "anna",
        "cancel",
        "acme",
        "3 texts",
    )
    assert rows(intake.pool, "SELECT DISTINCT actor FROM transitions WHERE to_state = 'cancelled'") == [
        ("operator/anna",)
    ]


def test_what_was_shown_is_priced_and_dated(intake: Intake) -> None:
    orders(intake, 2)
    execute(intake.pool, "UPDATE accounts SET segment_price = 0.95")
    execute(intake.pool, "UPDATE notifications SET segments = 2")
    shown, _ = waiting(intake.pool)
    with transaction(intake.pool) as connection:
        prices = chosen.prices_of(connection, shown)

    cost = shown.cost(prices)
    assert (str(cost.cost), cost.segments) == ("3.8000", 4)
    assert (shown.oldest, shown.newest) == row(
        intake.pool, "SELECT min(created_at), max(created_at) FROM notifications"
    )
    assert shown.count_by("trigger") == {"order_created": 2}


def test_what_is_on_its_way_is_named_and_left_alone(intake: Intake, sender: Sender) -> None:
    ids = planned(intake, *(event("order.created") for _ in range(2)))
    sender.cache.fresh(sender.pool)
    act = partial(claim, sender, "acme", ids[:1], time.monotonic())
    committed_after(sender.pool, pauses.question("acme"), act)

    shown, under_way = waiting(intake.pool)
    with transaction(intake.pool) as connection:
        counts = cancel(connection, "acme", ids, by="anna")

    assert (len(shown), len(under_way)) == (1, 1)
    assert counts == Counter(cancelled=1, sending=1)


def test_what_went_on_meanwhile_is_counted_and_left_alone(intake: Intake, sender: Sender) -> None:
    ids = planned(intake, *(event("order.created") for _ in range(2)))
    shown, _ = waiting(intake.pool)
    send(sender, ids[:1])

    done = in_parts(intake.pool, shown, BY_ANNA)

    assert done.counts == Counter(cancelled=1, accepted=1)


def test_a_dry_run_decides_everything_and_keeps_nothing(intake: Intake) -> None:
    orders(intake, 2)
    shown, _ = waiting(intake.pool)

    done = in_parts(intake.pool, shown, BY_ANNA, dry_run=True)

    assert (done.counts, states(intake)) == (Counter(cancelled=2), [("planned", None)] * 2)
    assert rows(intake.pool, "SELECT * FROM audit") == []


def test_what_is_stopped_leaves_whole_parts_and_says_what_is_left(intake: Intake) -> None:
    planned(intake, *(event("order.created") for _ in range(2)), event("order.approved"))
    shown, _ = waiting(intake.pool)
    parts: list[int] = []

    done = in_parts(intake.pool, shown, BY_ANNA, is_stopped=lambda: bool(parts), on_part=parts.append)

    assert (sum(parts) + done.left, done.left > 0) == (3, True)
    assert states(intake).count(CANCELLED) == sum(parts) == done.counts["cancelled"]


def test_a_filter_finds_a_persons_backlog_alone(intake: Intake) -> None:
    planned(intake, event("order.created", recipients=[person("order", id="1")]))
    planned(intake, event("order.created", recipients=[person("order", "0501112233", id="2")]))

    shown, _ = waiting(intake.pool, recipient=Subject("order", "2"))
    in_parts(intake.pool, shown, BY_ANNA)

    assert rows(intake.pool, "SELECT recipient_id FROM notifications WHERE state = 'cancelled'") == [("2",)]


def test_a_cancelled_fact_may_come_again_corrected(intake: Intake) -> None:
    body = event("order.created")
    planned(intake, body)
    in_parts(intake.pool, waiting(intake.pool)[0], BY_ANNA)

    planned(intake, {**body, "id": "corrected"})

    assert states(intake) == [("planned", None)]
