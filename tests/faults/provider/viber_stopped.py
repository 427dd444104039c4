"""A Viber sender that may no longer write: Viber stops, an alert for each account, and the SMS goes all the same."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.faults.harness.environment import ACCOUNTS, Stage, moment
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.provider.refusals import FLOWING, PACE, changed
from tests.faults.provider.wrong_answers import EVENTS, dead_letters
from tests.faults.receipts.hybrids import VIBER, by_viber_first
from tests.faults.workers.process_ends import faulted
from tests.support.crm import row
from tests.support.waiting import wait_until
from worker.steps.operate.resume import resume
from worker.store.db.postgres import transaction

STOPPED = "SELECT count(*) FROM pauses WHERE scope = 'viber'"
GIVEN = changed(viber_senders=[VIBER], inactive_viber_senders=[], test_viber_senders=[])
WANTS: Mapping[str, Callable[[Stage], None]] = {
    "not active": changed(inactive_viber_senders=[VIBER]),
    "taken away": changed(viber_senders=[]),
    "for tests only": changed(test_viber_senders=[VIBER], own_number="380501112233"),
}


def viber_in_want(stage: Stage, _runs: int) -> Result:
    """Each want in turn under load; between them a person lets Viber go on."""
    by_viber_first(stage)
    faults: list[str] = []
    figures: dict[str, object] = {}
    with stage.fleet() as fleet:
        for name, take in WANTS.items():
            alerts = wanted(stage, fleet, take)
            figures[name] = dict(Counter(message["channel"] for message in stage.provider.messages()))
            faults += [f"{name}: {alerts} alerts"] if alerts != len(ACCOUNTS) else []
        result = stage.result(fleet, runs=len(WANTS), since=moment())
    dead = dead_letters(stage)
    faults += [f"{dead} dead letters"] if dead else []
    return faulted(replace(result, figures={**result.figures, **figures}), faults)


def wanted(stage: Stage, fleet: Fleet, take: Callable[[Stage], None]) -> int:
    """A lack that begins under load; how many alerts there were once everything was sent."""
    GIVEN(stage)
    with transaction(stage.pool) as connection:
        for account in ACCOUNTS:
            resume(connection, account, ["viber"], by="tests")
    alerts, flowing = len(fleet.log_lines("viber.stopped")), stage.provider.state()["created"] + FLOWING
    stage.publish(stage.events.stream(EVENTS), pace=PACE)
    wait_until(lambda: stage.provider.state()["created"] >= flowing, "messages flow")
    take(stage)
    wait_until(lambda: row(stage.pool, STOPPED)[0] == len(ACCOUNTS), "Viber is paused everywhere")
    assert stage.rest().came, "it came to rest"
    return len(fleet.log_lines("viber.stopped")) - alerts
