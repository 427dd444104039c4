"""Every list of the console has its twin: of the account alone, and for keys that may see it."""

import pytest

from schedules.reminders.schedule_timers import retime
from tests.support.crm import SECRET, add_account, delivery, event, execute, person, row
from tests.web.api.conftest import Api
from worker.steps.access.api_keys import Wanted, make
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, transaction


def test_consents_stand_with_their_events(api: Api, intake: Intake) -> None:
    body = event("contact.saved", contact={"id": "17", "version": 1, "consent": True}, recipients=[])
    accept(intake, [delivery(body)])

    [consent] = api.read("/consents", person="17")["items"]

    assert (consent["id"], consent["given"], consent["event_id"]) == ("17", True, body["id"])
    assert api.read("/consents", person="18")["items"] == []


def test_letters_follow_each_other_and_say_why(api: Api, intake: Intake) -> None:
    add_account(intake.pool, "other")
    accept(intake, [delivery(text, key="acme.order.created") for text in (b"{", b"[", b"(")])
    accept(intake, [delivery(b"<", key="other.order.created")])

    first = api.read("/letters", reason="not_json", limit=2)
    rest = api.read("/letters", reason="not_json", limit=2, after=first["next"])

    assert (first["total"], len(first["items"]), len(rest["items"]), rest["next"]) == (3, 2, 1, None)
    assert first["items"][0]["reason"]["code"] == "not_json"
    assert api.get("/letters", reason="nothing").status_code == 400


def test_the_audit_is_for_keys_that_change_settings(api: Api, acme_pool: Pool) -> None:
    execute(acme_pool, NOTED)

    notes = api.read("/audit", action="trigger", limit=1)

    assert (notes["items"][0]["done_by"], notes["items"][0]["after"]) == ("x", {"on": True})
    assert len(api.read("/audit", action="trigger", below=notes["next"])["items"]) == 1
    assert api.get("/audit", key="reader").status_code == 403


NOTED = """
INSERT INTO audit (at, done_by, action, account, subject, after)
SELECT now(), 'x', 'trigger', 'acme', 'order_created', '{"on": true}' FROM generate_series(1, 2)
"""


def test_reminders_are_counted_by_day_and_trigger(api: Api, intake: Intake) -> None:
    (start,) = row(intake.pool, "SELECT now() + interval '3 days'")
    meeting = {"id": "77", "version": 1, "start": start.isoformat()}
    accept(intake, [delivery(event("meeting.saved", meeting=meeting, recipients=[person()]))])
    while retime(intake.pool, intake.cache):
        pass

    [coming] = api.read("/reminders")["items"]

    assert (coming["trigger"], coming["reminders"]) == ("meeting_reminder", 1)
    assert api.get("/reminders", until="2020-01-01").status_code == 400


def test_settings_people_keys_and_jobs_are_the_accounts_own(api: Api, acme_pool: Pool) -> None:
    execute(acme_pool, "INSERT INTO users (name, role, account, created_at) VALUES ('olena', 'admin', 'acme', now())")
    execute(acme_pool, DONE)
    with transaction(acme_pool) as connection:
        make(connection, Seal([SECRET]), Wanted("acme", "CRM", ["read"]), by="x", now=clock(connection))

    settings = {item["name"]: item["value"] for item in api.read("/settings")["items"]}
    [olena] = api.read("/people")["items"]
    keys = api.read("/keys")["items"]
    [job] = api.read("/jobs")["items"]

    assert (settings["zone"], "token" in settings) == ("Europe/Kyiv", False)
    assert (olena["name"], olena["state"]) == ("olena", "uninvited")
    assert [(key["name"], key["scopes"], key["state"]) for key in keys] == [("CRM", ["read"], "valid")]
    assert (job["action"], job["counts"]) == ("cancel", {"cancelled": 1})


DONE = """
INSERT INTO jobs (account, action, asked_by, asked_at, items, done, counts, state, settled_at)
VALUES ('acme', 'cancel', 'x', now(), ARRAY['2026-12/1'], 1, '{"cancelled": 1}', 'finished', now())
"""


@pytest.mark.parametrize("path", ["/settings", "/people", "/keys", "/audit"])
def test_what_shows_people_and_settings_is_not_for_readers(api: Api, path: str) -> None:
    assert api.get(path, key="reader").status_code == 403
