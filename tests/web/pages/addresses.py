"""An address of every page that is looked at, of an account that has something of each."""

import re
from collections.abc import Mapping

from tests.support.crm import row
from worker.store.db.postgres import Pool
from worker.web.pages.catalogue import PAGES
from worker.web.pages.page import Page

#: Where nobody has signed in.
ENTRANCES = {"show_sign_in", "enter"}
BY_NAME: Mapping[str, Page] = {page.name: page for page in PAGES if page.method == "GET"}
#: Parts of pages, and files.
NO_PAGES = {"palette", *(name for name in BY_NAME if name.startswith("export_"))}
LOOKED_AT = sorted(BY_NAME.keys() - NO_PAGES - ENTRANCES)
JOB = """
INSERT INTO jobs (account, action, asked_by, asked_at, items, done, counts, state, settled_at)
VALUES (%s, 'cancel', 'x', now(), ARRAY[%s], 1, '{"cancelled": 1}', 'finished', now())
RETURNING id::text
"""
TEXT = (
    "SELECT to_char(month, 'YYYY-MM'), id::text FROM notifications WHERE account = %s ORDER BY month DESC, id LIMIT 1"
)
LETTER = "SELECT id::text FROM dead_letters WHERE account = %s LIMIT 1"
EVENT = "SELECT event_id FROM events WHERE account = %s ORDER BY month DESC, id LIMIT 1"


def addresses(pool: Pool, account: str, *, client: str = "5") -> dict[str, str]:
    """By the names of pages."""
    month, number = row(pool, TEXT, account)
    (letter,) = row(pool, LETTER, account)
    (job,) = row(pool, JOB, account, f"{month}/{number}")
    known = {
        "account": account,
        "setting": "name",
        "trigger": "order_created",
        "client": client,
        "month": month,
        "number": number,
        "letter": letter,
        "job": job,
    }
    found = {name: re.sub(r"\{(\w+)(:\w+)?\}", lambda found: known[found[1]], BY_NAME[name].path) for name in LOOKED_AT}
    (event,) = row(pool, EVENT, account)
    return {**found, "crm_event": f"{found['crm_event']}?id={event}"}
