"""Доступні шорткоди: all that the settings page has, and the account's own."""

from html import escape

from tests.support.crm import execute
from tests.web.pages.conftest import Browser, Site
from worker.core.texts.shortcodes import SECTIONS, SHORTCODES

HERE = "/a/acme/shortcodes"


def test_every_shortcode_is_listed_under_its_section_with_its_label(admin: Browser) -> None:
    page = admin.read(HERE)

    assert [heading.label for heading in SECTIONS.values() if f">{heading.label}</h2>" not in page] == []
    missing = [
        code
        for code, shortcode in SHORTCODES.items()
        if f"<code>{{{code}}}</code>" not in page or escape(shortcode.label).replace("&#x27;", "&#39;") not in page
    ]
    assert missing == []


def test_a_search_finds_words_of_labels_codes_and_samples_in_any_case(admin: Browser) -> None:
    page = admin.read(HERE, q="ПРІЗВИЩЕ клієнта")

    assert "{contact_lastname}" in page
    assert "{invoice_number}" not in page
    assert "No shortcode has these words" in admin.read(HERE, q="<script>")


def test_the_accounts_own_are_among_them(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE accounts SET custom_shortcodes = '{discount_code}'")

    assert "{discount_code}" in admin.read(HERE)
