"""The API's door: its pool, its threads and its routes."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import orjson
from starlette.routing import Route

from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool
from worker.store.db.session import LOOKUPS
from worker.web.api.catalogue import ENDPOINTS, TAGS
from worker.web.api.endpoint import Endpoint
from worker.web.api.openapi import DOCUMENT, document
from worker.web.api.routes import routes
from worker.web.api.service import Callers, Service
from worker.web.api.turns import TURN_S, Arrivals, Turns

#: Requests in work at a time; of one account so many, and so many more wait; keys that are looked up at a time.
WORKING, OF_AN_ACCOUNT, WAITING, ASKING = 8, 6, 60, 2
#: Requests whose key is being looked up, or waits for that; one more is sent back.
ARRIVING = 200
#: Connections to PostgreSQL.
THREADS = WORKING + ASKING
#: A statement that takes longer is asked too much: the client gets a 503.
STATEMENT_S = 5


@contextmanager
def api_routes(
    database_url: str, seal: Seal, callers: Callers, endpoints: Sequence[Endpoint] = ENDPOINTS
) -> Generator[list[Route]]:
    """Routes that answer until the end of this."""
    settings = {**LOOKUPS, "statement_timeout": f"{STATEMENT_S}s"}
    with (
        open_pool(database_url, size=THREADS, name="perfectum-sms api", settings=settings) as pool,
        ThreadPoolExecutor(ASKING, thread_name_prefix="api keys") as asking,
        ThreadPoolExecutor(WORKING, thread_name_prefix="api") as working,
    ):
        turns = Turns(WORKING, OF_AN_ACCOUNT, WAITING, patience_s=TURN_S)
        service = Service(pool, seal, callers, asking, working, turns, Arrivals(ARRIVING))
        yield routes(service, endpoints, {DOCUMENT: orjson.dumps(document(endpoints, TAGS))})
