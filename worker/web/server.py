"""The console process: hears TurboSMS's callbacks until it is told to end, then answers what is in hand."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import uvicorn

from worker.bootstrap import LINGER_S, end_by_force_after, ending_event, key_state, wait_for_postgres
from worker.health import metrics
from worker.health.check import Proof
from worker.health.server import ListenError, listening
from worker.health.status import Health
from worker.logs import setup as logs_setup
from worker.logs.setup import log
from worker.settings.environment import RECEIPTS, Address, Settings
from worker.steps.receipts.callbacks import hear
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool
from worker.store.db.write_check import refusal
from worker.web.connection_limits import ACCEPT_AT_ONCE, CONNECTIONS_MAX, Caller, Crowd, Server, room
from worker.web.webhooks.batcher import Gatherer
from worker.web.webhooks.callback_keys import Keys, OpenedKeys
from worker.web.webhooks.receipts import PATH, Door, Told, application
from worker.web.webhooks.responses import STATUSES

LISTEN = Address("127.0.0.1", 9466)
#: Accounts whose callbacks are written down at once, and connections to PostgreSQL: one more reads keys, two prove.
ACCOUNTS_AT_ONCE = 4
DRAIN_S = 20.0
LOOK_S = 0.2
#: EX_SOFTWARE of BSD's sysexits.h.
DEAD = 70
#: How often a kind of refusal is said at most; the metrics count every one.
SELDOM_S = 60.0


def run_console(settings: Settings) -> int:
    """Hear callbacks until SIGTERM or SIGINT; the answer is the exit code, 70 where the server died.

    Raises:
        ListenError: an address cannot be had.
    """
    logs_setup.configure("console", settings.log_level)
    log.info("console.starting")
    metrics.begin_callbacks(STATUSES)
    ending, health = ending_event(), Health("console")
    with listening(settings.listens_at(LISTEN), LISTEN, {**health.places(), **metrics.place("console")}):
        wait_for_postgres(settings, ending, health)
        code = 0 if ending.is_set() else work(settings, ending, health)
    log.info("console.stopped")
    end_by_force_after(LINGER_S, code)
    return code


def work(settings: Settings, ending: threading.Event, health: Health) -> int:
    """Hear until the end; the answer is the exit code."""
    pool = open_pool(settings.database_url, size=ACCOUNTS_AT_ONCE + 3, name="perfectum-sms console")
    seal = Seal(settings.secret_keys)
    proven = [Proof("PostgreSQL", partial(refusal, pool)), Proof("SMS_SECRET_KEY", key_state(pool, seal).look)]
    with (
        ThreadPoolExecutor(ACCOUNTS_AT_ONCE, thread_name_prefix="hear") as hearing,
        ThreadPoolExecutor(1, thread_name_prefix="keys") as reading,
    ):
        keys = Keys(OpenedKeys(pool, seal).read, reading)
        gatherer = Gatherer(partial(hear, pool, measure=metrics.measure), hearing)
        with serving(settings.receipts_at, Door(keys, gatherer, Teller().tell), most=room()) as served:
            thread = served.thread
            health.runs(
                dead=lambda _now: () if thread.is_alive() else ("the server of callbacks has ended",),
                idle=lambda now: [fault for proof in proven if (fault := proof.fault(now=now))],
            )
            log.info("console.started")
            while thread.is_alive() and not ending.wait(LOOK_S):
                health.turn()
            code = 0 if thread.is_alive() else DEAD
            health.ends()
            log.info("console.draining")
    for proof in proven:
        proof.close()
    pool.close()
    return code


@dataclass(frozen=True, slots=True)
class Served:
    """Where callbacks are heard, and by which thread."""

    at: Address
    thread: threading.Thread


@contextmanager
def serving(at: Address, door: Door, *, most: int) -> Generator[Served]:
    """Answer callbacks in a thread, on so many connections; at the end what is in hand is answered."""
    listener, crowd = bound(at), Crowd(most)
    config = uvicorn.Config(
        application(door),
        http=partial(Caller, crowd),  # pyright: ignore[reportArgumentType] whatever makes a protocol will do
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Above what proxies keep connections for, so that none is closed while a callback is on its way to us.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(DRAIN_S),
        limit_concurrency=most,
        backlog=ACCEPT_AT_ONCE,
    )
    server = Server(config, crowd)
    thread = threading.Thread(target=server.run, args=([listener],), name="callbacks", daemon=True)
    thread.start()
    place = Address(*listener.getsockname()[:2])
    log.info("callbacks.listening", at=f"http://{place}", path=PATH)
    try:
        yield Served(place, thread)
    finally:
        server.should_exit = True
        thread.join(DRAIN_S)
        listener.close()


def bound(at: Address) -> socket.socket:
    """A socket at this address; never beside it, for a proxy looks for it there."""
    try:
        family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
        return socket.create_server((at.host, at.port), family=family, backlog=CONNECTIONS_MAX)
    except OSError as error:
        reason = error.strerror or errno.errorcode.get(error.errno or 0, type(error).__name__)
        hint = f"Give another address by {RECEIPTS}, or end what holds it."
        raise ListenError(f"{RECEIPTS}: {at} cannot be listened at ({reason}). {hint}") from None


class Teller:
    """Counts every answer, and says what an operator should know: seldom, and nothing that a stranger wrote."""

    def __init__(self) -> None:
        self._said_at: dict[str, float] = {}

    def tell(self, told: Told, took_s: float) -> None:
        """One request was answered."""
        outcome = told.answer.outcome
        metrics.count_callback(outcome, took_s)
        if not told.answer.is_taken and outcome != "unknown" and self._is_due(outcome):
            log.warning("callback.refused", outcome=outcome, account=told.account or None, exc_info=told.fault)
        if told.order and self._is_due(f"{told.account} {told.order}"):
            log.info("callback.signed", account=told.account, order=told.order)

    def _is_due(self, what: str) -> bool:
        now = time.monotonic()
        if now - self._said_at.get(what, float("-inf")) < SELDOM_S:
            return False
        self._said_at[what] = now
        return True
