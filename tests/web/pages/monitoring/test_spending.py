"""Гроші: by days and events, budgets, and TurboSMS's own reports."""

import re

import pytest

from tests.steps.receipts.receipts import taken
from tests.support.crm import execute
from tests.web.pages.conftest import OPERATOR, Browser, Site

HERE = "/a/acme/spending"
SPENT = """
INSERT INTO spending (account, day, trigger, is_refund, segments, cost) VALUES
('acme', (now() AT TIME ZONE 'Europe/Kyiv')::date, 'order_created', false, 4, 3.1200),
('acme', (now() AT TIME ZONE 'Europe/Kyiv')::date, 'order_created', true, 1, 0.7800),
('acme', (now() AT TIME ZONE 'Europe/Kyiv')::date - 3, 'contact_birthday', false, 2, 1.5600)
"""


def test_days_and_events_are_added_up_without_what_came_back(site: Site, admin: Browser) -> None:
    assert "Nothing was spent in these days." in admin.read(HERE)
    execute(site.pool, SPENT)

    page = admin.read(HERE)

    assert ("3.90 UAH in all" in page, len(re.findall("<rect", page))) == (True, 30)
    assert page.index("2.34 UAH") < page.index("1.56 UAH")
    assert admin.get(f"{HERE}/export").text.count("\r\n") == 3


def test_a_budget_says_how_much_of_it_is_used(site: Site, admin: Browser) -> None:
    assert "There is no budget" in admin.read(HERE)
    execute(site.pool, SPENT)
    execute(site.pool, "UPDATE accounts SET daily_budget = 2.60, daily_segments = 100")

    assert '<span class="badge warn">90 %</span>' in admin.read(HERE)


def test_reports_of_turbosms_are_added_up_when_somebody_asks(admin: Browser) -> None:
    page = admin.read(HERE, exact="on")

    assert ("TurboSMS took nothing" in page, "Add them up" in page) == (True, False)


@pytest.mark.parametrize(
    "query", ["since=x", "until=2026-13-01", "since=2026-12-02&until=2026-12-01", "since=2020-01-01"]
)
def test_days_that_cannot_be_are_refused_at_their_box(admin: Browser, query: str) -> None:
    response = admin.get(f"{HERE}?{query}")

    assert (response.status_code, '-error"' in response.text) == (422, True)
    assert admin.get(f"{HERE}/export?{query}").status_code == 422


def test_money_is_for_those_who_see_prices(site: Site) -> None:
    operator = site.sign_in(OPERATOR)

    assert [operator.get(path).status_code for path in (HERE, f"{HERE}/export")] == [403, 403]


CHANNEL = """
INSERT INTO channel_statuses (account, message_id, channel, status, price, updated_at)
VALUES ('acme', %s, %s, 'delivered', %s, now())
"""


def test_what_viber_saved_what_fell_back_and_the_dearest_texts_are_told(site: Site, admin: Browser) -> None:
    taken(site.pool, "v-1", "v-2", channel="viber")
    taken(site.pool, "h-1", channel="viber_then_sms")
    taken(site.pool, "s-1")
    for message, channel, price in (
        ("v-1", "viber", "0.80"),
        ("v-2", "viber", "0.80"),
        ("h-1", "viber", "0"),
        ("h-1", "sms", "1.28"),
        ("s-1", "sms", "5.12"),
    ):
        execute(site.pool, CHANNEL, message, channel, price)
    execute(site.pool, "UPDATE accounts SET segment_price = 1.28")
    execute(site.pool, "UPDATE notifications SET segments = 4, viber_fallback = 'no_viber' WHERE dedupe_key = 's-1'")

    page = admin.read(HERE, exact="on")

    assert "2 texts went by Viber alone: 1.60 UAH" in re.sub(r"\s+", " ", page)
    assert "As SMS it would have cost 0.96 UAH more." in page
    assert "2 texts could not go by Viber" in page
    assert "Viber did not reach the person" in page
    dearest = page[page.index("The dearest texts") :]
    assert dearest.index("5.12 UAH") < dearest.index("1.28 UAH") < dearest.index("0.80 UAH")


def test_where_an_sms_has_no_price_nobody_knows_what_viber_saved(site: Site, admin: Browser) -> None:
    taken(site.pool, "v-1", channel="viber")
    execute(site.pool, CHANNEL, "v-1", "viber", "0.80")

    assert "set the price of an SMS" in admin.read(HERE, exact="on")
