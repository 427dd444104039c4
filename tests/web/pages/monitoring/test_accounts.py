"""Облікові записи: those first that need somebody; who has one account is led to it."""

import re

from tests.support.crm import add_account, delivery, event, person
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake


def test_who_has_one_account_is_led_to_it(admin: Browser) -> None:
    assert admin.get("/").headers["location"] == "/a/acme/overview"


def test_all_are_seen_at_one_look_and_those_first_that_need_somebody(site: Site, intake: Intake) -> None:
    for account in ("beta", "gamma"):
        add_account(site.pool, account)
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])
    accept(intake, [delivery(b"{", key="gamma.order.created"), delivery(b"[", key=".order.created")])

    page = site.sign_in(AUDITOR).read("/")

    assert re.findall(r'href="/a/(\w+)/overview">\w+</a></td><td class="number">(\d+)', page) == [
        ("gamma", "0"),
        ("acme", "1"),
        ("beta", "0"),
    ]
    assert ("/a/gamma/desk" in page, "letters of no account" in page, "UAH" in page) == (True, True, False)
    assert "/a/acme/overview" not in site.sign_in(AUDITOR).read("/", q="bet").split("<main")[1]
    assert "found by these filters" in site.sign_in(AUDITOR).read("/", q="<script>")
