"""A text that somebody sends from a page: as the event that a CRM would publish, once under the form's key."""

import secrets as random
from collections.abc import Mapping
from datetime import datetime

from worker.core.hands.send_request import Request
from worker.health.outcome_log import report
from worker.steps.hands.request import Outcome, Requested, request
from worker.web.pages.page import Visit
from worker.web.pages.sending.rehearsing import intake_of


def new_key() -> str:
    """What a form carries, so that it sends once however often it is sent."""
    return random.token_urlsafe(12)


def send_once(visit: Visit, key: str, data: Mapping[str, object], at: datetime | None = None) -> Outcome:
    """Send under this key, unless that was done before."""
    wanted = Request(visit.account, f"console/{key}", data, at)
    outcome = request(intake_of(visit), wanted, by=visit.by)
    if isinstance(outcome, Requested):
        report(outcome.reported)
    return outcome
