"""A provider that cannot be reached: a closed port, a name that is none, nobody who accepts, TLS that is wrong."""

import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.harness.environment import ACCOUNTS, Stage, moment
from tests.faults.harness.events import Publication
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.network.tls import Files, TlsDoor, authority, certificate, tls_door
from tests.faults.provider.wrong_answers import EVENTS, line, part
from tests.faults.workers.process_ends import faulted
from tests.support.crm import row
from tests.support.tcp_proxy import Door, door
from tests.support.waiting import wait_until

PAUSED = "SELECT count(*) FROM pauses"
PROBES = "SELECT coalesce(sum(probes), 0) FROM pauses"
#: A provider that fails is no matter of money.
REASONS = {"provider_failing"}
NOWHERE = "http://sms.invalid"


def refused(stage: Stage, _runs: int) -> Result:
    """Every connection is refused until the door opens."""
    with door(stage.provider.url) as way:
        return unreachable(stage, way)


def unaccepted(stage: Stage, _runs: int) -> Result:
    """Somebody listens and accepts nobody: connecting takes all of a call's time, until the door opens."""
    with door(stage.provider.url) as way, full_backlog(port_of(way)) as stuffing:
        return unreachable(stage, way, stuffing)


def unreachable(stage: Stage, way: Door, stuffing: Sequence[socket.socket] = ()) -> Result:
    """Publish before the door opens, and wait until the provider is left alone; then open it."""
    with stage.fleet(turbosms_url=f"http://127.0.0.1:{port_of(way)}") as fleet:
        stage.publish(stage.events.stream(EVENTS)).wait()
        until_paused(stage)
        posts = stage.provider.state()["posts"]
        for connection in stuffing:
            connection.close()
        way.open()
        return judged(stage, stage.result(fleet, runs=1, since=moment()), fleet, posts=posts)


def nowhere(stage: Stage, _runs: int) -> Result:
    """The address is of no host: the account waits until workers with the right one come."""
    with stage.fleet(turbosms_url=NOWHERE) as lost:
        stage.publish(stage.events.stream(EVENTS)).wait()
        until_paused(stage)
        posts = stage.provider.state()["posts"]
    strays = stage.misbehaviour(lost)
    with stage.fleet() as fleet:
        result = stage.result(fleet, runs=1, since=moment())
        return faulted(judged(stage, result, fleet, posts=posts), strays)


def untrusted(stage: Stage, _runs: int) -> Result:
    """Wrong certificates in turn, each corrected under the same workers: no POST gets through."""
    signer = authority(stage.folder)
    wrong = {
        "expired": partial(certificate, stage.folder, signer, ends_in=timedelta(hours=-1)),
        "wrong host": partial(certificate, stage.folder, signer, host="127.0.0.9"),
        "self-signed": partial(certificate, stage.folder, None),
    }
    good = certificate(stage.folder, signer, name="good")
    with tls_door(stage.provider.url, good) as way, stage.fleet(workers=0, turbosms_url=way.url) as fleet:
        trusting(fleet, signer.file)
        seen = {name: mistrusted(stage, way, make(name=name), good) for name, make in wrong.items()}
        result = stage.result(fleet, runs=len(wrong))
        result = judged(stage, result, fleet, posts=sum(item.posts for item in seen.values()))
    evidence = stage.evidence()
    results = {
        name: {**line(part(evidence, item.events), {}), "settled_s": round(item.took_s, 1), "accepted": item.posts}
        for name, item in seen.items()
    }
    longest = max(item.took_s for item in seen.values())
    return replace(result, recovery_s=longest, figures={**result.figures, **results})


@dataclass(frozen=True, slots=True)
class Mistrusted:
    """The result of a certificate: POSTs that got through, and how long until all was sent once it was corrected."""

    events: list[Publication]
    posts: int
    took_s: float


def mistrusted(stage: Stage, way: TlsDoor, wrong: Files, good: Files) -> Mistrusted:
    """Publish while the provider shows a wrong certificate; then it shows the right certificate."""
    way.show(wrong)
    before = stage.provider.state()["posts"]
    events = list(stage.events.stream(EVENTS))
    stage.publish(events).wait()
    until_paused(stage)
    posts = stage.provider.state()["posts"] - before
    way.show(good)
    began = moment()
    assert stage.rest().came, "it came to rest"
    return Mistrusted(events, posts, moment() - began)


def trusting(fleet: Fleet, file: Path) -> None:
    """Workers that trust whom this file names."""
    for _ in range(2):
        fleet.add("worker", SSL_CERT_FILE=str(file))
    fleet.wait_ready()


def until_paused(stage: Stage) -> None:
    """Wait until every account leaves its provider alone and has tried once more in vain."""
    wait_until(lambda: row(stage.pool, PAUSED)[0] == len(ACCOUNTS), "every account is paused")
    wait_until(lambda: row(stage.pool, PROBES)[0] >= len(ACCOUNTS), "probes were made")


def judged(stage: Stage, result: Result, fleet: Fleet, *, posts: int) -> Result:
    """The same with what must hold: nothing got through, nobody asks for money, everybody goes on by himself."""
    alerts = fleet.log_lines("account.paused")
    reasons = {alert["sms.reason"] for alert in alerts}
    figures = {"POSTs accepted": posts, "alerts": len(alerts)}
    faults = [f"{posts} POSTs got through"] if posts else []
    faults += [f"paused for {reasons - REASONS}"] if reasons - REASONS else []
    faults += ["an account is still paused"] if row(stage.pool, PAUSED)[0] else []
    return faulted(replace(result, figures=figures), faults)


def port_of(way: Door) -> int:
    """Where a door is."""
    return urlsplit(way.url).port or 0


@contextmanager
def full_backlog(port: int) -> Generator[list[socket.socket]]:
    """A listener that accepts nobody, and connections enough that the kernel answers nobody else."""
    listener = socket.create_server(("127.0.0.1", port), backlog=0, reuse_port=True)
    held = [listener]
    try:
        for _ in range(3):
            connection = socket.socket()
            connection.settimeout(0)
            connection.connect_ex(("127.0.0.1", port))
            held.append(connection)
        yield held
    finally:
        for connection in held:
            connection.close()
