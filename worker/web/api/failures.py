"""What breaks while a request is answered: logged, but not as often as somebody asks, and told to be ours or not."""

from collections.abc import Callable
from typing import TypeVar

from worker.logs.seldom import Seldom
from worker.logs.setup import log
from worker.store.db.postgres import is_caused_by_input
from worker.web.api.problems import FAILED, Problem, away

T = TypeVar("T")
#: How often the same trouble is logged at most; the metrics count every answer.
SELDOM_S = 60.0


class Failures:
    """Answers what breaks, in any thread."""

    def __init__(self) -> None:
        self._seldom = Seldom(SELDOM_S)

    def tried(self, name: str, act: Callable[[], T | Problem]) -> T | Problem:
        """Act; whatever breaks, the client gets an answer."""
        try:
            return act()
        except Exception as error:  # noqa: BLE001 (whatever it is)
            return self.problem(name, error)

    def problem(self, name: str, error: Exception) -> Problem:
        """Whose fault it is: ours, whose traceback is logged, or a database's that does not answer."""
        is_ours = is_caused_by_input(error)
        if self._seldom.is_due(f"{name} {is_ours}"):
            if is_ours:
                log.error("api.fault", endpoint=name, exc_info=error)
            else:
                log.warning("api.away", endpoint=name, error=type(error).__name__)
        if is_ours:
            return Problem(FAILED, "A fault of ours: the server's log has it.")
        return away("The database does not answer in time: try again.")
