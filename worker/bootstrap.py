"""The only place that connects: builds what actors use, and takes it down in the order of need."""

import os
import signal
import threading
from collections.abc import Collection, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from worker.amqp.broker import SmsBroker, announce_away, announce_back, shares_of
from worker.amqp.connection import Presence
from worker.amqp.publisher import Publisher
from worker.amqp.topology import send_queue
from worker.core.lanes import LANES
from worker.health import metrics
from worker.health.check import Ask
from worker.health.outcome_log import report
from worker.health.report import VERSION
from worker.health.status import Health
from worker.logs.setup import log
from worker.settings.environment import SECRET_KEY, Settings
from worker.steps.ingest.plan import Intake
from worker.steps.operate.key_state import UNOPENED, KeyState
from worker.steps.post_room import PostRoom
from worker.steps.quarantine import Solitude
from worker.steps.sending.post import Sender
from worker.steps.sending.straight.straight_posts import StraightPosts
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.sealed_values import Extent
from worker.store.accounts.secrets import Seal, WrongSecretError
from worker.store.db.installation import installation_at
from worker.store.db.outage import Outage
from worker.store.db.postgres import Pool, is_caused_by_input, open_pool, transaction
from worker.store.db.write_check import look, obstacle, refusal
from worker.tracing.start import begin
from worker.turbosms.client import TurboSms
from worker.turbosms.reachability import Reach

PROBE_WAIT_S = 1.0
#: After its last log line a process ends within this time: what is under way then can be written down by nobody.
LINGER_S = 2.0
#: To PostgreSQL, of one worker: a transaction takes a few milliseconds, so that many threads share few connections; and
#: each must first learn every partition and statement, which takes longer than a thousand transactions.
CONNECTIONS = 12


@dataclass(frozen=True, slots=True)
class Ports:
    """What the actors' steps use; `outage` is PostgreSQL as those that send see it."""

    intake: Intake
    sender: Sender
    straight_posts: StraightPosts
    publisher: Publisher
    key: KeyState
    outage: Outage


@contextmanager
def connections(
    settings: Settings, ending: threading.Event, health: Health, *, queues: Collection[str], threads: int
) -> Generator[tuple[SmsBroker, Ports]]:
    presence = Presence(announce_away, announce_back)
    pool = open_pool(settings.database_url, size=CONNECTIONS, name="perfectum-sms worker")
    seal = Seal(settings.secret_keys)
    salt = salt_of(pool, seal, settings, ending, health)
    key = key_state(pool, seal)
    publisher = Publisher(settings.amqp_url, name="worker publisher", presence=presence)
    provider = TurboSms(settings.turbosms_url, on_reachability=Reach().record)
    posting = 4 * threads
    posts = ThreadPoolExecutor(posting, thread_name_prefix="post")
    cache = ConfigurationCache()
    solitude = Solitude()
    sender = Sender(
        pool, cache, provider, seal, posts, alert, ending.is_set, report, solitude, room=PostRoom(6 * threads)
    )
    shares = shares_of(threads, queues)
    broker = SmsBroker(
        settings.amqp_url,
        shares=shares,
        publisher=publisher,
        presence=presence,
        obstacle=partial(obstacle, settings.database_url),
        may_send=lambda: not key.is_shut,
    )
    outage = Outage("sms.*")
    lanes = [lane for lane in LANES if send_queue(lane) in queues]
    straight_posts = StraightPosts(sender, most=posting, watched=outage.watched, lanes=lanes)
    try:
        yield (
            broker,
            Ports(Intake(pool, cache, salt, straight_posts, solitude), sender, straight_posts, publisher, key, outage),
        )
    finally:
        broker.delays.close()
        publisher.close()
        straight_posts.close()
        for executor in (posts, sender.room.posts):
            executor.shutdown(wait=False, cancel_futures=True)
        broker.close()
        provider.close()
        pool.close()


def salt_of(pool: Pool, seal: Seal, settings: Settings, ending: threading.Event, health: Health) -> bytes:
    """Read the salt of recipient keys; wait while PostgreSQL is away or the key that opens it is lacking.

    Raises:
        Exception: it cannot be had with these settings, or this process is to end before.
    """
    is_logged = False
    while True:
        try:
            with transaction(pool) as connection:
                return secrets.salt(connection, seal)
        except WrongSecretError as error:
            if ending.wait(PROBE_WAIT_S):
                raise SystemExit(0) from None
            health.turn()
            health.waits_for(str(error))
            if not is_logged:
                alert(UNOPENED, {"reason": str(error)})
                metrics.UNOPENED.set(1)
                is_logged = True
            continue
        except Exception as error:
            if is_caused_by_input(error) or ending.is_set():
                raise
        wait_for_postgres(settings, ending, health)


def key_state(pool: Pool, seal: Seal, *, of: Extent = "everything") -> KeyState:
    state = KeyState(pool, seal, alert, partial(log.info, "secret_key.opens"), of=of)
    metrics.UNOPENED.set_function(lambda: state.unopened)
    return state


def checks_of(pool: Pool, publisher: Publisher | None, key: KeyState | None) -> Mapping[str, Ask]:
    return {
        "PostgreSQL": partial(refusal, pool),
        **({"publisher": publisher.fault} if publisher else {}),
        **({SECRET_KEY: key.look} if key else {}),
    }


def alert(event: str, facts: Mapping[str, object]) -> None:
    log.warning(event, **facts)
    metrics.count_alert(event)


def begin_tracing(settings: Settings, service: str) -> None:
    """Trace this process where its environment asks for it; without the extra it works as ever, and says so."""
    match begin(settings.otel_endpoint, service, VERSION):
        case "on":
            log.info("tracing.started")
        case "lacking":
            log.warning("tracing.lacking", extra="pip install 'perfectum-sms[otel]'")
        case "off":
            pass


def end_by_force_after(seconds: float, code: int) -> None:
    """End with this code even if a thread sits in a call: Python itself would wait for it."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()


def ending_event() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    ending = threading.Event()

    def end(_number: int, _frame: object) -> None:
        ending.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return ending


def wait_for_postgres(settings: Settings, ending: threading.Event, health: Health) -> None:
    """Wait until PostgreSQL takes writes and is migrated; log an obstacle once.

    Raises:
        UnfitError: PostgreSQL is there, but its sessions are not what our SQL needs.
    """
    logged: str | None = None
    while not ending.is_set():
        health.turn()
        reason = look(settings.database_url)
        if reason is None:
            health.belongs_to(installation_at(settings.database_url))
            return
        health.waits_for(f"PostgreSQL: {reason}")
        if reason != logged:
            log.warning("postgresql.away", reason=reason)
            logged = reason
        ending.wait(PROBE_WAIT_S)
