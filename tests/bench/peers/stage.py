"""Each peer as it is run for such work, on a stage of its own."""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pika
import psycopg

from tests.bench.peers.environment import ROOT, interpreter
from tests.bench.peers.work import AMQP, CALLS, DATABASE, PROVIDER, READY
from tests.bench.processes import family
from tests.bench.servers import Servers
from tests.bench.stage import ACCOUNTS, Ledger, Stage, fake_provider
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.db.postgres import open_pool
from worker.store.db.temporary_database import scratch_database

QUEUES = ("peer-dramatiq", "peer-dramatiq.DQ", "peer-dramatiq.XQ", "peer-celery", "peer-faststream")
MESSAGES = Ledger("SELECT count(*) FROM messages WHERE status = 'accepted'")
CELERY = ("celery", "--app", "tests.bench.peers.with_celery", "worker", "--loglevel", "WARNING")
QUIET = ("--without-gossip", "--without-mingle")


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer is run.

    Attributes:
        form: how it reads events; a name of `messages.FORMS`.
        commands: modules with their arguments, beside each other.
        calls: at once in one process; it has so many connections.
        ready: processes of one command that say that they work.
    """

    label: str
    form: str
    commands: tuple[tuple[str, ...], ...]
    calls: int
    ready: int = 1


#: Thirty-two calls at once on two processes, as ours has; Celery's prefork pool is best with sixteen processes.
PEERS: Mapping[str, Peer] = {
    "dramatiq": Peer(
        "Dramatiq, 2 processes of 16 threads",
        "dramatiq",
        (("dramatiq", "tests.bench.peers.with_dramatiq", "--processes", "2", "--threads", "16"),),
        calls=16,
        ready=2,
    ),
    "celery_prefork": Peer(
        "Celery, prefork, 16 processes", "celery", ((*CELERY, *QUIET, "--pool", "prefork", "-c", "16"),), calls=1
    ),
    "celery_threads": Peer(
        "Celery, 2 processes of 16 threads",
        "celery",
        tuple((*CELERY, *QUIET, "--pool", "threads", "-c", "16", "-n", f"{nth}@localhost") for nth in range(2)),
        calls=16,
    ),
    "faststream": Peer(
        "FastStream, 2 processes, asynchronous", "faststream", (("tests.bench.peers.with_faststream",),) * 2, calls=16
    ),
}


@contextmanager
def peer_stage(servers: Servers, name: str, folder: Path) -> Generator[Stage]:
    """A peer with its processes, ready."""
    peer, python = PEERS[name], interpreter()
    with ExitStack() as stack:
        stack.enter_context(without_queues(servers.amqp_url))
        url = stack.enter_context(scratch_database(servers.database_url, prefix="peer"))
        write_tables(url)
        pool = stack.enter_context(open_pool(url, size=2, name="bench"))
        stand_in = stack.enter_context(fake_provider())
        environment = {
            AMQP: servers.amqp_url,
            DATABASE: url,
            PROVIDER: stand_in.url,
            CALLS: str(peer.calls),
            "PYTHONPATH": str(ROOT),
        }
        processes = [
            stack.enter_context(
                family(
                    f"worker-{nth + 1}",
                    [python, "-m", *command],
                    environment=environment,
                    log=folder / f"{name}-worker-{nth + 1}.log",
                    ready=READY,
                    times=peer.ready,
                )
            )
            for nth, command in enumerate(peer.commands)
        ]
        yield Stage(url, pool, stand_in, processes, servers, peer.form, MESSAGES)


def write_tables(url: str) -> None:
    """Tables, accounts, and the texts that ours has for clients."""
    with psycopg.connect(url) as connection:
        connection.execute(Path(__file__).with_name("schema.sql").read_bytes())
        for account in (f"bench-{number}" for number in range(ACCOUNTS)):
            connection.execute("INSERT INTO accounts VALUES (%s, 'DemoShop', %s)", (account, f"token-of-{account}"))
            for trigger in TRIGGERS:
                if "staff" not in trigger.recipient_kinds:
                    template = (account, trigger.event, trigger.texts["uk"])
                    connection.execute("INSERT INTO templates VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", template)


@contextmanager
def without_queues(url: str) -> Generator[None]:
    """None of the peers' queues before, and none afterwards."""
    delete_queues(url)
    try:
        yield
    finally:
        delete_queues(url)


def delete_queues(url: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    for queue in QUEUES:
        channel.queue_delete(queue)
    connection.close()
