"""What goes on around the workers: the CRM speaks, people make up their minds, money comes and goes."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from tests.story.crm_events import CrmEvent, changed, event_body, record_of
from tests.story.environment import RICH
from tests.story.final_states import Happened
from tests.story.workers import Workers
from tests.support.crm import Json, execute
from worker.core.sending.pause import ACCOUNT, Stop, of_trigger
from worker.steps.operate.resolve_unconfirmed import resend
from worker.steps.operate.resume import resume
from worker.steps.upkeep.sweeper import expire
from worker.store.db.postgres import clock, transaction
from worker.store.sending import pauses

SUPPRESS = """
INSERT INTO suppressions (account, recipient_key, reason, source, since)
VALUES (%s, %s, 'opt_out', 'client', clock_timestamp()) ON CONFLICT DO NOTHING
"""

Change = Literal[
    "record_is_edited",
    "record_is_cancelled",
    "somebody_opts_out",
    "account_is_stopped",
    "trigger_is_stopped",
    "account_goes_on",
    "money_is_gone",
    "money_is_back",
    "what_came_too_late_expires",
    "a_person_would_rather_tell_twice",
]


@dataclass
class World:
    """The events of the CRM so far, and the workers that consume them."""

    workers: Workers
    happened: Happened
    events: list[Json] = field(default_factory=list[Json])
    version: int = 1

    def publish(self, crm_event: CrmEvent) -> None:
        self.events.append(event_body(crm_event))
        self.workers.accept(self.events[-1])

    def change(self, change: Change, account: str, nth: int) -> None:
        match change:
            case "record_is_edited":
                self.edit("open", nth)
            case "record_is_cancelled":
                self.edit("cancelled", nth)
            case "somebody_opts_out":
                self.opt_out(nth)
            case "money_is_gone":
                self.happened.codes.add(203)
                self.workers.stage.refill(Decimal())
            case "money_is_back":
                self.workers.stage.refill(RICH)
            case "what_came_too_late_expires":
                expire(self.workers.stage.pool)
            case _:
                self.decide(change, account)

    def edit(self, status: str, nth: int) -> None:
        """One of the CRM's records has a new number."""
        if self.events:
            self.version += 1
            body = changed(self.events[nth % len(self.events)], status=status, version=self.version)
            self.happened.cancelled |= {record_of(body)} if status == "cancelled" else set()
            self.workers.accept(body)

    def opt_out(self, nth: int) -> None:
        rows = list(self.workers.stage.look().rows.values())
        if rows:
            row = rows[nth % len(rows)]
            self.happened.suppressed.add((row.account, row.recipient_key))
            execute(self.workers.stage.pool, SUPPRESS, row.account, row.recipient_key)

    def decide(self, change: Change, account: str) -> None:
        """What operators do."""
        rows = self.workers.stage.look().rows
        with transaction(self.workers.stage.pool) as connection:
            if change == "account_goes_on":
                resume(connection, account, by="story")
            elif change == "a_person_would_rather_tell_twice":
                resend(
                    connection,
                    [notification_id for notification_id, row in rows.items() if row.state == "unconfirmed"],
                    by="anna",
                )
            else:
                scope = ACCOUNT if change == "account_is_stopped" else of_trigger("invoice_overdue_notice")
                pauses.pause(connection, account, Stop(scope, "by_hand", "anna"), now=clock(connection))
