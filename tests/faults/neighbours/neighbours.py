"""Two accounts of an installation, one of them hostile: how long the other's urgent texts take beside it."""

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from math import ceil

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import Publication
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.verdict.evidence import messages
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.waiting import PATIENCE_S

#: Whose urgent texts are timed, and who is hostile; whatever a row does, it does in the name of the second.
VICTIM, HOSTILE = "acme", "beta"
#: Urgent events a second.
PACE = 5.0
#: Texts before the first that is timed, so that nothing is cold.
WARM = 24
#: What is promised of the 95th percentile beside a hostile account: this, or so many times what it is without.
BOUND_S, TIMES = 2.0, 3.0

#: What a hostile account does while the block runs.
Attack = Callable[[Stage, Fleet], AbstractContextManager[object]]


def beside(stage: Stage, runs: int, *, attack: Attack, workers: int = 2, threads: int = 8) -> Result:
    """So many urgent texts of an account, first alone, then beside the attack of another."""
    with stage.fleet(workers=workers, threads=threads) as fleet:
        stage.publish(urgent(stage, WARM))
        until_more_came(stage, WARM)
        alone = p95(waited(stage, runs))
        with attack(stage, fleet):
            attacked = p95(waited(stage, runs))
        result = stage.result(fleet, runs=1, since=moment())
    figures = {"p95 alone s": round(alone, 2), "beside s": round(attacked, 2), "peak MB": fleet.peak_kb // 1024}
    most = max(BOUND_S, TIMES * alone)
    late = [f"urgent texts took {attacked:.1f} s at p95; {most:.1f} s are promised"] if attacked > most else []
    return faulted(replace(result, figures=figures), late)


def publishing(events: Callable[[Stage], Iterable[Publication]], *, pace: float | None = None) -> Attack:
    """The attack of a CRM that publishes these events, which may be without end."""

    @contextmanager
    def attack(stage: Stage, _fleet: Fleet) -> Generator[None]:
        load = stage.publish(events(stage), pace=pace)
        try:
            yield
        finally:
            load.finish()

    return attack


def urgent(stage: Stage, count: int) -> Iterable[Publication]:
    """Urgent events of the victim, one person each."""
    return stage.events.stream(count, event_type="order.created", account=VICTIM, people=1)


def waited(stage: Stage, count: int) -> list[float]:
    """How long each of so many urgent texts took from RabbitMQ's confirmation to the provider, in seconds."""
    load = stage.publish(urgent(stage, count), pace=PACE)
    load.wait()
    deadline = time.monotonic() + PATIENCE_S
    while True:
        sent = {message.recipient: message.at for message in messages(stage.provider)}
        missing = any(confirmed.publication.phones[0] not in sent for confirmed in load.confirmed)
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    given_up = moment()
    return [sent.get(confirmed.publication.phones[0], given_up) - confirmed.at for confirmed in load.confirmed]


def p95(results: Iterable[float]) -> float:
    """The 95th percentile."""
    ordered = sorted(results)
    return ordered[ceil(len(ordered) * 0.95) - 1]
