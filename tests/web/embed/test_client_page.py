"""One client's texts, for whoever holds an address that the account's key has signed, and nothing else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import repeat
from urllib.parse import quote, urlencode

import httpx
import pytest
from structlog.testing import capture_logs

from tests.support.crm import SECRET, row, rows
from tests.support.waiting import wait_until
from tests.web.embed.conftest import LATER, Crm, made
from worker.core.access.signed_address import LIFETIME, SKEW, presented
from worker.steps.access.api_keys import revoke
from worker.steps.access.client_page import admitted
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import clock, transaction
from worker.web.embed import client_page
from worker.web.embed.client_page import OF_AN_ACCOUNT, WORKING

TEXTS_OF_FIVE = ["m-3", "m-2", "m-1"]
#: Requests that wait for the lock of a table.
HELD_UP = "SELECT count(*)::int FROM pg_locks WHERE NOT granted AND relation = 'audit'::regclass"
EXPIRE = "UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = %s"


def test_a_signed_address_shows_that_client_alone(crm: Crm) -> None:
    page, other = crm.read(), crm.read(client="6")

    assert [item["text"] for item in page["items"]] == TEXTS_OF_FIVE
    assert (page["client"], page["rights"], page["next"]) == ("5", [], None)
    assert [item["text"] for item in other["items"]] == ["m-4"]
    assert crm.read(client="7")["items"] == []
    assert crm.answers == [("client_page", 200)] * 3


def test_phones_are_masked_without_the_right_and_noted_with_it(crm: Crm) -> None:
    masked = crm.read(rights="export")
    assert row(crm.pool, "SELECT count(*) FROM audit WHERE action = 'phones_seen'") == (0,)

    whole = crm.read(rights="export,phones")

    assert {item["phone"] for item in masked["items"]} == {"+38067***4567"}
    assert {item["phone"] for item in whole["items"]} == {"+380671234567"}
    assert (masked["rights"], whole["rights"]) == (["export"], ["export", "phones"])
    assert rows(crm.pool, "SELECT done_by, account, subject, after FROM audit WHERE action = 'phones_seen'") == [
        (f"key/{crm.key.id} client's card", "acme", "client page", {"client": "5"})
    ]


def test_the_list_goes_on_at_its_cursor_under_the_same_signature(crm: Crm) -> None:
    address = crm.signed(crm.asked())

    first = crm.get(f"{address}&limit=2").json()
    second = crm.get(f"{address}&limit=2&cursor={quote(first['next'])}").json()

    assert [item["text"] for item in first["items"] + second["items"]] == TEXTS_OF_FIVE
    assert second["next"] is None


def forgeries(crm: Crm) -> dict[str, str]:
    """Addresses that somebody might try, none of which is right."""
    asked = crm.asked()
    right = crm.signed(asked)
    signature = right.rpartition("=")[2]
    foreign, reading, masked = (
        made(crm.pool, account="beta"),
        made(crm.pool, scope="read"),
        made(crm.pool, phones=False),
    )
    nobodys = "psms_999_" + "a" * 43
    return {
        "nothing": "",
        "no signature": right.partition("&signature=")[0],
        "another client": right.replace("client=5", "client=6"),
        "another client, with this signature": crm.signed({**asked, "client": "6"}).rpartition("=")[0]
        + f"={signature}",
        "a client beside": right.replace("client=5", "client=5&client=6"),
        "more rights": right.replace("&signature", "&rights=phones&signature"),
        "a later end": right.replace(f"expires={asked['expires']}", f"expires={int(asked['expires']) + 60}"),
        "another order": f"{urlencode(dict(reversed(asked.items())))}&signature={signature}",
        "a signature of zeros": right.replace(signature, "0" * 64),
        "a longer signature": right.replace(signature, signature + "0"),
        "a signature in capitals": right.replace(signature, signature.upper()),
        "expired": crm.signed(crm.asked(later=timedelta(seconds=-1))),
        "valid for too long": crm.signed(crm.asked(later=LIFETIME + SKEW + timedelta(minutes=1))),
        "nobody's key": crm.signed({**asked, "key": "999"}, key=nobodys),
        "its number under another key": crm.signed(asked, key=nobodys),
        "another account's key": crm.signed({**asked, "key": str(foreign.id)}, key=foreign.text),
        "its account by another key": crm.signed({**asked, "account": "beta"}),
        "a key that calls": crm.signed({**asked, "key": str(reading.id)}, key=reading.text),
        "phones that its key may not show": crm.signed(
            {**asked, "key": str(masked.id), "rights": "phones"}, key=masked.text
        ),
        "no right that there is": crm.signed({**asked, "rights": "everything"}),
    }


def test_whatever_is_not_right_gets_one_answer(crm: Crm, subtests: pytest.Subtests) -> None:
    bytes_answered = set[bytes]()
    for name, query in forgeries(crm).items():
        with subtests.test(name):
            response = crm.get(query)

            assert response.status_code == 403
            bytes_answered.add(response.content)

    assert len(bytes_answered) == 1
    assert row(crm.pool, "SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL") == (0,)
    assert crm.get(crm.signed(crm.asked())).status_code == 200


def test_an_address_is_of_no_use_once_it_has_expired(crm: Crm) -> None:
    given = presented(crm.signed(crm.asked()).encode())
    assert given is not None
    with transaction(crm.pool) as connection:
        now = clock(connection)

        found = [admitted(connection, Seal([SECRET]), given, now + later) for later in (timedelta(), LATER)]

    assert [visitor and visitor.address.client for visitor in found] == ["5", None]


def test_a_revoked_and_an_expired_key_end_their_addresses(crm: Crm) -> None:
    other = made(crm.pool)
    ours, theirs = crm.signed(crm.asked()), crm.signed(crm.asked(key=str(other.id)), key=other.text)
    assert [crm.get(address).status_code for address in (ours, theirs)] == [200, 200]

    with transaction(crm.pool) as connection:
        revoke(connection, crm.key.id, by="Олена", now=clock(connection))
        connection.execute(EXPIRE, (other.id,))

    assert [crm.get(address).status_code for address in (ours, theirs)] == [403, 403]


def test_a_signing_key_moved_to_another_account_opens_nothing(crm: Crm) -> None:
    with transaction(crm.pool) as connection:
        connection.execute("UPDATE api_keys SET account = 'beta' WHERE id = %s", (crm.key.id,))

    assert crm.get(crm.signed(crm.asked(account="beta"))).status_code == 403


@pytest.mark.parametrize(
    ("rest", "field"),
    [
        ("&limit=0", "limit"),
        ("&limit=201", "limit"),
        ("&limit=1e2", "limit"),
        ("&limit=", "limit"),
        ("&cursor=x", "cursor"),
        ("&client=6", "client"),
        ("&rights=phones", "rights"),
        (f"&signature={'0' * 64}", "signature"),
        ("&limit=1&limit=2", "limit"),
        ("&cursor=x&cursor=y", "cursor"),
    ],
)
def test_what_follows_the_signature_chooses_a_page_and_no_more(crm: Crm, rest: str, field: str) -> None:
    response = crm.get(crm.signed(crm.asked()) + rest)

    assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (400, [field])


def test_a_cursor_of_another_client_is_refused(crm: Crm) -> None:
    goes_on = crm.read(rest="&limit=1")["next"]

    response = crm.get(crm.signed(crm.asked(client="6")) + f"&cursor={quote(goes_on)}")

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "cursor")


def test_a_key_has_its_rate_and_says_when_to_come_again(crm: Crm) -> None:
    slow = made(crm.pool, rate=1)
    address = crm.signed(crm.asked(key=str(slow.id)), key=slow.text)

    statuses = [crm.get(address) for _ in range(4)]

    assert [response.status_code for response in statuses[:2]] == [200, 200]
    assert statuses[3].status_code == 429
    assert int(statuses[3].headers["retry-after"]) >= 1


def test_one_address_uses_up_no_more_than_its_share_of_the_key(crm: Crm) -> None:
    copied, other = crm.signed(crm.asked()), crm.signed(crm.asked(client="6"))

    statuses = {crm.get(copied).status_code for _ in range(100)}

    assert statuses == {200, 429}
    assert crm.get(other).status_code == 200


def test_what_is_no_address_waits_for_no_thread_and_no_database(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_page, "ARRIVING_MAX", 0)
    right = crm.signed(crm.asked())

    responses = [crm.get(query) for query in ("x=y", f"{right}&limit=1&limit=2", f"{right}&cursor=x", right)]

    assert [response.status_code for response in responses] == [403, 400, 400, 503]
    assert responses[-1].headers["retry-after"] == "1"


def test_an_account_whose_pages_are_slow_keeps_no_other_waiting(crm: Crm) -> None:
    theirs = made(crm.pool, account="beta")
    slow = crm.signed(crm.asked(rights="phones"))
    other = crm.signed(crm.asked(account="beta", key=str(theirs.id)), key=theirs.text)

    with ThreadPoolExecutor(WORKING) as crowd, transaction(crm.pool) as connection:
        connection.execute("LOCK TABLE audit IN EXCLUSIVE MODE")
        answers = [crowd.submit(crm.get, slow) for _ in range(WORKING)]
        wait_until(lambda: row(crm.pool, HELD_UP) == (OF_AN_ACCOUNT,), "the account has all that it may")
        status = crm.get(other).status_code
        answered = sum(answer.done() for answer in answers)

    assert (status, answered) == (200, 0)
    assert {answer.result().status_code for answer in answers} == {200}


def answers_of_all_kinds(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Response]:
    right = crm.signed(crm.asked())
    yield from (crm.get(right), crm.get(f"{right}&limit=0"), crm.get("x=y"))
    yield crm.client.post(f"{crm.url}/embed/client/notifications?{right}")
    yield next(response for response in map(crm.get, repeat(right)) if response.status_code == 429)
    other = crm.signed(crm.asked(client="6"))
    monkeypatch.setattr(client_page, "page", None)
    yield crm.get(other)
    monkeypatch.setattr(client_page, "ARRIVING_MAX", 0)
    yield crm.get(other)


def test_no_answer_is_kept_and_no_address_is_told_to_others(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses: list[int] = []
    for response in answers_of_all_kinds(crm, monkeypatch):
        statuses.append(response.status_code)
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in response.headers

    assert statuses == [200, 400, 403, 405, 429, 500, 503]


def test_the_same_fault_is_logged_once_a_minute(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_page, "page", None)

    with capture_logs() as lines:
        statuses = [crm.get(crm.signed(crm.asked())).status_code for _ in range(3)]

    assert statuses == [500] * 3
    assert [line["event"] for line in lines] == ["api.fault"]


def test_the_page_is_read_and_nothing_else(crm: Crm) -> None:
    url = f"{crm.url}/embed/client/notifications?{crm.signed(crm.asked())}"

    assert [crm.client.request(method, url).status_code for method in ("POST", "PUT", "DELETE")] == [405] * 3
