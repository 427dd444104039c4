"""`/embed/client/notifications`: the texts of one client, for whoever holds a signed address of the client's page.

Wrong, forged and expired addresses get one 403, which tells nothing of what there is.
"""

import asyncio
import re
import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.access.api_key import ApiKey
from worker.core.access.signed_address import PATH, Right
from worker.core.history.filters import Filter, cursor, position
from worker.logs.setup import log
from worker.steps.access.client_page import Admitted, admitted
from worker.steps.history.phones_seen import note_phones
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, each_alone, is_caused_by_input, open_pool, transaction
from worker.store.db.session import LOOKUPS
from worker.store.history.entries import page
from worker.web.api.notification_answer import Notification, notification
from worker.web.api.problems import FAILED, Problem, ProblemKind, away, too_often, wrong_field

#: Requests in work at a time, and connections to PostgreSQL; those that wait for a thread; seconds of a statement.
THREADS, WAITING_MAX, STATEMENT_S = 4, 50, 5
LIMIT, LIMIT_MAX = 50, 200
WHOLE = re.compile(r"[1-9]\d{0,2}", re.ASCII)
OPERATION = "client_page"
#: An address is a secret: it goes to no other site, and no answer is kept.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
FORBIDDEN = Problem(
    ProblemKind("wrong-address", HTTPStatus.FORBIDDEN, "The address is not valid", "Wrong, forged or expired."),
    "Open the page anew in the CRM: its address is wrong or has expired.",
    headers=HEADERS,
)

#: Seconds that a key must wait; none where it may go.
Wait = Callable[[ApiKey], float]
#: What each request came to: its operation, the status and how long it took.
OnAnswer = Callable[[str, int, float], None]


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A page of a client's texts, the newest first; `rights` are the address's own."""

    client: str
    rights: list[Right]
    items: list[Notification]
    next: str | None


@dataclass(slots=True)
class Service:
    """What requests need; `threads` are as many as the pool has connections."""

    pool: Pool
    seal: Seal
    threads: Executor
    wait: Wait
    on_answer: OnAnswer
    in_work: int = 0


@contextmanager
def client_page_routes(database_url: str, seal: Seal, wait: Wait, on_answer: OnAnswer) -> Generator[list[Route]]:
    """Routes that answer until the end of this."""
    settings = {**LOOKUPS, "statement_timeout": f"{STATEMENT_S}s"}
    pool = open_pool(database_url, size=THREADS, name="perfectum-sms client page", settings=settings)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="client page") as threads:
        service = Service(pool, seal, threads, wait, on_answer)
        yield [Route(f"{PATH}/notifications", partial(respond, service), methods=["GET"])]
    pool.close()


async def respond(service: Service, request: Request) -> Response:
    began = time.monotonic()
    if service.in_work >= WAITING_MAX:
        response = away("Too many requests are in work: try again.").to_response()
    else:
        service.in_work += 1
        try:
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(service.threads, served, service, request.scope["query_string"])
        finally:
            service.in_work -= 1
    service.on_answer(OPERATION, response.status_code, time.monotonic() - began)
    return response


def served(service: Service, query: bytes) -> Response:
    """Answer a request; what breaks is logged, and told to be ours."""
    try:
        result = result_of(service, query)
    except Exception as error:  # noqa: BLE001 (whatever it is, the client gets an answer)
        if is_caused_by_input(error):
            log.error("api.fault", endpoint=OPERATION, exc_info=error)
            result = Problem(FAILED, "A fault of ours: the server's log has it.")
        else:
            log.warning("api.away", endpoint=OPERATION, error=type(error).__name__)
            result = away("The database does not answer in time: try again.")
    if isinstance(result, Problem):
        return result.to_response()
    return Response(orjson.dumps(result, option=orjson.OPT_UTC_Z), headers=HEADERS, media_type="application/json")


def result_of(service: Service, query: bytes) -> ClientPage | Problem:
    with each_alone(service.pool) as connection:
        now = clock(connection)
        visitor = admitted(connection, service.seal, query, now)
    if visitor is None:
        return FORBIDDEN
    if wait_s := service.wait(visitor.key):
        return too_often(wait_s)
    turned = turn(visitor)
    return turned if isinstance(turned, Problem) else shown(service.pool, visitor, turned)


@dataclass(frozen=True, slots=True)
class Turn:
    """Which page of the list."""

    limit: int = LIMIT
    cursor: str | None = None


def turn(visitor: Admitted) -> Turn | Problem:
    """Read what follows the signature: it is not signed, and chooses nothing but the page."""
    given: dict[str, str] = dict(parse_qsl(visitor.rest, keep_blank_values=True))
    unknown = given.keys() - {"cursor", "limit"}
    if unknown:
        return wrong_field(min(unknown), "is not known here: after the signature come cursor and limit")
    limit = given.get("limit", str(LIMIT))
    if not WHOLE.fullmatch(limit) or int(limit) > LIMIT_MAX:
        return wrong_field("limit", f"must be 1 to {LIMIT_MAX}")
    return Turn(int(limit), given.get("cursor"))


def shown(pool: Pool, visitor: Admitted, turned: Turn) -> ClientPage | Problem:
    address = visitor.address
    wanted = Filter(account=visitor.key.account, client=address.client)
    try:
        after = None if turned.cursor is None else position(turned.cursor, wanted)
    except ValueError as error:
        return wrong_field("cursor", str(error).removeprefix("cursor: "))
    with transaction(pool) as connection:
        listed = page(connection, wanted, limit=turned.limit, after=after)
        if visitor.sees_phones:
            note_phones(connection, visitor.key.as_operator, "client page", wanted)
    items = [notification(entry, phones=visitor.sees_phones) for entry in listed.entries]
    goes_on = cursor(listed.after, wanted) if listed.after else None
    return ClientPage(address.client, sorted(address.rights), items, goes_on)
