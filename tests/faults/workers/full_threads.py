"""A worker whose threads are full of POSTs: it accepts all the same, and plans what it cannot send."""

from dataclasses import replace

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.row import Result
from tests.faults.workers.process_ends import faulted
from tests.support.crm import row
from tests.support.waiting import wait_until

BURST, LATENCY_MS = 200, 300
#: Of three accounts: more than a worker's threads may have under way, and not so many that they wait out their lease.
IN_FLIGHT = 12
#: The first text of an account makes its pace.
FIRST = 12
WAITING = "SELECT count(*) FROM notifications WHERE state IN ('planned', 'postponed', 'sending')"
EVENTS = "SELECT count(*) FROM events"
PLANNED_FIRST = "SELECT count(*) FROM transitions WHERE from_state IS NULL AND to_state = 'planned'"
STRAIGHT = "SELECT count(*) FROM transitions WHERE from_state IS NULL AND to_state = 'sending'"


def full_threads(stage: Stage, runs: int) -> Result:
    """Each burst is more than the threads of its worker take at once."""
    stage.set_accounts("in_flight", IN_FLIGHT)
    stage.provider.settings(latency_ms=LATENCY_MS)
    most = 0
    with stage.fleet(workers=1) as fleet:
        for burst in (FIRST, *([BURST] * runs)):
            before = row(stage.pool, EVENTS)[0]
            stage.publish(stage.events.stream(burst)).wait()
            wait_until(lambda wanted=before + burst: row(stage.pool, EVENTS)[0] >= wanted, "all events are accepted")
            most = max(most, stage.provider.state()["in_flight"])
            wait_until(lambda: row(stage.pool, WAITING) == (0,), "all is sent")
        result = stage.result(fleet, runs=runs, since=moment())
    planned, straight = row(stage.pool, PLANNED_FIRST)[0], row(stage.pool, STRAIGHT)[0]
    result = replace(result, figures={"at once": straight, "planned": planned, "POSTs under way": most})
    return faulted(result, [] if planned and straight else ["its threads were never full, or never free"])
