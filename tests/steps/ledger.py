"""The ledger as the tests of steps drive it."""

from __future__ import annotations

from datetime import timedelta

from tests.crm import delivery, event, execute, rows
from worker.core.delivery import Delivery
from worker.core.nudge import Place
from worker.steps.accept import accept
from worker.steps.plan import Accepted, Intake
from worker.steps.post import Sender
from worker.steps.release import Released, release
from worker.steps.repeat import repeat


def planned(intake: Intake, *events: dict[str, object]) -> list[Place]:
    accepted = accept(intake, [delivery(one) for one in events or (event("invoice.overdue"),)])
    return [place for part in accepted for nudge in part.nudges for place in nudge.places]


def states(intake: Intake) -> list[tuple[str, str | None]]:
    return [(found[0], found[1]) for found in rows(intake.pool, "SELECT state, reason FROM notifications ORDER BY id")]


def sweep(intake: Intake, *, after: timedelta = timedelta()) -> Released:
    """Let time pass, as far as the rows can tell, and look for what is due."""
    execute(intake.pool, "UPDATE notifications SET due_at = due_at - %s WHERE due_at IS NOT NULL", after)
    execute(intake.pool, "UPDATE attempts SET leased_until = leased_until - %s WHERE settled_at IS NULL", after)
    return release(intake.pool, lambda _lane: 0)


def repeat_all(sender: Sender, released: Released) -> None:
    for handed_over in released.handed_over.values():
        repeat(sender, handed_over)


def accept_one(intake: Intake, *deliveries: Delivery) -> Accepted:
    accepted = accept(intake, deliveries)
    assert len(accepted) == 1
    return accepted[0]


def reasons(intake: Intake) -> list[str]:
    return [found[0] for found in rows(intake.pool, "SELECT reason FROM dead_letters ORDER BY id")]
