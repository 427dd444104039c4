"""Журнал: who did what, found by action, person and words."""

import pytest

from tests.support.crm import add_account, execute
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.web.pages.monitoring import journal

HERE = "/a/acme/journal"


@pytest.fixture
def switched(admin: Browser) -> None:
    for is_on in ("off", "on"):
        admin.post("/a/acme/triggers", {"trigger": "order_created", "switch": is_on})


@pytest.mark.usefixtures("switched")
def test_a_change_is_told_with_before_and_after(site: Site) -> None:
    page = site.sign_in(AUDITOR).read(HERE)

    assert "order_created" in page
    assert "<del>true</del> → " in page
    assert "olena" in page


@pytest.mark.usefixtures("switched")
def test_it_is_found_by_action_person_and_words(admin: Browser) -> None:
    found = [
        admin.read(HERE, **asked).count('class="hint">order_created')
        for asked in ({"action": "trigger"}, {"action": "send"}, {"who": "nobody"}, {"subject": "order"})
    ]

    assert found == [2, 0, 0, 2]


@pytest.mark.usefixtures("switched")
def test_pages_go_on_where_the_last_ended(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "PER_PAGE", 1)
    first = admin.read(HERE, action="trigger")
    older = first.partition(f'href="{HERE}?')[2].partition('"')[0].replace("&amp;", "&")

    assert "<del>true</del>" in admin.read(f"{HERE}?{older}")


@pytest.mark.parametrize("asked", [{"action": "nothing"}, {"below": "x"}, {"below": "9" * 30}])
def test_what_cannot_be_asked_is_refused(admin: Browser, asked: dict[str, str]) -> None:
    assert admin.get(HERE, params=asked).status_code == 422


def test_another_accounts_notes_are_not_there(site: Site, admin: Browser) -> None:
    add_account(site.pool, "beta")
    execute(
        site.pool, "INSERT INTO audit (at, done_by, action, account, subject) VALUES (now(), 'x', 'send', 'beta', 's')"
    )

    assert "Nothing of that was noted" in admin.read(HERE, action="send")


def test_what_something_costs_is_for_who_sees_prices(site: Site, admin: Browser) -> None:
    admin.post("/a/acme/settings/segment_price", {"before": "", "value": "0.95"})

    assert "0.95" in admin.read(HERE)
    page = site.sign_in(AUDITOR).read(HERE)
    assert ("0.95" in page, "only for who sees prices" in page) == (False, True)
