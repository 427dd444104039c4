"""Workers that die of SIGKILL at boundaries of the pipeline, under a provider that honours keys or forgets them."""

from dataclasses import replace

from tests.faults.harness.environment import ACCOUNTS, Stage, moment, token_of
from tests.faults.harness.events import POSTED_STATES, Fate
from tests.faults.harness.row import Result, Run
from tests.faults.workers.process_ends import faulted
from tests.support.crm import add_account, row
from tests.support.waiting import wait_until
from worker.failpoint import Boundary
from worker.store.db.postgres import Pool

#: Events a second while workers die: the fleet must keep up with it.
PACE = 40.0
#: Requests a second of each of three accounts, of which more comes.
SLOW = 8
#: Accounts of which nobody has much to send.
MANY = 100
#: Events that may wait while workers die: enough for all of them, and little enough to be at rest soon.
AHEAD = 150
#: Of each hit of a boundary in the random pass.
CHANCE = 0.006
EVERYWHERE: tuple[Boundary, ...] = (
    "received",
    "parsed",
    "claimed_straight",
    "committed",
    "nudged",
    "acknowledged",
    "claimed",
    "claimed_together",
    "stored",
    "sent",
    "answered",
    "recorded",
)
EVENTS_PER_KILL = 25
#: An attempt that was handed over may have been POSTed once under each lease, and once more where its nudge came twice.
REPEATED_ROWS = "SELECT coalesce(sum(lease * cardinality(row_ids)), 0) FROM attempts WHERE lease > 1"
BOUND = "bound: rows of attempts that deaths left open, times their leases; none doubled under another key"
#: A repeat without a key is refused as the same message again (427) if it comes soon: then its state is unknown.
POSTED_OR_UNCONFIRMED = Fate(POSTED_STATES | {"unconfirmed"})


def at(*boundaries: Boundary) -> Run:
    """Kills at these boundaries."""
    return lambda stage, runs: killed_at(stage, runs, *boundaries)


def killed_claiming(stage: Stage, runs: int) -> Result:
    """The same in claims of their own: of accounts that may send less than comes, texts wait in line."""
    stage.set_accounts("requests_per_s", SLOW)
    return killed_at(stage, runs, "claimed")


def killed_claiming_together(stage: Stage, runs: int) -> Result:
    """The same among so many accounts that a nudge has few texts of each of several."""
    publish_for_many(stage)
    return killed_at(stage, runs, "claimed_together", pace=None)


def publish_for_many(stage: Stage) -> None:
    """From now on events are of so many accounts that each has few of them."""
    stage.events.accounts = [f"branch-{number}" for number in range(MANY)]
    for name in stage.events.accounts:
        add_account(stage.pool, name, token=token_of(ACCOUNTS[0]))


def killed_at(stage: Stage, runs: int, *boundaries: Boundary, pace: float | None = PACE) -> Result:
    """Each life of a worker ends at the n-th hit of a boundary, n drawn anew; the rest is finished by whole workers."""
    line = ",".join(f"{boundary}:kill:after=1-20" for boundary in boundaries)
    with stage.fleet(failpoints=line) as fleet:
        load = stage.publish(stage.events.stream(), pace=pace, ahead=AHEAD)
        fleet.wait_for_kills(runs)
        load.finish()
        fleet.disarm()
        return with_repeats(stage, stage.result(fleet, runs=fleet.kills, since=moment()))


def killed_everywhere(stage: Stage, runs: int, *, mode: str) -> Result:
    """Any worker dies at any boundary by chance, until so many have."""
    stage.set_accounts("post_mode", mode)
    return with_repeats(stage, killed_by_chance(stage, runs))


def killed_among_many(stage: Stage, runs: int) -> Result:
    """The same among so many accounts."""
    publish_for_many(stage)
    return killed_everywhere(stage, runs, mode="send")


def keys_expire(stage: Stage, runs: int, *, mode: str, settings: dict[str, object]) -> Result:
    """The same under a provider that reads keys otherwise: attempts that deaths left open are doubled, nothing else."""
    stage.set_accounts("post_mode", mode)
    stage.provider.settings(**settings)
    result = killed_by_chance(stage, runs, fate=POSTED_OR_UNCONFIRMED)
    strays = doubled_otherwise(stage)
    figures = {**result.figures, "doubled a kill": round(result.doubled / max(1, result.runs), 2)}
    result = replace(result, figures=figures, reason=BOUND)
    return faulted(result, [f"{strays} doubled under another key"] if strays else [])


def killed_by_chance(stage: Stage, runs: int, *, fate: Fate | None = None) -> Result:
    """Kills everywhere; where a fate is given, the row is bounded by the attempts that were repeated."""
    line = ",".join(f"{boundary}:kill:{CHANCE}" for boundary in EVERYWHERE)
    with stage.fleet(workers=3, failpoints=line) as fleet:
        stream = stage.events.stream(fate=fate) if fate else stage.events.stream()
        load = stage.publish(stream, ahead=AHEAD)
        enough = runs * EVENTS_PER_KILL
        wait_until(lambda: len(load.confirmed) >= enough, f"{enough} events", progress=lambda: len(load.confirmed))
        fleet.wait_for_kills(runs)
        load.finish()
        fleet.disarm()
        return stage.result(fleet, runs=fleet.kills, since=moment(), bound=repeated_rows if fate else None)


def repeated_rows(pool: Pool) -> int:
    """How often rows may have been POSTed of attempts that were handed over."""
    return int(row(pool, REPEATED_ROWS)[0])


def doubled_otherwise(stage: Stage) -> int:
    """Messages of a text to a person under more than one key, which no lost answer explains."""
    keys: dict[tuple[str, str], set[str | None]] = {}
    for message in stage.provider.messages():
        keys.setdefault((message["recipient"], message["text"]), set()).add(message["sequence_id"])
    return sum(len(used) - 1 for used in keys.values())


def with_repeats(stage: Stage, result: Result) -> Result:
    """The same with the provider's count of repeated keys."""
    return replace(result, figures={**result.figures, "answered 507": stage.provider.state()["repeats"]})
