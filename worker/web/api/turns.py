"""Whose turn it is: no account takes all threads, or all room to wait."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """The requests of one account: how many, and who of them is in work."""

    work: asyncio.Semaphore
    requests: int = 0


class Turns:
    """So many requests of an account are in work at once, and so many more wait; used in the event loop only."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._at_once = at_once
        self._most = at_once + waiting
        self._lines: dict[str, Line] = {}

    @asynccontextmanager
    async def of(self, account: str) -> AsyncGenerator[bool]:
        """Wait for a turn; False where there is no room to wait."""
        line = self._lines.setdefault(account, Line(asyncio.Semaphore(self._at_once)))
        if line.requests >= self._most:
            yield False
            return
        line.requests += 1
        try:
            async with line.work:
                yield True
        finally:
            line.requests -= 1
            if not line.requests:
                del self._lines[account]
