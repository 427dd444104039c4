"""The pages' door: its pool, its threads and its routes."""

from collections import defaultdict
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool
from worker.store.db.session import LOOKUPS
from worker.web.pages import assets, live
from worker.web.pages.catalogue import PAGES
from worker.web.pages.job_thread import carrying_on_jobs
from worker.web.pages.page import Page
from worker.web.pages.service import Site, not_found, respond, shown

#: Pages that are made at a time, and connections to PostgreSQL.
WORKING = 4
#: A statement that takes longer is asked too much: the page says so.
STATEMENT_S = 10
#: Below this, compression makes nothing shorter.
LEAST = 1_000


@contextmanager
def page_routes(
    database_url: str, seal: Seal, public_url: str, turbosms_url: str, pages: Sequence[Page] = PAGES
) -> Generator[list[Route]]:
    """Routes that answer until the end of this."""
    settings = {**LOOKUPS, "statement_timeout": f"{STATEMENT_S}s"}
    with (
        open_pool(database_url, size=WORKING, name="perfectum-sms pages", settings=settings) as pool,
        ThreadPoolExecutor(WORKING, thread_name_prefix="pages") as working,
        carrying_on_jobs(database_url, seal),
    ):
        yield routes(Site(pool, seal, public_url, turbosms_url, working), pages)


def routes(site: Site, pages: Sequence[Page]) -> list[Route]:
    """A route for each path, whatever the method; whatever else is asked for is not there."""
    by_path: dict[str, dict[str, Page]] = defaultdict(dict)
    for each in pages:
        by_path[each.path][each.method] = each
    zipped = [Middleware(GZipMiddleware, minimum_size=LEAST, compresslevel=5)]
    # A class is taken for an application, which gets all methods.
    answers = [Route(path, Answering(site, methods), middleware=zipped) for path, methods in by_path.items()]
    return [assets.ROUTE, Route(live.PATH, live.Live(site)), *answers, Route("/{path:path}", Nowhere(site))]


class Answering:
    """What answers at a path."""

    def __init__(self, site: Site, methods: dict[str, Page]) -> None:
        self._site = site
        self._methods = methods
        self._allowed = [*methods, "HEAD"] if "GET" in methods else list(methods)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        if request.method in self._allowed:
            response = await respond(self._site, self._methods, request)
        else:
            allowed = ", ".join(self._allowed)
            response = Response(status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": allowed})
        await response(scope, receive, send)


class Nowhere:
    """What answers where no page is."""

    def __init__(self, site: Site) -> None:
        self._respond = partial(shown, site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._respond(Request(scope, receive, send), None, not_found())
        await response(scope, receive, send)
