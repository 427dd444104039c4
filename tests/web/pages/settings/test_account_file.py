"""Налаштування з файлу: what would change is shown, and kept once somebody has seen it."""

import html
import re

import httpx

from tests.support.crm import execute, rows
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from tests.web.pages.settings.test_account import NO_PRICES

HERE = "/a/acme/settings/file"
NAME = "SELECT name FROM accounts WHERE id = 'acme'"
FILE = """\
name: {name}
rate: 7
triggers:
  order_created:
    enabled: false
    texts:
      uk: Замовлення {{stock_orders_number_order_id}} вже у нас
"""
REFUSED = "triggers:\n  order_created:\n    texts:\n      uk: 'Дякуємо, {stock_orders_firstnam}!'\n"


def look(browser: Browser, content: str, **more: str) -> httpx.Response:
    return browser.post(HERE, {"content": content, "do": "look", **more})


def seal_in(page: str) -> str:
    found = re.search('name="seal" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_file_is_shown_before_it_is_kept_and_kept_once_seen(site: Site, admin: Browser) -> None:
    content = FILE.format(name="Нова назва")

    seen = look(admin, content)
    assert seen.status_code == 200
    assert all(word in seen.text for word in ("rate", "triggers.order_created.enabled", "Нова назва", "<ins>"))
    assert rows(site.pool, NAME) != [("Нова назва",)]

    kept = admin.post(HERE, {"content": content, "do": "keep", "seal": seal_in(seen.text)})
    assert kept.headers["location"].startswith("/a/acme/settings")
    assert rows(site.pool, NAME) == [("Нова назва",)]
    assert rows(site.pool, "SELECT switched_on FROM triggers WHERE trigger = 'order_created'") == [(False,)]
    assert rows(site.pool, "SELECT count(*) > 0 FROM audit WHERE account = 'acme'") == [(True,)]
    assert "nothing would change" in look(admin, content).text


def test_a_file_that_was_downloaded_changes_nothing(admin: Browser) -> None:
    content = admin.get("/a/acme/settings.yaml").content

    response = admin.post(HERE, {"do": "look"}, files={"file": ("acme.yaml", content)})

    assert response.status_code == 200
    assert "nothing would change" in response.text


def test_what_somebody_changed_meanwhile_is_shown_before_anything_is_kept(site: Site, admin: Browser) -> None:
    content = FILE.format(name="Нова назва")
    seal = seal_in(look(admin, content).text)
    execute(site.pool, "UPDATE accounts SET name = 'Змінено' WHERE id = 'acme'")

    late = admin.post(HERE, {"content": content, "do": "keep", "seal": seal})

    assert late.status_code == 409
    assert "meanwhile" in late.text
    assert rows(site.pool, NAME) == [("Змінено",)]
    assert admin.post(HERE, {"content": content, "do": "keep", "seal": seal_in(late.text)}).status_code == 303


def test_what_is_wrong_is_named_with_its_line_and_the_text_stays(site: Site, admin: Browser) -> None:
    for content, problem in (
        ("rat: 5", "line 1, rat"),
        ("rate: [", "it is not YAML"),
        ("account: other\nrate: 5", "it is the file of other"),
        ("sender: Магазин", "line 1, sender"),
        ("viber_instead: true", "there is no viber_sender"),
        (REFUSED, "line 4, triggers.order_created.texts.uk"),
        ("name: <script>alert(1)</script>\nrat: 1", "line 2, rat"),
        ("daily_budget: '500'", "segment_price"),
        ("x" * 1_000_001, "1000000"),
    ):
        response = look(admin, content)
        assert response.status_code == 422, content[:50]
        page = html.unescape(response.text)
        assert problem in page, page
        assert content in page
        assert "<script>alert" not in response.text
    assert look(admin, " ").status_code == 422
    assert admin.post(HERE, {"do": "look"}, files={"file": ("x.yaml", b"\xff\xfe\xff")}).status_code == 422
    assert rows(site.pool, "SELECT requests_per_s FROM accounts") != [(5,)]


def test_prices_are_for_who_sees_them(site: Site) -> None:
    browser = site.sign_in(NO_PRICES)

    for content in ("segment_price: '0.95'", "triggers:\n  order_created:\n    daily_budget: '500'"):
        response = look(browser, content)
        assert response.status_code == 422
        assert "only for who sees prices" in response.text


def test_a_file_is_given_by_who_may_set_an_account(site: Site) -> None:
    for user in (AUDITOR, OPERATOR):
        browser = site.sign_in(user)
        assert [browser.get(HERE).status_code, look(browser, "rate: 5").status_code] == [403, 403]
