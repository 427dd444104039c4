"""Перевірка події: what is wrong with an event that somebody pastes, field by field, before the CRM publishes it."""

from collections.abc import Sequence
from http import HTTPStatus

import orjson

from worker.core.authoring.event_check import Remark, diagnose
from worker.core.authoring.event_examples import shown as example
from worker.core.contract.event_types import TYPES
from worker.core.contract.inbound_message import BODY_MAX
from worker.language import _
from worker.web.pages.page import Html, Shown, Visit, page

PATH = "/a/{account}/events/check"
#: A form sends a sign of an event as up to three.
FORM_MAX = 3 * BODY_MAX + 1_024


@page("GET", PATH, may="look")
def show_event_check(visit: Visit) -> Shown:
    """An empty box, or an example of a type."""
    wanted = visit.query.text("type")
    if wanted not in TYPES:
        return check_page("", None)
    event = {**example(wanted), "source": f"/accounts/{visit.account}"}
    return check_page(orjson.dumps(event, option=orjson.OPT_INDENT_2).decode(), None)


@page("POST", PATH, may="look", most=FORM_MAX)
def check_event(visit: Visit) -> Shown:
    """Judge what is in the box; nothing of it is accepted or kept."""
    body = visit.form.text("body")
    if not body.strip():
        return check_page(body, None, {"body": _("Paste an event: the JSON that the CRM publishes.")})
    return check_page(body, diagnose(body.encode(), now=visit.now, example=example))


def check_page(body: str, remarks: Sequence[Remark] | None, errors: dict[str, str] | None = None) -> Html:
    values = {
        "body": body,
        "remarks": remarks,
        "refused": any(remark.is_error for remark in remarks or ()),
        "types": [("", _("choose a type")), *((name, name) for name in TYPES)],
        "errors": errors or {},
    }
    return Html("desk/event_check.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)
