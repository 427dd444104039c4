"""How a process is: alive while its loop turns and its threads live, ready while it really does its work."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version

import orjson

from worker.health.server import Place, Reply
from worker.logs.setup import log
from worker.store.db.installation import Installation

VERSION = version("perfectum-sms")
#: A main loop that has not turned for this long hangs; to finish what is in hand takes less.
LOOP_S = 60.0
#: What keeps a process from its work is told in its log once it has lasted for so long.
TOLD_S = 10.0

#: What is wrong at a moment of the process's steady clock, in words that hold no secret.
Look = Callable[[float], Iterable[str]]


def nothing(_now: float) -> Iterable[str]:
    """Nothing is wrong."""
    return ()


class Telling:
    """What the log is told of being unready: what lasts, once, and that it is over."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._told: frozenset[str] = frozenset()

    def heard(self, faults: Sequence[str], *, now: float) -> str | None:
        """Which line these faults are worth at this moment, if any."""
        if not faults:
            self._since, was_told, self._told = None, bool(self._told), frozenset()
            return "process.ready" if was_told else None
        self._since = now if self._since is None else self._since
        kinds = frozenset(re.sub(r"[0-9]+", "", fault) for fault in faults)
        if now - self._since < TOLD_S or kinds <= self._told:
            return None
        self._told |= kinds
        return "process.unready"


class Health:
    """What a process tells of itself; the main loop says how far it is, the door's threads ask."""

    def __init__(self, role: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.role = role
        self._clock = clock
        self._turned_at = clock()
        self._unready: str | None = "starting"
        self._telling = Telling()
        self._dead: Look = nothing
        self._idle: Look = nothing
        self._of: Installation | None = None

    def belongs_to(self, installation: Installation | None) -> None:
        """Whose process this is: a machine may have several installations."""
        self._of = installation

    def turn(self) -> None:
        """The main loop turns; what lasts is told."""
        self._turned_at = now = self._clock()
        faults = self.unready(now)
        match self._telling.heard(faults, now=now):
            case "process.unready":
                log.warning("process.unready", faults=faults)
            case "process.ready":
                log.info("process.ready")
            case _:
                pass

    def waits(self, reason: str) -> None:
        """Something stands in the way of the start."""
        self._unready = f"starting: {reason}"

    def runs(self, *, dead: Look, idle: Look) -> None:
        """The work has begun; from now on these tell which threads are dead, and what keeps it from working."""
        self._dead, self._idle, self._unready = dead, idle, None
        self.turn()

    def ends(self) -> None:
        """What is in hand is finished, nothing new is begun."""
        self._dead, self._unready = nothing, "ending"
        self.turn()

    def dead(self, now: float) -> list[str]:
        """Why the process should be ended and started anew."""
        still_s = now - self._turned_at
        hung = [f"the main loop has not turned for {still_s:.0f} s"] if still_s > LOOP_S else []
        return [*hung, *self._dead(now)]

    def unready(self, now: float) -> list[str]:
        """Why the process does not do its work now."""
        if self._unready:
            return [self._unready]
        return [*self.dead(now), *self._idle(now)]

    def places(self) -> Mapping[str, Place]:
        """What the door answers about it."""
        return {"/livez": self._answering(self.dead), "/readyz": self._answering(self.unready)}

    def _identity(self) -> dict[str, object]:
        of = self._of
        whose = {"installation": of and of.id, "database": of and of.name}
        return {"pid": os.getpid(), "host": socket.gethostname(), **whose}

    def _answering(self, look: Callable[[float], list[str]]) -> Place:
        def answer(_accept: str) -> Reply:
            faults = look(self._clock())
            status = HTTPStatus.SERVICE_UNAVAILABLE if faults else HTTPStatus.OK
            said = {"ok": not faults, "role": self.role, "version": VERSION, **self._identity(), "faults": faults}
            return Reply(status, "application/json", orjson.dumps(said) + b"\n")

        return answer
