"""A provider that refuses: by every code there is, or for want of money or trust."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.faults.harness.environment import ACCOUNTS, Stage, moment, token_of
from tests.faults.harness.events import SENT, Fate, Publication
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.provider.outages import PAUSED, PROBES
from tests.faults.provider.wrong_answers import (
    EVENTS,
    PATIENT,
    Fault,
    befallen,
    cast,
    dead_letters,
    fired,
    line,
    part,
    shuffled,
)
from tests.faults.workers.process_ends import faulted
from tests.support.crm import row
from tests.support.http_client import http
from tests.support.waiting import wait_until
from worker.turbosms.codes import CODES, CodeClass, code_of

REFUSED, UNCONFIRMED = Fate(frozenset({"refused"})), Fate(frozenset({"unconfirmed"}))
#: The state of a message whose POST is answered so once; codes that are not listed let it be sent.
FATES: Mapping[CodeClass, Fate] = {
    CodeClass.PERMANENT: REFUSED,
    CodeClass.BUG: REFUSED,
    CodeClass.UNKNOWN_CODE: REFUSED,
    CodeClass.REPEAT: UNCONFIRMED,
    CodeClass.RECIPIENT_REPEAT: UNCONFIRMED,
}
VICTIMS = 3
#: A code that nobody lists, of each hundred that is read otherwise; the last is none at all.
UNLISTED = (437, 850, 950, 1234)
PACE = 60.0
FLOWING = 30


def every_code(stage: Stage, _runs: int) -> Result:
    """Each code of the provider's table answers some POSTs, all among each other."""
    casts = [cast(stage, coded(code), VICTIMS, of=VICTIMS) for code in CODES]
    with stage.fleet(waits=PATIENT) as fleet:
        stage.publish(shuffled(stage, casts)).wait()
        wait_until(lambda: fired(stage) == VICTIMS * len(casts), "every code was answered")
        result = stage.result(fleet, runs=VICTIMS * len(casts), since=moment())
    states = Counter(notification.state for notification in stage.evidence().notifications)
    return replace(result, figures={"codes": len(casts), "dead letters": dead_letters(stage), **states})


def coded(code: int) -> Fault:
    """A request that is refused by this code and not executed."""
    fate = FATES.get(code_of(code).code_class, SENT) if code in range(1000) else SENT
    # One person: a probe takes a single row, and would meet the fault again with the next.
    return Fault(str(code), "code", {"code": code}, fate=fate, chosen={"people": 1})


def unlisted_codes(stage: Stage, runs: int) -> Result:
    """999, and codes that no table lists: there is an alert."""
    result = befallen(stage, runs, faults=[coded(code) for code in (999, *UNLISTED)], waits=PATIENT)
    return faulted(result, [] if result.figures["alerts"] else ["there was no alert"])


@dataclass(frozen=True, slots=True)
class Want:
    """What every account comes to want: how it is taken, and given again."""

    name: str
    take: Callable[[Stage], None]
    give: Callable[[Stage], None]


def changed(**fields: object) -> Callable[[Stage], None]:
    """Change something of every account at the provider."""

    def change(stage: Stage) -> None:
        for account in ACCOUNTS:
            control(stage, "POST", "accounts", {"token": token_of(account), **fields})

    return change


def refusing(code: int) -> Callable[[Stage], None]:
    """Refuse everything by a code."""
    return lambda stage: stage.provider.fault("code", code=code, times=None)


def repair(stage: Stage) -> None:
    """Refuse nothing more."""
    control(stage, "DELETE", "faults", {})


def control(stage: Stage, verb: str, address: str, given: Mapping[str, object]) -> None:
    """Bend the provider."""
    http.request(verb, f"{stage.provider.url}/_simulator/{address}", json=given).raise_for_status()


WANTS = (
    Want("money", changed(balance=0), changed(balance=10**9)),
    Want("token", refusing(105), repair),
    Want("blocked", changed(blocked=True), changed(blocked=False)),
    Want(
        "sender",
        changed(senders=[], inactive_senders=["DemoShop"]),
        changed(senders=["DemoShop"], inactive_senders=[]),
    ),
)


def in_want(stage: Stage, runs: int) -> Result:
    """Lack of money, token and sender in turn under load: accounts pause with an alert each, and resume."""
    seen: dict[str, tuple[Sequence[Publication], dict[str, object]]] = {}
    faults: list[str] = []
    with stage.fleet() as fleet:
        for want in WANTS[:runs]:
            events = list(stage.events.stream(EVENTS))
            figures = wanted(stage, fleet, want, events)
            seen[want.name] = events, figures
            faults += [f"{want.name}: {figures['alerts']} alerts"] if figures["alerts"] != len(ACCOUNTS) else []
        result = stage.result(fleet, runs=runs)
    evidence, dead = stage.evidence(), dead_letters(stage)
    results = {name: {**line(part(evidence, events), {}), **more} for name, (events, more) in seen.items()}
    faults += [f"{dead} dead letters"] if dead else []
    longest = max(float(str(figures["settled_s"])) for _, figures in seen.values())
    return faulted(replace(result, recovery_s=longest, figures={"dead letters": dead, **results}), faults)


def wanted(stage: Stage, fleet: Fleet, want: Want, events: Sequence[Publication]) -> dict[str, object]:
    """A lack that begins under load and ends once every account has paused and probed in vain."""
    alerts, flowing = len(fleet.log_lines("account.paused")), stage.provider.state()["created"] + FLOWING
    stage.publish(events, pace=PACE)
    wait_until(lambda: stage.provider.state()["created"] >= flowing, "messages flow")
    want.take(stage)
    posts = stage.provider.state()["posts"]
    wait_until(lambda: row(stage.pool, PAUSED)[0] == len(ACCOUNTS), "every account is paused")
    wait_until(lambda: row(stage.pool, PROBES)[0] >= len(ACCOUNTS), "each was probed in vain")
    posts = stage.provider.state()["posts"] - posts
    want.give(stage)
    given = moment()
    assert stage.rest().came, "it came to rest"
    return {
        "alerts": len(fleet.log_lines("account.paused")) - alerts,
        "POSTs in vain": posts,
        "settled_s": round(moment() - given, 1),
    }
