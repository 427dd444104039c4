"""Notifications in a ledger, and what a search knows of them."""

from datetime import timedelta
from typing import Any

from tests.support.crm import delivery, event, execute, person
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.store.db.postgres import Pool

OLD = timedelta(minutes=10)


def planned(intake: Intake, *names: str, **data: Any) -> None:
    """A notification for each of these first names, in their order, in a batch of its own."""
    for name in names:
        accept(intake, [delivery(event("order.created", recipients=[person("order", firstname=name)], **data))])


def age(pool: Pool, span: timedelta = OLD) -> None:
    """Let time go by for all that is planned."""
    execute(pool, "UPDATE notifications SET created_at = created_at - %s", span)


def entered(pool: Pool, *, batch: int = 1_000) -> int:
    age(pool)
    return fill_search_index(pool, batch=batch)
