"""Огляд: what waits, what it cost, how long the money lasts."""

import re

from schedules.reminders.schedule_timers import retime
from tests.support.crm import delivery, event, execute, person, row, rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.core.triggers.catalogue import BY_ID
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

HERE = "/a/acme/overview"


def test_where_nothing_waits_it_says_so(admin: Browser) -> None:
    assert "Nothing waits" in admin.read(HERE)


def test_what_waits_says_for_what_and_until_when(site: Site, intake: Intake, admin: Browser) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])
    execute(site.pool, "UPDATE notifications SET state = 'postponed', reason = 'quiet_hours', due_at = now() + '1 h'")

    page = admin.read(HERE)

    assert ("SMS that wait" in page, "hours" in page) == (True, True)


def test_pauses_are_named(site: Site, admin: Browser) -> None:
    admin.post("/a/acme/pauses", {"what": "trigger/contact_birthday"})

    page = admin.read(HERE)

    assert ("Привітання з днем народження" in page, "somebody paused it" in page) == (True, True)
    assert site.pool


def test_who_may_not_see_money_sees_none(site: Site) -> None:
    assert "UAH" not in site.sign_in(AUDITOR).read(HERE)


def test_today_is_counted_by_state_in_links_to_the_history(site: Site, intake: Intake, admin: Browser) -> None:
    assert "Nothing was planned today yet." in admin.read(HERE)
    for number in ("1", "2"):
        order = {"id": number, "number": f"A-{number}", "version": 1}
        accept(intake, [delivery(event("order.created", recipients=[person("order")], order=order))])
    accept(intake, [delivery(b"{", key="acme.order.created")])
    execute(site.pool, "UPDATE notifications SET state = 'cancelled', reason = 'by_hand', due_at = NULL WHERE id = 1")

    page = admin.read(HERE)

    counted = re.findall(r'href="([^"]+state=\w+)">(\w+) <b>(\d+)</b>', page)
    assert [(label, count) for _address, label, count in counted] == [("cancelled", "1"), ("planned", "1")]
    assert admin.read(counted[0][0].replace("&amp;", "&")).count("/texts/") == 1
    assert "<b>1</b>letters on the desk" in page


def test_what_did_not_go_today_says_why_and_leads_to_the_history(site: Site, intake: Intake, admin: Browser) -> None:
    nobody = event("order.created", recipients=[person("order", phone=None)])
    accept(intake, [delivery(nobody)])
    assert rows(site.pool, "SELECT state, reason FROM notifications") == [("skipped", "no_phone")]

    link = r'href="([^"]+state=skipped&amp;reason=no_phone)">not sent: ([^<]+)</a> <b>1</b>'
    found = re.search(link, admin.read(HERE))

    assert found
    assert found[2] == "the person has no phone"
    assert "/texts/" in admin.read(found[1].replace("&amp;", "&"))


def test_live_numbers_are_the_same_part_of_the_page(site: Site, intake: Intake, admin: Browser) -> None:
    def part() -> str:
        response = admin.get(HERE, headers={"HX-Request": "true"})
        assert response.status_code == 200, response.text
        return response.text

    assert ("<html" in part(), "Nothing waits" in part()) == (False, True)
    execute(site.pool, SPENT)
    accept(intake, [delivery(event("order.created", recipients=[person("order", phone=None)]))])

    assert (part().count("<rect"), "the person has no phone" in part()) == (7, True)


def test_a_reason_that_nobody_knows_is_shown_as_it_is(site: Site, intake: Intake, admin: Browser) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])
    end = "UPDATE notifications SET state = 'refused', due_at = NULL, reason = %s"
    execute(site.pool, end, "<script>alert(1)</script>")

    page = admin.read(HERE)

    assert ("<script>alert" in page, "&lt;script&gt;alert" in page) == (False, True)
    execute(site.pool, "UPDATE notifications SET created_at = now() - interval '25 hours'")
    assert "&lt;script" not in admin.read(HERE)


def test_the_week_and_the_next_day_are_seen_at_a_look(site: Site, intake: Intake, admin: Browser) -> None:
    assert ("None is due." in admin.read(HERE), "<rect" in admin.read(HERE)) == (True, False)
    execute(site.pool, SPENT)
    (start,) = row(site.pool, "SELECT now() + interval '25 hours'")
    meeting = {"id": "77", "version": 1, "start": start.isoformat()}
    accept(intake, [delivery(event("meeting.saved", meeting=meeting, recipients=[person()]))])
    while retime(site.pool, intake.cache):
        pass

    page = admin.read(HERE)

    assert (page.count("<rect"), ": 4 SMS" in page) == (7, True)
    assert f"{BY_ID['meeting_reminder'].label}: 1" in page


SPENT = """
INSERT INTO spending (account, day, trigger, is_refund, segments, cost)
VALUES ('acme', (now() AT TIME ZONE 'Europe/Kyiv')::date, 'order_created', false, 4, 3)
"""
