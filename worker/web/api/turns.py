"""Whose turn it is: no account takes all threads or all room to wait, and strangers only half of the door."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from worker.core.access.api_key import Presented, digest

#: Who waits longer for a turn is sent back: a request must be answered within 20 s, of which its body may take 5.
TURN_S = 10.0
#: Keys that were valid lately.
REMEMBERED = 1_000


class Arrivals:
    """Requests whose key is looked up; used in the event loop only.

    Anybody can write a key of the right form: half of the room is for keys that were valid when they came last.
    """

    def __init__(self, most: int) -> None:
        self._room = {True: most - most // 2, False: most // 2}
        self._valid: dict[bytes, None] = {}

    @contextmanager
    def of(self, presented: Presented) -> Generator[bool]:
        """Whether there is room to look a key up."""
        is_known = digest(presented.secret) in self._valid
        if not self._room[is_known]:
            yield False
            return
        self._room[is_known] -= 1
        try:
            yield True
        finally:
            self._room[is_known] += 1

    def remember(self, presented: Presented) -> None:
        """Know a key that is valid from now on, as long as it is among the last to call."""
        self.forget(presented)
        self._valid[digest(presented.secret)] = None
        if len(self._valid) > REMEMBERED:
            del self._valid[next(iter(self._valid))]

    def forget(self, presented: Presented) -> None:
        self._valid.pop(digest(presented.secret), None)


@dataclass(slots=True)
class Line:
    """The requests of one account: how many, and who of them is in work."""

    work: asyncio.Semaphore
    requests: int = 0


class Turns:
    """So many requests are in work at once, and of an account, of which so many more wait; used in the event loop only.

    Args:
        patience_s: who waits longer is sent back.
    """

    def __init__(self, working: int, at_once: int, waiting: int, *, patience_s: float) -> None:
        self._working = asyncio.Semaphore(working)
        self._at_once = at_once
        self._most = at_once + waiting
        self._patience_s = patience_s
        self._lines: dict[str, Line] = {}

    @asynccontextmanager
    async def of(self, account: str) -> AsyncGenerator[bool]:
        """Wait for a turn; False where there is no room to wait, or it does not come in time."""
        line = self._lines.setdefault(account, Line(asyncio.Semaphore(self._at_once)))
        if line.requests >= self._most:
            yield False
            return
        line.requests += 1
        try:
            async with AsyncExitStack() as held:
                yield await self._has_come(line, held)
        finally:
            line.requests -= 1
            if not line.requests:
                del self._lines[account]

    async def _has_come(self, line: Line, held: AsyncExitStack) -> bool:
        try:
            async with asyncio.timeout(self._patience_s):
                await held.enter_async_context(line.work)
                await held.enter_async_context(self._working)
        except TimeoutError:
            return False
        return True
