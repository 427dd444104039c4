"""Події: what an admin sees and switches."""

import re

from tests.support.crm import delivery, event, execute, given_columns, person, row, rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.core.triggers.catalogue import BY_ID, TRIGGERS
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

HERE = "/a/acme/triggers"


def test_every_event_of_the_settings_page_is_listed_in_its_words(admin: Browser) -> None:
    page = admin.read(HERE)

    assert [trigger.id for trigger in TRIGGERS if not trigger.is_free and f">{trigger.label}</a>" not in page] == []


def test_an_event_is_switched_and_the_audit_names_who_did_it(site: Site, admin: Browser) -> None:
    for is_on in ("off", "on"):
        response = admin.post(HERE, {"trigger": "order_created", "switch": is_on})
        assert (response.status_code, response.headers["location"]) == (303, HERE)
        page = admin.read(HERE)
        assert f"Switched {is_on}: " in page

    assert f"Switched {is_on}: " not in admin.read(HERE)
    assert row(site.pool, "SELECT switched_on FROM triggers WHERE trigger = 'order_created'") == (True,)
    assert admin.user
    assert rows(site.pool, "SELECT done_by, subject FROM audit WHERE action = 'trigger' AND done_by LIKE 'user/%'") == (
        [(f"user/{admin.user.id} olena", "order_created")] * 2
    )


def test_an_event_that_is_not_there_is_not_switched(admin: Browser) -> None:
    assert admin.post(HERE, {"trigger": "nothing", "switch": "on"}).status_code == 404


def test_an_auditor_looks_and_switches_nothing(site: Site) -> None:
    browser = site.sign_in(AUDITOR)

    assert "Switch off" not in browser.read(HERE)
    assert browser.post(HERE, {"trigger": "order_created", "switch": "off"}).status_code == 403


def test_states_are_counted_and_names_are_searched(admin: Browser) -> None:
    admin.post(HERE, {"trigger": "order_created", "switch": "off"})

    off, found = admin.read(HERE, state="off"), admin.read(HERE, q="Народження")

    assert re.findall(r'aria-current="true">off <b>(\d+)</b>', off) == ["1"]
    assert [f"/triggers/{name}" in off for name in ("order_created", "contact_birthday")] == [True, False]
    assert [f"/triggers/{name}" in found for name in ("order_created", "contact_birthday")] == [False, True]
    assert "found by these filters" in admin.read(HERE, q="<script>" * 1_000)


def test_many_are_switched_in_one_change(site: Site, admin: Browser) -> None:
    many = ["order_created", "contact_birthday"]

    done = admin.post(HERE, {"trigger": many, "switch": "off"})

    assert "2 events are switched off." in admin.read(done.headers["location"])
    off = rows(site.pool, "SELECT trigger FROM triggers WHERE NOT switched_on ORDER BY trigger")
    assert [name for (name,) in off] == sorted(many)
    assert "Tick some" in admin.read(admin.post(HERE, {"switch": "on"}).headers["location"])
    assert admin.post(HERE, {"trigger": [*many, "nothing"], "switch": "on"}).status_code == 404
    assert admin.post(HERE, {"trigger": many, "switch": "perhaps"}).status_code == 404


def test_who_switches_on_an_events_page_stays_there(admin: Browser) -> None:
    done = admin.post(HERE, {"trigger": "order_created", "switch": "off", "back": "on"})

    assert done.headers["location"] == f"{HERE}/order_created"


def test_a_row_shows_what_it_costs_and_did_in_a_week(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET segment_price = 0.78")
    execute(
        site.pool,
        "INSERT INTO hourly_volumes (account, trigger, hour, sent) "
        "VALUES ('acme', 'order_created', date_trunc('hour', now()), 41), "
        "('acme', 'order_created', date_trunc('hour', now()) - interval '8 days', 900)",
    )

    page = admin.read(HERE, q="створення нового замовлення")

    assert ("0.78 UAH" in page, ">41</a>" in page, "at once" in page) == (True, True, True)
    assert "UAH" not in site.sign_in(AUDITOR).read(HERE)


def test_one_without_a_text_gets_the_default_one_and_is_named(site: Site, admin: Browser) -> None:
    execute(
        site.pool,
        "UPDATE template_versions SET text = '' WHERE template IN "
        "(SELECT id FROM templates WHERE trigger = 'contact_birthday')",
    )

    done = admin.post(HERE, {"trigger": ["order_created", "contact_birthday"], "switch": "on"})

    page = admin.read(done.headers["location"])
    assert "2 events are switched on." in page
    assert f"the default one is taken: {BY_ID['contact_birthday'].label}." in page


def test_of_many_without_a_text_a_few_are_named(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE template_versions SET text = ''")
    every = [trigger.id for trigger in TRIGGERS if not trigger.is_free]

    done = admin.post(HERE, {"trigger": every, "switch": "on"})

    assert f"and {len(every) - 5} more" in admin.read(done.headers["location"])


def test_the_list_stays_filtered_where_one_is_switched(admin: Browser) -> None:
    done = admin.post(f"{HERE}?state=on&q=x", {"trigger": "order_created", "switch": "off"})

    assert done.headers["location"] == f"{HERE}?state=on&q=x"


def test_who_switches_off_is_told_what_goes_all_the_same(intake: Intake, admin: Browser) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])

    admin.post(HERE, {"trigger": "order_created", "switch": "off"})
    assert "1 text that is planned already goes all the same" in admin.read(HERE)

    admin.post(HERE, {"trigger": "contact_birthday", "switch": "off"})
    assert "all the same" not in admin.read(HERE)


def test_a_week_counts_what_did_not_go_and_not_what_was_read(site: Site, intake: Intake, admin: Browser) -> None:
    for phone in ("044 123 45 67", "044 123 45 68", "067 123 45 67"):
        accept(intake, [delivery(event("order.created", recipients=[person("order", phone=phone)]))])
    read = "UPDATE notifications SET state = 'read', due_at = NULL, attempt = 'x', attempt_month = month"
    execute(site.pool, f"{read} WHERE state <> 'skipped'")

    assert "not: 2" in admin.read(HERE)


def test_of_a_flood_that_did_not_go_the_least_is_shown(site: Site, intake: Intake, admin: Browser) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order", phone="044 123 45 67")]))])
    columns = given_columns(site.pool, "notifications")
    copied = columns.replace(" id,", " id + g,", 1)
    insert = f"INSERT INTO notifications ({columns}) SELECT {copied}"
    execute(site.pool, f"{insert} FROM notifications, generate_series(1, 3100) AS g")

    assert "not: 3,000 or more" in admin.read(HERE, q="створення нового замовлення")
