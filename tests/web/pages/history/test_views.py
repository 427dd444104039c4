"""Збережені вигляди: filters of the history under a name, of one person alone."""

import pytest

from tests.support.crm import rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.store.access.saved_views import VIEWS_MAX

ALL, VIEWS = "/a/acme/history", "/a/acme/history/views"
VIEW = {"state": "undelivered", "channel": "viber", "q": "Олена", "after": "x", "name": "  Не  дійшло <b> "}


def test_a_view_is_kept_shown_and_taken_away(site: Site, admin: Browser) -> None:
    kept = admin.post(VIEWS, VIEW)

    assert kept.headers["location"].startswith(f"{ALL}?state=undelivered&channel=viber")
    assert "Олена" not in str(rows(site.pool, "SELECT query FROM saved_views"))
    page = admin.read(ALL, state="undelivered", channel="viber")
    assert ("Не дійшло &lt;b&gt;" in page, "Take this view away" in page) == (True, True)
    assert "Не дійшло" not in site.sign_in(AUDITOR).read(ALL)
    admin.post(f"{VIEWS}/remove", {"name": "Не дійшло <b>"})
    assert "Не дійшло" not in admin.read(ALL)


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "x" * 61}, {"state": "", "channel": ""}])
def test_a_view_without_a_name_or_filters_is_refused(site: Site, admin: Browser, wrong: dict[str, str]) -> None:
    assert admin.post(VIEWS, {**VIEW, **wrong}).status_code == 422
    assert rows(site.pool, "SELECT * FROM saved_views") == []


def test_there_are_as_many_views_as_one_looks_at(admin: Browser) -> None:
    for number in range(VIEWS_MAX):
        assert admin.post(VIEWS, {**VIEW, "name": str(number)}).status_code == 303

    assert admin.post(VIEWS, {**VIEW, "name": "one more"}).status_code == 422
    assert admin.post(VIEWS, {**VIEW, "name": "5", "channel": ""}).status_code == 303
