"""A report is posted to our own door as TurboSMS would: what happens is said in words."""

from contextlib import ExitStack

from tests.support.crm import SECRET
from tests.support.simulated_provider import Provider
from tests.web.conftest import KEY, Console
from tests.web.pages.conftest import ADMIN, MOST, Browser, Site
from worker.settings.environment import RECEIPTS, Address
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool
from worker.web.pages.door import page_routes
from worker.web.pages.settings.callback_trial import try_callback
from worker.web.server import listener_at, serving

HERE = "/a/acme/connection"


def test_a_report_comes_through_where_the_door_and_the_key_are_right(console: Console) -> None:
    address = f"{console.url}/turbosms/acme/receipts"

    assert try_callback(address, KEY) is None
    assert "does not know this key" in str(try_callback(address, "another key"))
    assert "with HTTP 404" in str(try_callback(f"{console.url}/elsewhere", KEY))
    assert "Nothing answers at http://127.0.0.1:1/" in str(try_callback("http://127.0.0.1:1/", KEY))
    assert [result.outcome for result in console.results] == ["not_ours", "forged"]


def test_the_page_says_whether_a_report_came_through(
    console: Console, pool: Pool, database_url: str, provider: Provider
) -> None:
    with ExitStack() as stack:
        routes = stack.enter_context(page_routes(database_url, Seal([SECRET]), console.url, provider.url))
        listener = listener_at(Address("127.0.0.1", 0), RECEIPTS)
        server = stack.enter_context(serving(listener, routes, name="pages", most=MOST, drain_s=5))
        admin = Site(f"http://{server.at}", pool, stack, stack).sign_in(ADMIN)

        tried = admin.post(f"{HERE}/callbacks/try")

        assert "A report has come through" in admin.read(tried.headers["location"])


def test_without_a_key_or_an_address_the_page_says_what_to_set(admin: Browser) -> None:
    assert "There is no key yet" in admin.post(f"{HERE}/callbacks/try").text
    admin.post(f"{HERE}/callbacks", {"callback_key": KEY})

    response = admin.post(f"{HERE}/callbacks/try")

    assert (response.status_code, "SMS_PUBLIC_URL first" in response.text) == (422, True)
