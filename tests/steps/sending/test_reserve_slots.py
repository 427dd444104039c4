import time
from collections.abc import Sequence
from functools import partial

from tests.steps.ledger import planned
from tests.support.crm import event, execute, person
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.plan import Intake
from worker.steps.sending.claim import Claim, claim
from worker.steps.sending.post import Sender
from worker.store.db.postgres import committed_after
from worker.store.sending import pauses


def claimed(sender: Sender, notification_ids: Sequence[NotificationId]) -> Claim:
    """Claimed, booked and left under way, as with a provider that never answers."""
    sender.cache.fresh(sender.pool)
    return committed_after(
        sender.pool, pauses.question("acme"), partial(claim, sender, "acme", notification_ids, time.monotonic())
    )


def test_slow_posts_of_bulk_leave_room_for_normal_and_urgent(intake: Intake, sender: Sender) -> None:
    execute(intake.pool, "UPDATE accounts SET in_flight = 5, requests_per_s = 100")
    crowd = [
        event("invoice.overdue", recipients=[person(phone=f"067{nth:07d}", firstname=f"N{nth}")]) for nth in range(9)
    ]
    bulk = planned(intake, *crowd)
    execute(intake.pool, "UPDATE notifications SET lane = 'bulk'")
    normal = planned(intake, *(event("invoice.overdue", recipients=[person(firstname=f"M{nth}")]) for nth in range(3)))
    urgent = planned(
        intake, *(event("order.created", recipients=[person("order", phone=f"050{nth:07d}")]) for nth in range(3))
    )

    claims = [claimed(sender, notification_ids) for notification_ids in (bulk, normal, urgent, urgent)]

    assert [(len(item.posts), item.held) for item in claims] == [(3, 6), (1, 2), (1, 2), (0, 2)]
