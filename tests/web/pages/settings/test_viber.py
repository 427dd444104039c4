"""Viber: the user's switch, and the one beside it."""

import pytest

from tests.support.crm import execute, row
from tests.web.pages.conftest import AUDITOR, Browser, Site

HERE = "/a/acme/viber"
KEPT = "SELECT viber_sender, viber_instead, viber_alone FROM accounts"


def test_the_second_switch_is_on_until_somebody_takes_it_off(admin: Browser) -> None:
    page = admin.read(HERE)

    assert 'name="then_sms" value="on" checked' in page
    assert 'name="viber_instead" value="on" checked' not in page


@pytest.mark.parametrize(
    ("switches", "kept"),
    [
        ({"viber_instead": "on", "then_sms": "on"}, ("Акме", True, False)),
        ({"viber_instead": "on"}, ("Акме", True, True)),
        ({"then_sms": "on"}, ("Акме", False, False)),
    ],
)
def test_both_switches_are_kept(site: Site, admin: Browser, switches: dict[str, str], kept: tuple[object, ...]) -> None:
    saved = admin.post(HERE, {"viber_sender": "Акме", **switches})

    assert row(site.pool, KEPT) == kept
    page = admin.read(saved.headers["location"])
    assert [f'name="{name}" value="on" checked' in page for name in ("viber_instead", "then_sms")] == [
        name in switches for name in ("viber_instead", "then_sms")
    ]


def test_nothing_goes_by_viber_without_a_sender(site: Site, admin: Browser) -> None:
    response = admin.post(HERE, {"viber_instead": "on", "then_sms": "on"})

    assert (response.status_code, "Give the sender first" in response.text) == (422, True)
    assert row(site.pool, KEPT) == (None, False, False)


def test_who_only_looks_switches_nothing(site: Site) -> None:
    assert site.sign_in(AUDITOR).post(HERE, {"viber_sender": "Акме"}).status_code == 403


@pytest.mark.parametrize(
    ("set_up", "shown"),
    [
        ("UPDATE accounts SET segment_price = NULL", "Nobody knows yet"),
        ("UPDATE accounts SET segment_price = 0.75", "0.75"),
    ],
)
def test_prices_stand_in_a_table_or_are_said_to_be_unknown(site: Site, admin: Browser, set_up: str, shown: str) -> None:
    execute(site.pool, set_up)

    page = admin.read(HERE)

    assert (shown in page, "<table>" in page) == (True, shown == "0.75")


def test_both_ways_cost_what_each_costs(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET segment_price = 0.75")
    execute(site.pool, "INSERT INTO prices (account, channel, price, learned_at) VALUES ('acme', 'viber', 0.5, now())")

    assert "1.25" in admin.read(HERE)


def test_phones_without_viber_are_counted_once_there_are_some(admin: Browser) -> None:
    assert "told of no phone yet" in admin.read(HERE)
    assert "does not reach 0" not in admin.read(HERE)
