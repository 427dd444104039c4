"""Live numbers: a stream of server-sent events that says when something changed; the page then asks for its part anew.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from worker.language import language_accepted
from worker.store.db.postgres import Pool, each_alone
from worker.store.monitoring.changes import changes
from worker.web.pages.forms import DIGITS_MAX
from worker.web.pages.page import Refusal
from worker.web.pages.service import Site, asking_of

PATH = "/a/{account}/live"
#: How often it is looked whether something changed, and how often a stream says so at most.
LOOK_S = 2.0
#: An answer must be whole within 20 s; the browser then asks anew, and who was signed out is noticed.
LASTS_S = 15.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Changes:
    """Looks once for all streams of this process, and only while there are some."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._changed = asyncio.Condition()
        self._listening = 0
        self._looking: asyncio.Task[None] | None = None
        self.number = 0

    async def next_after(self, number: int) -> int:
        """Wait until something has changed since."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.number != number)
            return self.number

    def begin(self) -> None:
        self._listening += 1
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    def end(self) -> None:
        self._listening -= 1
        if not self._listening and self._looking:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            # While PostgreSQL is away, pages say so themselves.
            with suppress(Exception):
                number = await loop.run_in_executor(self._site.working, looked, self._site.pool)
                async with self._changed:
                    if number != self.number:
                        self.number = number
                        self._changed.notify_all()
            await asyncio.sleep(LOOK_S)


def looked(pool: Pool) -> int:
    with each_alone(pool) as connection:
        return changes(connection)


def number_of(request: Request) -> int | None:
    """Where the browser's last stream ended, so that it misses nothing between two."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_MAX else None


class Live:
    """What answers at the address of the stream."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._changes = Changes(site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        if not await self._is_allowed(request):
            await Response(status_code=HTTPStatus.NOT_FOUND)(scope, receive, send)
            return
        ending: asyncio.Event = scope["state"]["ending"]
        stream = StreamingResponse(
            self._events(number_of(request), ending), headers=HEADERS, media_type="text/event-stream"
        )
        await stream(scope, receive, send)

    async def _is_allowed(self, request: Request) -> bool:
        """Whether who asks has signed in and knows the account."""
        session = request.cookies.get(self._site.cookie, "")
        language = language_accepted(request.headers.get("accept-language", "uk"))
        loop = asyncio.get_running_loop()
        asking = await loop.run_in_executor(self._site.working, asking_of, self._site, session, language)
        account = request.path_params["account"]
        return (
            request.method == "GET"
            and not isinstance(asking, Refusal)
            and asking.user is not None
            and account in asking.zones
            and asking.user.knows(account)
        )

    async def _events(self, seen: int | None, ending: asyncio.Event) -> AsyncGenerator[str]:
        """`changed` whenever something has since what was seen; until the server ends, or for long enough."""
        loop = asyncio.get_running_loop()
        until, number = loop.time() + LASTS_S, self._changes.number if seen is None else seen
        self._changes.begin()
        try:
            yield f"id: {number}\n\n"
            while (left := until - loop.time()) > 0 and not ending.is_set():
                was, number = number, await self._next(number, ending, left)
                if number != was:
                    yield f"id: {number}\nevent: changed\ndata: \n\n"
        finally:
            self._changes.end()

    async def _next(self, number: int, ending: asyncio.Event, within_s: float) -> int:
        """The number of changes once there are more, or the same where it is time to end."""
        waiting = [asyncio.ensure_future(each) for each in (self._changes.next_after(number), ending.wait())]
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
        return self._changes.number
