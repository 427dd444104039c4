"""The ledger as the tests of steps drive it."""

from dataclasses import replace
from datetime import timedelta

import psycopg

from tests.support.crm import delivery, event, execute, row, rows
from worker.core.contract.inbound_message import Delivery
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Accepted, Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.retry_unknown import repeat
from worker.steps.upkeep.sweeper import Released, release, rescue
from worker.store.db.postgres import Pool


def planned(intake: Intake, *events: dict[str, object]) -> list[NotificationId]:
    accepted = accept(intake, [delivery(item) for item in events or (event("invoice.overdue"),)])
    return [notification_id for part in accepted for nudge in part.nudges for notification_id in nudge.notification_ids]


def states(intake: Intake) -> list[tuple[str, str | None]]:
    found = rows(intake.pool, "SELECT state, reason FROM notifications ORDER BY id")
    return [(state, reason) for state, reason in found]


#: Everything in the ledger that is compared with now, but for when a text is no longer wanted or its key forgotten.
MOMENTS = """
UPDATE notifications SET due_at = due_at - %(after)s WHERE due_at IS NOT NULL;
UPDATE provider_messages SET ask_at = ask_at - %(after)s WHERE ask_at IS NOT NULL;
UPDATE attempts SET leased_until = leased_until - %(after)s, post_until = post_until - %(after)s
WHERE settled_at IS NULL;
UPDATE pauses SET probe_at = probe_at - %(after)s;
UPDATE contact_log SET at = at - %(after)s;
UPDATE rate_limits
SET
    requests_at = requests_at - %(after)s, segments_at = segments_at - %(after)s,
    slowed_until = slowed_until - %(after)s, urgent_queue_end = urgent_queue_end - %(after)s,
    normal_queue_end = normal_queue_end - %(after)s, bulk_queue_end = bulk_queue_end - %(after)s;
"""


def pass_time(pool: Pool, after: timedelta) -> None:
    """Let time pass for the rows: move their times into the past."""
    with pool.connection() as connection:
        psycopg.ClientCursor(connection).execute(MOMENTS, {"after": after})


def sweep(intake: Intake, *, after: timedelta = timedelta()) -> Released:
    """Let time pass, and look for what is due."""
    pass_time(intake.pool, after)
    rescued, released = rescue(intake.pool, nothing_lies), release(intake.pool, nothing_lies)
    return replace(released, handed_over=rescued.handed_over)


def nothing_lies(_lane: str) -> int:
    """Every send queue is empty."""
    return 0


def repeat_all(sender: Sender, released: Released) -> None:
    for handed_over in released.handed_over.values():
        repeat(sender, handed_over)


def accept_batch(intake: Intake, *deliveries: Delivery) -> Accepted:
    accepted = accept(intake, deliveries)
    assert len(accepted) == 1
    return accepted[0]


def reasons(intake: Intake) -> list[str]:
    return [reason for (reason,) in rows(intake.pool, "SELECT reason FROM dead_letters ORDER BY id")]


JOB_LETTER = """
INSERT INTO dead_letters (
    kind, reason, detail, account, notification_month, notification, size, hash, head, created_at, last_at
)
SELECT 'job', 'failing', 'x', account, month, id, 1, 'x', 'x', now(), now() FROM notifications WHERE resend_of IS NULL
"""


def job_letter(intake: Intake) -> int:
    """The letter of a text that kept failing; each of those that were sent for the first time gets one."""
    execute(intake.pool, JOB_LETTER)
    return row(intake.pool, "SELECT max(id) FROM dead_letters")[0]
