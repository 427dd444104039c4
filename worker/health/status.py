"""What a process knows of itself, for its main loop, its probes and its log."""

import os
import socket
import time
from collections.abc import Callable

from worker.health.assessment import Assessment, Facts, Work, assess
from worker.health.readiness_log import ReadinessLog
from worker.health.report import VERSION, Report
from worker.logs.setup import log
from worker.store.db.installation import Installation


class Health:
    """The main loop reports progress; the probes' threads ask."""

    def __init__(self, role: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.role = role
        self._clock = clock
        self._looped_at = clock()
        #: Why it is not at work, if so, and what describes its parts; one value, for other threads read it.
        self._stage: tuple[str, Callable[[], Work]] = ("starting", Work)
        self._log = ReadinessLog()
        self._installation: Installation | None = None

    def belongs_to(self, installation: Installation | None) -> None:
        self._installation = installation

    def turn(self) -> Assessment:
        self._looped_at = now = self._clock()
        assessment = self.assessment(now)
        match self._log.line(assessment.faults, now=now):
            case "process.unready":
                log.warning("process.unready", faults=assessment.faults)
            case "process.ready":
                log.info("process.ready")
            case _:
                pass
        return assessment

    def waits_for(self, reason: str) -> None:
        self._stage = (f"starting: {reason}", Work)

    def runs(self, work: Callable[[], Work]) -> None:
        self._stage = ("", work)
        self.turn()

    def ends(self) -> None:
        self._stage = ("ending", Work)
        self.turn()

    def assessment(self, now: float | None = None) -> Assessment:
        """Assess now; from any thread."""
        phase, work = self._stage
        return assess(Facts(self._looped_at, phase, work()), now=self._clock() if now is None else now)

    def liveness(self) -> Report:
        return self._report(self.assessment().fatal)

    def readiness(self) -> Report:
        return self._report(self.assessment().faults)

    def _report(self, faults: list[str]) -> Report:
        whose = self._installation
        return Report(
            not faults,
            self.role,
            VERSION,
            os.getpid(),
            socket.gethostname(),
            whose and whose.id,
            whose and whose.name,
            faults,
        )
