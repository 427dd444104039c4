"""How many POSTs of accounts that are claimed together a process makes at once, and whose turn it is to claim."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition, Lock

from worker.core.lanes import LANES

#: POSTs of one claim. More save little, and all of them would wait for their leases where a process dies.
POSTS_MAX = 16
#: So long a claim waits for the one before it, which holds the pace that both ask for.
TURN_WAIT_S = 0.1
#: So long a nudge waits for threads before it sends for one more account by itself, as ever.
ROOM_WAIT_S = 0.3


class PostRoom:
    """Threads for POSTs of accounts claimed together, so that none of them waits for a thread.

    They are its own: no account's many POSTs stand before these. And each lane has its part of them, as of the nudges
    that are in work: what POSTs of one lane keep, they keep from no other.
    """

    def __init__(self, most: int = 4 * POSTS_MAX) -> None:
        whole = sum(lane.threads for lane in LANES.values())
        self.posts = ThreadPoolExecutor(most, thread_name_prefix="together")
        self._rooms = {name: LaneRoom(most * lane.threads // whole) for name, lane in LANES.items()}

    def of(self, lane: str) -> LaneRoom:
        return self._rooms[lane]


class LaneRoom:
    def __init__(self, most: int) -> None:
        self._free = most
        self._least = max(min(most, POSTS_MAX) // 2, 1)
        self._freed, self._turn = Condition(), Lock()

    @contextmanager
    def taken(self) -> Generator[int]:
        """Keep threads for so many POSTs; none where none becomes free in a moment."""
        with self._freed:
            self._freed.wait_for(lambda: self._free >= self._least, ROOM_WAIT_S)
            mine = min(self._free, POSTS_MAX)
            self._free -= mine
        try:
            yield mine
        finally:
            self._give_back(mine)

    @contextmanager
    def in_turn(self) -> Generator[None]:
        """Let one claim at a time ask for its accounts' pace, unless another takes long."""
        is_mine = self._turn.acquire(timeout=TURN_WAIT_S)
        try:
            yield
        finally:
            if is_mine:
                self._turn.release()

    def _give_back(self, threads: int) -> None:
        with self._freed:
            self._free += threads
            self._freed.notify_all()
