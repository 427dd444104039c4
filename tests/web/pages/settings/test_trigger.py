"""Подія: its text is looked at while it is written, saved as a version, and given back."""

import re

import pytest

from tests.support.crm import delivery, event, execute, person, row, rows
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from worker.core.triggers.catalogue import BY_ID, TRIGGERS
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.access.users import NewUser

HERE = "/a/acme/triggers/order_created"
LONG = "Вітаємо! " * 12
NO_PRICES = NewUser("taras", "admin", "acme", sees_phones=True, spends=True, sees_prices=False)


def texts_of(site: Site) -> list[str]:
    statement = """
    SELECT v.text FROM template_versions AS v INNER JOIN templates AS t ON t.id = v.template
    WHERE t.trigger = 'order_created' ORDER BY v.version
    """
    return [text for (text,) in rows(site.pool, statement)]


def taken(site: Site, *, segments: int) -> None:
    """Let the event have taken so much today."""
    statement = """
    INSERT INTO spending (account, day, trigger, is_refund, segments, cost)
    VALUES ('acme', current_date, 'order_created', false, %s, 312)
    """
    execute(site.pool, statement, segments)


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d*)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("trigger", [trigger.id for trigger in TRIGGERS if not trigger.is_free])
def test_every_event_has_its_page_in_both_languages(admin: Browser, trigger: str) -> None:
    page = admin.read(f"/a/acme/triggers/{trigger}")
    settings = admin.read(f"/a/acme/triggers/{trigger}/settings")

    assert BY_ID[trigger].label in page
    assert BY_ID[trigger].label in settings
    assert admin.get(f"/a/acme/triggers/{trigger}?locale=en").status_code == 200


@pytest.mark.parametrize("trigger", ["nothing", "custom_message", "%00", "a/b"])
def test_what_is_no_event_has_no_page(admin: Browser, trigger: str) -> None:
    assert admin.get(f"/a/acme/triggers/{trigger}").status_code == 404


def test_a_text_is_saved_as_a_version_and_its_author_is_shown(admin: Browser) -> None:
    page = admin.read(HERE)

    saved = admin.post(
        HERE, {"text": "Замовлення {stock_orders_number_order_id} у роботі", "version": version_of(page)}
    )

    assert saved.status_code == 303
    page = admin.read(saved.headers["location"])
    assert "Saved: version 2" in page
    assert "у роботі</textarea>" in page
    assert admin.user
    assert "<td>olena</td>" in page


def test_an_old_version_is_taken_back_as_the_newest(site: Site, admin: Browser) -> None:
    (first,) = texts_of(site)
    admin.post(HERE, {"text": "Новий текст", "version": version_of(admin.read(HERE))})

    taken = admin.post(f"{HERE}/roll-back", {"version": "1"})

    assert "that of version 1 again" in admin.read(taken.headers["location"])
    assert texts_of(site) == [first, "Новий текст", first]


def test_the_second_of_two_admins_is_told_and_keeps_what_they_typed(admin: Browser) -> None:
    seen = version_of(admin.read(HERE))
    admin.post(HERE, {"text": "Перший текст", "version": seen})

    late = admin.post(HERE, {"text": "Другий текст", "version": seen})

    assert late.status_code == 409
    assert "another version meanwhile" in late.text
    assert "Перший текст" in late.text
    assert "Другий текст</textarea>" in late.text
    assert admin.post(HERE, {"text": "Другий текст", "version": version_of(late.text)}).status_code == 303


@pytest.mark.parametrize("pressed", [{"check": "on"}, {"agreed": "9"}, {}])
def test_no_button_hides_from_the_second_that_the_first_has_saved(
    site: Site, admin: Browser, pressed: dict[str, str]
) -> None:
    taken(site, segments=400)
    seen = version_of(admin.read(HERE))
    admin.post(HERE, {"text": "Перший текст", "version": seen})

    page = admin.post(HERE, {"text": LONG, "version": seen, **pressed})
    if page.status_code == 200:
        page = admin.post(HERE, {"text": LONG, "version": version_of(page.text)})

    assert page.status_code == 409
    assert texts_of(site)[1:] == ["Перший текст"]


def test_a_text_that_cannot_be_sent_is_refused_at_its_place_and_stays_in_the_box(site: Site, admin: Browser) -> None:
    response = admin.post(HERE, {"text": "Вітаю, {contact_fistname}!", "version": version_of(admin.read(HERE))})

    assert response.status_code == 422
    assert "{contact_fistname}!</textarea>" in response.text
    assert "sign 8" in response.text
    assert row(site.pool, "SELECT max(version) FROM template_versions") == (1,)


def test_a_text_that_costs_more_a_month_is_asked_for_once(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET segment_price = 0.78")
    taken(site, segments=400)
    typed = {"text": LONG, "version": version_of(admin.read(HERE))}

    asked = admin.post(HERE, typed)

    assert "It was 1 SMS and becomes 2" in asked.text
    assert "312.00 UAH more a month" in asked.text
    assert row(site.pool, "SELECT max(version) FROM template_versions") == (1,)
    agreed = {"version": version_of(asked.text), "agreed": "2"}
    assert admin.post(HERE, {"text": LONG * 4, **agreed}).status_code == 200, "another text than the one agreed to"
    assert admin.post(HERE, {"text": LONG, **agreed}).status_code == 303


def test_a_shortcode_that_no_event_of_a_week_carried_is_asked_for_once(
    site: Site, intake: Intake, admin: Browser
) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order", firstname="Олена")]))])
    new = "{stock_orders_firstname}, ваше замовлення! {stock_orders_ttn}"
    look = admin.post(f"{HERE}/look", {"text": new}, headers={"HX-Request": "true"})
    assert "carried a value for {stock_orders_ttn}." in look.text

    asked = admin.post(HERE, {"text": new, "version": "1"})

    assert (asked.status_code, "carried a value for {stock_orders_ttn}." in asked.text) == (200, True)
    assert len(texts_of(site)) == 1
    agreed = {"text": new, "version": "1", "absent": "stock_orders_ttn"}
    assert admin.post(HERE, {**agreed, "text": f"{new} {{stock_orders_email}}"}).status_code == 200
    assert admin.post(HERE, agreed).status_code == 303
    assert "carried a value" not in admin.read(HERE), "it is not new any more"


@pytest.mark.parametrize("came", ["order.created", None])
def test_of_events_that_never_came_or_came_long_ago_nothing_is_said(
    site: Site, intake: Intake, admin: Browser, came: str | None
) -> None:
    if came:
        accept(intake, [delivery(event(came, recipients=[person("order")]))])
        execute(site.pool, "UPDATE events SET received_at = received_at - interval '8 days'")

    assert admin.post(HERE, {"text": "ТТН {stock_orders_ttn}", "version": "1"}).status_code == 303


def test_a_text_is_shown_with_short_usual_and_long_values(admin: Browser) -> None:
    def forms(text: str) -> list[str]:
        look = admin.post(f"{HERE}/look", {"text": text}, headers={"HX-Request": "true"}).text
        return re.findall(r'<div class="message">([^<]*)</div>', look)

    assert forms("№{stock_orders_number_order_id} у роботі") == [
        "№1042 у роботі",
        "№ у роботі",
        f"№{'а' * 60} у роботі",
    ]
    assert forms("У роботі") == ["У роботі"]


def test_what_a_version_changed_is_read_out_too(admin: Browser) -> None:
    admin.post(HERE, {"text": "Перший текст", "version": "1"})
    admin.post(HERE, {"text": "Другий текст", "version": "2"})

    page = admin.read(HERE)

    assert '<ins><span class="visually-hidden">added: </span>Другий</ins>' in page
    assert '<del><span class="visually-hidden">removed: </span>Перший</del>' in page


def test_who_may_not_see_prices_sees_none(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET segment_price = 0.78")
    assert "0.78 UAH" in admin.read(HERE)

    assert "UAH" not in site.sign_in(AUDITOR).read(HERE)


def test_while_somebody_types_only_the_judgement_is_answered(admin: Browser) -> None:
    look = admin.post(f"{HERE}/look", {"text": "Hello – {nothing}"}, headers={"HX-Request": "true"})

    assert "<html" not in look.text
    assert "Line 1, sign 9" in look.text
    assert "70 signs instead of 160" in look.text


def test_a_text_of_nothing_but_slips_is_answered_with_the_first_of_them(admin: Browser) -> None:
    look = admin.post(f"{HERE}/look", {"text": "{" * 10_000}, headers={"HX-Request": "true"})

    assert look.text.count("Line 1, sign") == 20
    assert "more." in look.text
    assert len(look.text) < 20_000


def test_a_check_without_scripts_saves_nothing_and_loses_nothing(site: Site, admin: Browser) -> None:
    page = admin.post(HERE, {"text": "Ще не готово", "check": "on"}).text

    assert "Ще не готово</textarea>" in page
    assert row(site.pool, "SELECT max(version) FROM template_versions") == (1,)


@pytest.mark.parametrize(
    "hostile", ["</textarea><script>alert(1)</script>", "\u202eВітаю", "я" * 10_000, "{" * 500, "\x00"]
)
def test_whatever_is_typed_is_shown_as_it_is_and_nothing_breaks(admin: Browser, hostile: str) -> None:
    response = admin.post(HERE, {"text": hostile, "version": version_of(admin.read(HERE))})

    assert response.status_code in {200, 303, 422}
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("number", ["9" * 5_000, "-1", "²", "x", ""])
def test_a_version_that_never_was_is_neither_followed_nor_taken_back(site: Site, admin: Browser, number: str) -> None:
    assert admin.post(HERE, {"text": "Новий текст", "version": number}).status_code == 409
    assert admin.post(f"{HERE}/roll-back", {"version": number}).status_code == 404
    assert len(texts_of(site)) == 1


def test_who_only_looks_saves_nothing(site: Site) -> None:
    for who in (AUDITOR, OPERATOR):
        browser = site.sign_in(who)
        assert 'class="main"' not in browser.read(HERE)
        assert browser.post(HERE, {"text": "x", "version": "1"}).status_code == 403
        assert browser.post(f"{HERE}/settings", {"channel": "sms"}).status_code == 403


def test_settings_are_saved_and_noted(site: Site, admin: Browser) -> None:
    path = "/a/acme/triggers/booking_reminder/settings"
    given = {"channel": "viber_then_sms", "if_unconfirmed": "keep", "over_budget": "stop", "setting-before": "24h, 2h"}

    assert admin.post(path, {**given, "daily_segments": "500"}).status_code == 303

    kept = row(
        site.pool,
        "SELECT channel, settings ->> 'before', daily_segments FROM triggers WHERE trigger = 'booking_reminder'",
    )
    assert kept == ("viber_then_sms", '["24h", "2h"]', 500)
    assert 'value="24h,2h"' in admin.read(path)
    assert rows(site.pool, "SELECT subject FROM audit WHERE action = 'trigger'") == [("booking_reminder",)]


def test_a_budget_is_for_who_sees_prices_and_stays_where_they_save(site: Site) -> None:
    path = "/a/acme/triggers/booking_reminder/settings"
    execute(site.pool, "UPDATE accounts SET segment_price = 0.78")
    given = {"channel": "sms", "if_unconfirmed": "keep", "over_budget": "stop"}
    assert site.sign_in().post(path, {**given, "daily_budget": "4321"}).status_code == 303
    blind = site.sign_in(NO_PRICES)

    assert "4321" not in blind.read(path)
    assert blind.post(path, {**given, "channel": "both", "daily_budget": "9999"}).status_code == 303

    kept = row(site.pool, "SELECT channel, daily_budget FROM triggers WHERE trigger = 'booking_reminder'")
    assert kept == ("both", 4321)


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("channel", "pigeon", "Choose something"),
        ("setting-before", "soon", "write how long before"),
        ("daily_segments", "many", "Write a whole number"),
        ("daily_segments", "0", "Write a whole number"),
        ("daily_segments", "9" * 5_000, "Write a whole number"),
        ("daily_budget", "-5", "is no sum in hryvnias"),
        ("daily_budget", "100", "Nobody knows yet what an SMS costs"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_at_its_box(
    site: Site, admin: Browser, field: str, value: str, wrong: str
) -> None:
    before = rows(site.pool, "SELECT * FROM triggers WHERE trigger = 'booking_reminder'")
    given = {"channel": "sms", "if_unconfirmed": "keep", "over_budget": "stop", field: value}

    response = admin.post("/a/acme/triggers/booking_reminder/settings", given)

    assert response.status_code == 422
    assert re.search(rf'id="{field}-error">[^<]*{wrong}', response.text), response.text
    assert rows(site.pool, "SELECT * FROM triggers WHERE trigger = 'booking_reminder'") == before


def test_an_unknown_language_is_refused_and_the_text_stays(site: Site, admin: Browser) -> None:
    response = admin.post("/a/acme/triggers/order_created", {"locale": "xx", "text": "Мій текст", "version": "1"})

    assert response.status_code == 422
    assert ("Choose something from the list" in response.text, "Мій текст" in response.text) == (True, True)
    assert row(site.pool, "SELECT count(*) FROM template_versions WHERE text = 'Мій текст'") == (0,)


def test_a_version_of_an_unknown_language_is_not_rolled_back_to(site: Site, admin: Browser) -> None:
    before = rows(site.pool, "SELECT * FROM template_versions")
    response = admin.post("/a/acme/triggers/order_created/roll-back", {"locale": "xx", "version": "1"})

    assert (response.status_code, "Choose something from the list" in response.text) == (422, True)
    assert rows(site.pool, "SELECT * FROM template_versions") == before


def test_what_is_saved_goes_to_the_text_wherever_the_page_was_shown(admin: Browser) -> None:
    refused = admin.post("/a/acme/triggers/order_created/trial", {"phone": "x", "locale": "uk"}).text

    assert '<form method="post" action="/a/acme/triggers/order_created" class="panel">' in refused
