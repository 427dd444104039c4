"""Admins who edit and delete while notifications wait: what is planned stays as it was, what comes is as it is now."""

from dataclasses import replace

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import Publication
from tests.faults.harness.row import Result
from tests.faults.verdict.evidence import messages
from tests.faults.workers.process_ends import faulted
from tests.support.crm import execute, row
from tests.support.waiting import wait_until

EACH = 20
EVENT_TYPES = ("order.created", "order.approved", "invoice.overdue", "invoice.payment_recorded")
EDITED, *OTHERS = EVENT_TYPES
OLD, NEW = "прийнято", "Змінено"

HOLD = (
    "INSERT INTO pauses (account, scope, reason, since, paused_by) VALUES ('acme', 'account', 'by_hand', now(), 'us')"
)
PLANNED = "SELECT count(*) FROM notifications WHERE state IN ('planned', 'postponed')"
RESUME = "DELETE FROM pauses"
EDIT = """
INSERT INTO template_versions (template, version, text, author, created_at)
SELECT t.id, 1 + max(v.version), 'Змінено: {stock_orders_number_order_id}', 'editor', now()
FROM templates AS t INNER JOIN template_versions AS v ON t.id = v.template
WHERE t.account = 'acme' AND t.trigger = 'order_created' GROUP BY t.id
"""
DELETE_TEMPLATE = "DELETE FROM templates WHERE account = 'acme' AND trigger = 'order_approved'"
SWITCH_OFF = "UPDATE triggers SET switched_on = FALSE WHERE account = 'acme' AND trigger = 'invoice_overdue_notice'"
DELETE_TRIGGER = "DELETE FROM triggers WHERE account = 'acme' AND trigger = 'invoice_payment_recorded'"
OFF = "SELECT count(*) FROM events WHERE outcome = 'switched_off'"


def edited(stage: Stage, _runs: int) -> Result:
    """One template edited, one deleted, one trigger switched off, one deleted, with texts of each waiting."""
    waiting = [publication for type_ in EVENT_TYPES for publication in several(stage, type_)]
    later = [publication for type_ in EVENT_TYPES for publication in several(stage, type_)]
    with stage.fleet() as fleet:
        execute(stage.pool, HOLD)
        stage.publish(waiting).wait()
        wait_until(lambda: row(stage.pool, PLANNED)[0] == len(waiting), "all of them wait")
        for statement in (EDIT, DELETE_TEMPLATE, SWITCH_OFF, DELETE_TRIGGER, RESUME):
            execute(stage.pool, statement)
        # Without a row in the evidence the checker takes a message for an unwanted one.
        stage.publish(
            publication if EDITED in publication.routing_key else replace(publication, phones=())
            for publication in later
        )
        result = stage.result(fleet, runs=len(waiting), since=moment())
    [off], texts = row(stage.pool, OFF), [message.text for message in messages(stage.provider)]
    old, new = (sum(item in text for text in texts) for item in (OLD, NEW))
    figures = {"sent with the old text": old, "with the new text": new, "switched off": off}
    expected = {"sent with the old text": EACH, "with the new text": EACH, "switched off": EACH * len(OTHERS)}
    return faulted(replace(result, figures=figures), [] if figures == expected else [f"{figures}, not {expected}"])


def several(stage: Stage, event_type: str) -> list[Publication]:
    """Events of a type, of acme."""
    return list(stage.events.stream(EACH, event_type=event_type, account="acme", people=1))
