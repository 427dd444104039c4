"""`/embed/client`: the texts of one client, for whoever holds a signed address; `/notifications` below it is JSON.

Wrong, forged and expired addresses get one 403, which tells nothing of what there is.
"""

import asyncio
import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.access.signed_address import PATH, Presented, Right, presented
from worker.core.history.filters import Filter, cursor
from worker.core.sending.nudge import NotificationId
from worker.language import Language
from worker.steps.access.client_page import Admitted, admitted
from worker.steps.history.phones_seen import note_phones
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, each_alone, open_pool, transaction
from worker.store.db.session import LOOKUPS
from worker.store.history.entries import page
from worker.web.api.endpoint import Answer
from worker.web.api.failures import Failures
from worker.web.api.fields import Cursor, Fields, Limit, begun
from worker.web.api.notification_answer import Notification, notification
from worker.web.api.problems import Problem, ProblemKind, away, invalid, too_often
from worker.web.api.reading import Asked, parameters_of
from worker.web.api.routes import Resource
from worker.web.api.service import OnAnswer
from worker.web.api.turns import TURN_S, Turns
from worker.web.key_rates import KeyRates

#: Requests in work at a time; of one account so many, and so many more wait; addresses that are proved at a time.
WORKING, OF_AN_ACCOUNT, WAITING, PROVING = 3, 2, 30, 1
#: Addresses that are to be proved; one more is sent back.
ARRIVING_MAX = 200
#: Connections to PostgreSQL, and seconds of a statement.
THREADS, STATEMENT_S = WORKING + PROVING, 5
#: Requests a second of one address, beside those of its key: who copied it keeps no other client's page waiting.
ADDRESS_RATE = 5
OPERATION = "client_page"
FORBIDDEN = Problem(
    ProblemKind("wrong-address", HTTPStatus.FORBIDDEN, "The address is not valid", "Wrong, forged or expired."),
    "Open the page anew in the CRM: its address is wrong or has expired.",
)


class WhichPage(Fields):
    """What follows the signature: it is not signed, and chooses nothing but the page."""

    limit: Limit = 50
    cursor: Cursor = None
    lang: Language = "uk"


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A page of a client's texts, the newest first; `rights` are the address's own."""

    client: str
    rights: list[Right]
    items: list[Notification]
    next: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page that an address asks for, which is not proved yet."""

    given: Presented
    filter: Filter
    limit: int
    after: NotificationId | None
    language: Language


@dataclass(slots=True)
class Service:
    """What requests need; addresses are proved by threads of their own, so that it waits for no page."""

    pool: Pool
    seal: Seal
    rates: KeyRates
    on_answer: OnAnswer
    proving: Executor
    working: Executor
    turns: Turns = field(default_factory=lambda: Turns(WORKING, OF_AN_ACCOUNT, WAITING, patience_s=TURN_S))
    failures: Failures = field(default_factory=Failures)
    arriving: int = 0


Show = Callable[[Pool, Admitted, Wanted], Response]


@contextmanager
def client_page_routes(
    database_url: str, seal: Seal, rates: KeyRates, on_answer: OnAnswer, more: Callable[[Service], list[Route]]
) -> Generator[list[Route]]:
    """Routes that answer until the end of this; `more` are of the page itself."""
    settings = {**LOOKUPS, "statement_timeout": f"{STATEMENT_S}s"}
    with (
        open_pool(database_url, size=THREADS, name="perfectum-sms client page", settings=settings) as pool,
        ThreadPoolExecutor(PROVING, thread_name_prefix="addresses") as proving,
        ThreadPoolExecutor(WORKING, thread_name_prefix="client page") as working,
    ):
        service = Service(pool, seal, rates, on_answer, proving, working)
        yield [Route(f"{PATH}/notifications", Resource(partial(respond, service), ("GET",))), *more(service)]


async def respond(service: Service, request: Request) -> Response:
    began = time.monotonic()
    result = await answered(service, wanted_of(request.scope["query_string"]), shown)
    response = result.to_response() if isinstance(result, Problem) else result
    service.on_answer(OPERATION, response.status_code, time.monotonic() - began)
    return response


async def answered(service: Service, wanted: Wanted | Problem, show: Show) -> Response | Problem:
    if isinstance(wanted, Problem):
        return wanted
    visitor = await known_visitor(service, wanted.given)
    if isinstance(visitor, Problem):
        return visitor
    async with service.turns.of(visitor.key.account) as has_come:
        if not has_come:
            return away("Too many requests of the account are in work: try again.")
        work = partial(service.failures.tried, OPERATION, partial(show, service.pool, visitor, wanted))
        return await asyncio.get_running_loop().run_in_executor(service.working, work)


async def known_visitor(service: Service, given: Presented) -> Admitted | Problem:
    """Who holds an address; until this is known, nothing is done for a stranger."""
    if service.arriving >= ARRIVING_MAX:
        return away("Too many requests arrive at once: try again.")
    service.arriving += 1
    try:
        prove = partial(service.failures.tried, OPERATION, partial(visitor_of, service, given))
        return await asyncio.get_running_loop().run_in_executor(service.proving, prove)
    finally:
        service.arriving -= 1


def wanted_of(query: bytes) -> Wanted | Problem:
    """What a request asks for, or what is wrong with its form: no thread and no connection is taken for that."""
    given = presented(query)
    if given is None:
        return FORBIDDEN
    asked = Asked({}, parse_qsl(given.rest, keep_blank_values=True), {}, b"")
    which = cast("WhichPage | Problem", parameters_of(WhichPage, asked))
    if isinstance(which, Problem):
        return which
    wanted = Filter(account=given.address.account, client=given.address.client)
    begins = begun(which.cursor, wanted)
    return invalid(begins.faults) if begins.faults else Wanted(given, wanted, which.limit, begins.position, which.lang)


def visitor_of(service: Service, given: Presented) -> Admitted | Problem:
    """Who holds the address, and may come now."""
    with each_alone(service.pool) as connection:
        visitor = admitted(connection, service.seal, given, clock(connection))
    if visitor is None:
        return FORBIDDEN
    wait_s = service.rates.wait_of(given.signature, ADDRESS_RATE) or service.rates.wait(visitor.key)
    return too_often(wait_s) if wait_s else visitor


def shown(pool: Pool, visitor: Admitted, wanted: Wanted) -> Response:
    with transaction(pool) as connection:
        listed = page(connection, wanted.filter, limit=wanted.limit, after=wanted.after)
        if visitor.sees_phones:
            note_phones(connection, visitor.key.as_operator, "client page", wanted.filter)
    items = [notification(entry, phones=visitor.sees_phones) for entry in listed.entries]
    goes_on = cursor(listed.after, wanted.filter) if listed.after else None
    address = visitor.address
    return Answer(ClientPage(address.client, sorted(address.rights), items, goes_on)).to_response()
