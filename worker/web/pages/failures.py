"""What breaks while a page is made: logged, but not as often as somebody asks, and shown as ours or the database's."""

from http import HTTPStatus

from worker.language import _
from worker.logs.seldom import Seldom
from worker.logs.setup import log
from worker.store.db.postgres import is_caused_by_input
from worker.web.pages.page import Refusal

#: How often the same trouble is logged at most.
SELDOM_S = 60.0


class PageFailures:
    """Answers what breaks, in any thread."""

    def __init__(self) -> None:
        self._seldom = Seldom(SELDOM_S)

    def refusal(self, name: str, error: Exception) -> Refusal:
        is_ours = is_caused_by_input(error)
        if self._seldom.is_due(f"{name} {is_ours}"):
            if is_ours:
                log.error("page.fault", page=name, exc_info=error)
            else:
                log.warning("page.away", page=name, error=type(error).__name__)
        if is_ours:
            return Refusal(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                _("A fault of ours"),
                _("Nothing was changed; the server's log has it. What you typed is still there: go back."),
            )
        return Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            _("The database does not answer"),
            _("Nothing was changed. It comes back by itself: try again in a moment; what you typed is still there."),
        )
