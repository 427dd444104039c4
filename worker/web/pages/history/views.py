"""Filters of the history under a name: kept, shown above the list, and taken away."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from worker.language import _
from worker.store.access import saved_views
from worker.store.access.saved_views import VIEWS_MAX
from worker.store.db.postgres import transaction
from worker.web.pages.page import Redirect, Refusal, Shown, Visit, page

PATH = "/a/{account}/history/views"
#: What a view keeps; words that are searched for are of people.
KEPT = ("state", "reason", "channel", "trigger", "since", "until")
NAME_MAX, QUERY_MAX = 60, 2_000


@page("POST", PATH, may="look")
def save_view(visit: Visit) -> Shown:
    """Keep the filters of the list under a name."""
    name = " ".join(visit.form.text("name").split())
    query = urlencode([(key, value) for key, value in visit.form.fields if key in KEPT and value])
    if not 0 < len(name) <= NAME_MAX:
        return refused(_("Give the view a name of at most {most} characters.", most=NAME_MAX))
    if not 0 < len(query) <= QUERY_MAX:
        return refused(_("Choose some filters first; words that are searched for are not kept."))
    with transaction(visit.pool) as connection:
        is_kept = saved_views.save(connection, visit.user.id, visit.account, name, query)
    if not is_kept:
        return refused(_("There are {most} views already: take one away first.", most=VIEWS_MAX))
    return Redirect(f"{visit.home}/history?{query}", _("Saved: {label}.", label=name))


@page("POST", f"{PATH}/remove", may="look")
def remove_view(visit: Visit) -> Shown:
    with transaction(visit.pool) as connection:
        saved_views.remove(connection, visit.user.id, visit.account, visit.form.text("name"))
    return Redirect(f"{visit.home}/history", _("The view is taken away."))


def refused(hint: str) -> Refusal:
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, _("This view is not saved"), hint)


def views_of(visit: Visit) -> Sequence[tuple[str, str, bool]]:
    """Names and queries of whoever looks, and whether each is what the address asks for."""
    mine = urlencode([(key, value) for key, value in visit.query.fields if key in KEPT and value])
    with transaction(visit.pool) as connection:
        found = saved_views.saved_views(connection, visit.user.id, visit.account)
    return [(name, query, query == mine) for name, query in found]
