"""What any page refuses, to whom, and how."""

import re

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.support.crm import add_account
from tests.support.http_client import NO_CERTIFICATES
from tests.web.pages.conftest import ADMIN, AUDITOR, OPERATOR, Browser, Site
from worker.store.access.users import NewUser
from worker.web.pages.catalogue import PAGES
from worker.web.pages.page import FORM_MAX


def test_every_page_but_the_entrance_asks_who_comes(site: Site) -> None:
    browser = site.nobody()
    for page in PAGES:
        path = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: "acme" if found[1] == "account" else "1", page.path)
        if page.may is None:
            continue
        response = browser.get(path) if page.method == "GET" else browser.post(path)
        assert response.status_code == (303 if page.method == "GET" else 401), page.path
        if page.method == "GET":
            assert response.headers["location"].startswith("/sign-in"), page.path


def test_an_account_that_is_not_theirs_is_not_there(site: Site) -> None:
    add_account(site.pool, "beta")
    browser = site.sign_in(ADMIN)

    theirs, nobodys = browser.get("/a/beta/triggers"), browser.get("/a/nobody/triggers")

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.text.replace("beta", "nobody") == nobodys.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
def test_a_form_of_another_site_changes_nothing(admin: Browser, headers: dict[str, str]) -> None:
    response = admin.client.post(
        "/language", data={"language": "uk"}, headers={name: value for name, value in headers.items() if value}
    )

    assert response.status_code == 403
    assert "another site" in response.text


def test_a_form_that_names_no_site_changes_nothing(admin: Browser) -> None:
    assert admin.client.post("/language", data={"language": "uk"}).status_code == 403


def test_a_form_of_ours_is_known_by_its_origin_where_the_browser_says_no_more(site: Site, admin: Browser) -> None:
    response = admin.client.post("/language", data={"language": "en"}, headers={"Origin": site.url})

    assert response.status_code == 303


def test_a_form_that_is_too_large_is_refused(admin: Browser) -> None:
    response = admin.post("/language", {"language": "x" * (FORM_MAX + 1)})

    assert response.status_code == 413


def test_a_body_that_is_no_form_is_refused(admin: Browser) -> None:
    response = admin.client.post(
        "/language", content=b"{}", headers={"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    )

    assert response.status_code == 400


def test_nothing_may_be_written_into_a_page_or_put_around_it(admin: Browser) -> None:
    response = admin.get("/nowhere")

    policy = response.headers["content-security-policy"]
    assert response.status_code == 404
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_assets_may_be_kept_for_ever_and_have_the_hash_of_what_they_are(site: Site) -> None:
    page = site.nobody().read("/sign-in")
    address = page.partition('href="/assets/')[2].partition('"')[0]

    response = httpx.get(f"{site.url}/assets/{address}", verify=NO_CERTIFICATES)

    assert "immutable" in response.headers["cache-control"]
    assert httpx.get(f"{site.url}/assets/0/{address.partition('/')[2]}", verify=NO_CERTIFICATES).headers[
        "cache-control"
    ] == ("no-store")
    assert httpx.get(f"{site.url}/assets/0/..%2fdoor.py", verify=NO_CERTIFICATES).status_code == 404


def test_a_console_without_its_database_says_so_and_comes_back(admin: Browser, database_url: str) -> None:
    name = database_url.rpartition("/")[2].partition("?")[0]
    allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
    with psycopg.connect(database_url, autocommit=True, dbname="postgres") as connection:
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            away = admin.get("/")
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))

    assert away.status_code == 503
    assert "The database does not answer" in away.text
    assert admin.get("/").status_code == 303


@pytest.mark.parametrize("who", [OPERATOR, AUDITOR])
def test_who_works_for_all_accounts_chooses_one(site: Site, who: NewUser) -> None:
    add_account(site.pool, "beta")
    browser = site.sign_in(who)

    assert ">beta</a>" in browser.read("/")


def test_a_query_without_end_and_an_odd_origin_are_no_fault_of_ours(site: Site) -> None:
    assert site.nobody().get(f"/sign-in?{'&' * 2_000}").status_code == 200
    assert httpx.post(f"{site.url}/sign-in", headers={"Origin": "http://["}, verify=NO_CERTIFICATES).status_code == 403
