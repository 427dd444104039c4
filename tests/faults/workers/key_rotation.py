"""The secret key is rotated under load, to and fro, beside processes that have the old key alone."""

from dataclasses import replace
from typing import Any

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.receipts.receipts import judged, reporting, until_true, wait_for_reports
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import SECRET, row
from tests.support.waiting import wait_until
from worker.steps.operate.key_state import UNOPENED
from worker.steps.operate.rotate_key import rotate_key
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import transaction

NEW = "the key of the next year"
PACE = 40.0
#: Events after each rotation, sent by those who have both keys alone.
BETWEEN = 60
COUNTED = "SELECT coalesce(sum(tries), 0), (SELECT count(*) FROM dead_letters) FROM notifications"


def rotated(stage: Stage, runs: int) -> Result:
    """Two workers, a scheduler and a console lack the newest key after every other rotation; nothing of it fails."""
    with reporting(stage) as (fleet, _):
        behind = len(fleet.slots)
        for role in ("worker", "scheduler"):
            fleet.add(role, SMS_SECRET_KEY=f"{NEW},{SECRET}")
        fleet.wait_ready()
        load = stage.publish(stage.events.stream(), pace=PACE)
        for nth in range(runs):
            until_more_came(stage, BETWEEN)
            keys = (NEW, SECRET) if nth % 2 == 0 else (SECRET, NEW)
            with transaction(stage.pool) as connection:
                assert rotate_key(connection, Seal(keys)).resealed["token"], "something was sealed anew"
            count = behind * (nth // 2 + 1)
            wait_until(lambda number=count: len(alerts(fleet)) >= number, "whoever lacks the key says so")
        until_more_came(stage, BETWEEN)
        load.finish()
        assert stage.rest().came, "it came to rest"
        wait_for_reports(stage)
        until_true(stage)
        alerted = len(alerts(fleet))
        result = judged(stage, stage.result(fleet, runs=runs, since=moment()))
    tries, dead_letters = row(stage.pool, COUNTED)
    figures = {**result.figures, "alerts": alerted, "row tries": tries, "dead letters": dead_letters}
    faults = [f"{tries} tries were counted"] if tries else []
    faults += [f"{dead_letters} dead letters"] if dead_letters else []
    faults += [f"{alerted} alerts of {behind} processes"] if alerted != behind * ((runs + 1) // 2) else []
    return faulted(replace(result, figures=figures), faults)


def alerts(fleet: Fleet) -> list[dict[str, Any]]:
    """What the processes logged of a key that does not open."""
    return fleet.log_lines(UNOPENED)
