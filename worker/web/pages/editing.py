"""Looking at an account's configuration, and changing it: one at a time, noted, and nothing kept of what is refused."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from worker.language import _
from worker.steps.accounts.desk import Desk, open_desk
from worker.store.audit.configuration import noting_changes
from worker.store.db.postgres import Connection, tried
from worker.web.pages.page import Redirect, Refusal, Shown, Visit
from worker.web.pages.service import not_found


def desk_of(connection: Connection, visit: Visit) -> Desk:
    """The account with its texts; it was there when the request came."""
    desk = open_desk(connection, visit.account)
    if desk is None:
        raise LookupError(visit.account)
    return desk


def edited(visit: Visit, act: Callable[[Connection, Desk], Shown]) -> Shown:
    """Act on an account's desk while nobody else does; it is kept where the act leads on, and else nothing is."""
    return tried(visit.pool, partial(act_on, visit, act), keeps=lambda outcome: isinstance(outcome, Redirect))


def act_on(visit: Visit, act: Callable[[Connection, Desk], Shown], connection: Connection) -> Shown:
    with noting_changes(connection, visit.account, by=visit.by):
        desk = open_desk(connection, visit.account, to_edit=True)
        return not_found() if desk is None else act(connection, desk)


def unpriced() -> Refusal:
    """A budget in hryvnias would hold nothing."""
    return Refusal(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("Nobody knows yet what an SMS costs"),
        _("There is a budget in hryvnias: set the price in the settings first."),
    )
