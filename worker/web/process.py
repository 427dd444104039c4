"""The console process: answers what comes from outside until a signal ends it, then finishes what is in work."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from starlette.routing import BaseRoute

from worker.bootstrap import LINGER_S, checks_of, end_by_force_after, ending_event, key_state, wait_for_postgres
from worker.health import metrics
from worker.health.assessment import ThreadFacts, Work
from worker.health.check import checking
from worker.health.outcome_log import report
from worker.health.status import Health
from worker.logs import setup as logs_setup
from worker.logs.seldom import Seldom
from worker.logs.setup import log
from worker.settings.doors import DOORS, Door
from worker.settings.environment import RECEIPTS, Address, Settings
from worker.steps.access.api_keys import authenticate
from worker.steps.receipts.callbacks import record_callbacks
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, open_pool
from worker.web.api.catalogue import ENDPOINTS
from worker.web.api.door import api_routes
from worker.web.api.service import Callers
from worker.web.connection_limits import room_for
from worker.web.embed.client_page import OPERATION, client_page_routes
from worker.web.embed.html_page import page_of_client
from worker.web.key_rates import KeyRates
from worker.web.pages.door import page_routes
from worker.web.probes import probed
from worker.web.server import BACKLOG, listener_at, serving
from worker.web.webhooks.batcher import Batcher
from worker.web.webhooks.callback_keys import Keys
from worker.web.webhooks.receipts import RESPONSES, Receiver, RequestResult
from worker.web.webhooks.receipts import routes as routes_of_callbacks

LISTEN = Address("127.0.0.1", 9466)
#: Connections at a time, where the process may have so many files open; who comes when all are at work gets a 503.
CONNECTIONS_MAX = BACKLOG
#: Accounts whose callbacks are written down at once, and connections to PostgreSQL: one more reads keys, two prove.
ACCOUNTS_AT_ONCE = 4
DRAIN_S = 20.0
LOOK_S = 0.2
#: EX_SOFTWARE of BSD's sysexits.h.
DEAD = 70
#: How often a kind of refusal is logged at most; the metrics count every one.
SELDOM_S = 60.0


def run_console(settings: Settings, doors: Collection[Door] = DOORS) -> int:
    """Serve at these doors until SIGTERM or SIGINT; the answer is the exit code, 70 where the server died.

    Raises:
        ListenError: an address cannot be had.
    """
    logs_setup.configure("console", settings.log_level)
    log.info("console.starting")
    metrics.begin_callbacks(RESPONSES)
    ending, health = ending_event(), Health("console")
    with probed(settings.listens_at(LISTEN), LISTEN, health):
        wait_for_postgres(settings, ending, health)
        code = 0 if ending.is_set() else work(settings, ending, health, doors)
    log.info("console.stopped")
    end_by_force_after(LINGER_S, code)
    return code


def work(settings: Settings, ending: threading.Event, health: Health, doors: Collection[Door]) -> int:
    pool = open_pool(settings.database_url, size=ACCOUNTS_AT_ONCE + 3, name="perfectum-sms console")
    seal = seal_of(settings)
    listener = listener_at(settings.receipts_at, RECEIPTS)
    # A console that takes callbacks alone may have no more than their keys.
    key = key_state(pool, seal, of="callbacks" if set(doors) == {"callbacks"} else "everything")
    with checking(checks_of(pool, None, key)) as checks, ExitStack() as stack:
        inside = Inside(settings, pool, seal, stack)
        routes = [route for door in doors for route in OPENERS[door](inside)]
        with serving(listener, routes, name="console", most=room_for(CONNECTIONS_MAX), drain_s=DRAIN_S) as server:
            log.info("callbacks.listening", at=f"http://{server.at}", doors=list(doors))
            health.runs(lambda: Work([ThreadFacts("the console's server", server.thread.is_alive())], checks=checks()))
            log.info("console.started")
            fatal: list[str] = []
            while not fatal and not ending.wait(LOOK_S):
                fatal = health.turn().fatal
            health.ends()
            log.info("console.draining")
    pool.close()
    return DEAD if fatal else 0


def seal_of(settings: Settings) -> Seal:
    """What opens secrets here: all of them, or those of callbacks alone."""
    if settings.secret_key.get_secret_value():
        return Seal(settings.secret_keys)
    return Seal([{"callbacks": key} for key in settings.callback_keys])


@dataclass(frozen=True, slots=True)
class Inside:
    """What doors use; threads and whatever else must end with the process go on the stack."""

    settings: Settings
    pool: Pool
    seal: Seal
    stack: ExitStack
    rates: KeyRates = field(default_factory=KeyRates)


def callbacks(inside: Inside) -> Sequence[BaseRoute]:
    """Where TurboSMS posts its delivery reports."""
    recording = inside.stack.enter_context(ThreadPoolExecutor(ACCOUNTS_AT_ONCE, thread_name_prefix="callbacks"))
    reading = inside.stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="keys"))
    batcher = Batcher(partial(record_callbacks, inside.pool, measure=report), recording)
    return routes_of_callbacks(Receiver(Keys(inside.pool, inside.seal, reading), batcher, ResultLog().record))


def api(inside: Inside) -> Sequence[BaseRoute]:
    """What programs call with a key."""
    metrics.begin_api_requests(endpoint.name for endpoint in ENDPOINTS)
    callers = Callers(authenticate, inside.rates.wait, metrics.count_api_request)
    return inside.stack.enter_context(api_routes(inside.settings.database_url, inside.seal, callers))


def pages(inside: Inside) -> Sequence[BaseRoute]:
    """What people see in a browser, and inside the CRM."""
    settings, count = inside.settings, metrics.count_api_request
    metrics.begin_api_requests([OPERATION])
    embedded = client_page_routes(settings.database_url, inside.seal, inside.rates, count, page_of_client)
    console = page_routes(settings.database_url, inside.seal, settings.public_url, settings.turbosms_url)
    return [*inside.stack.enter_context(embedded), *inside.stack.enter_context(console)]


#: What is served at each door.
OPENERS: Mapping[Door, Callable[[Inside], Sequence[BaseRoute]]] = {"callbacks": callbacks, "api": api, "pages": pages}


class ResultLog:
    """Count every answer, and log what an operator should know: at intervals, and nothing that a stranger wrote."""

    def __init__(self) -> None:
        self._seldom = Seldom(SELDOM_S)

    def record(self, result: RequestResult, took_s: float) -> None:
        metrics.count_callback(result.outcome, took_s)
        if not result.is_taken and result.outcome != "unknown" and self._seldom.is_due(result.outcome):
            facts = {"outcome": result.outcome, "account": result.account or None}
            log.warning("callback.refused", **facts, exc_info=result.fault)
        if result.order and self._seldom.is_due(f"{result.account} {result.order}"):
            log.info("callback.signed", account=result.account, order=result.order)
