"""The client's page inside the CRM: what it shows to whom, its search, its file, and which site may frame it."""

import re
from datetime import timedelta

import pytest

from tests.support.crm import execute, row
from tests.web.embed.conftest import Crm, made
from worker.steps.access.api_keys import revoke
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.store.db.postgres import clock, transaction
from worker.web.embed import client_page


def address(crm: Crm, rest: str = "", **changes: str) -> str:
    return f"{crm.url}/embed/client?{crm.signed({**crm.asked(), **changes})}{rest}"


def read(crm: Crm, rest: str = "", **changes: str) -> str:
    response = crm.client.get(address(crm, rest, **changes))
    assert response.status_code == 200, response.text
    return response.text


def texts(page: str) -> list[str]:
    return re.findall(r"<td>(m-\d)<", page)


def test_it_shows_one_client_alone_in_the_language_that_is_asked_for(crm: Crm) -> None:
    page = read(crm)

    assert (texts(page), "SMS клієнта 5" in page) == (["m-3", "m-2", "m-1"], True)
    assert "SMS of the client 6" in read(crm, "&lang=en", client="6")
    assert "ще нічого не надсилали" in read(crm, client="7")
    assert {operation for operation, _status in crm.answers} == {"client_page"}


def test_phones_and_the_file_need_their_rights(crm: Crm) -> None:
    masked, whole = read(crm), read(crm, rights="phones,export")

    assert ("+38067***4567" in masked, "+380671234567" in masked, "/embed/client/export" in masked) == (
        True,
        False,
        False,
    )
    assert ("+380671234567" in whole, "/embed/client/export" in whole) == (True, True)
    assert row(crm.pool, "SELECT count(*) FROM audit WHERE action = 'phones_seen'") == (1,)
    file = crm.client.get(address(crm, rights="export").replace("/embed/client?", "/embed/client/export?"))
    assert (file.status_code, file.text.count("\r\n"), "+380671234567" in file.text) == (200, 4, False)
    assert crm.client.get(address(crm).replace("/embed/client?", "/embed/client/export?")).status_code == 403


@pytest.mark.parametrize(
    ("frame", "policy"),
    [
        ("https://crm.example.com", "frame-ancestors https://crm.example.com"),
        ("http://localhost:8080", "frame-ancestors http://localhost:8080"),
        (None, "frame-ancestors 'none'"),
    ],
)
def test_the_site_that_the_crm_signed_may_frame_it(crm: Crm, frame: str | None, policy: str) -> None:
    response = crm.client.get(address(crm, **({"frame": frame} if frame else {})))

    assert response.headers["content-security-policy"].endswith(policy)
    assert ("no-referrer" in response.headers["referrer-policy"], "set-cookie" in response.headers) == (True, False)


@pytest.mark.parametrize(
    "frame", ["", "*", "https://a b", "https://a;script-src *", "javascript:x", "https://a/b", "'self'"]
)
def test_a_frame_that_is_no_site_makes_a_wrong_address(crm: Crm, frame: str) -> None:
    assert crm.client.get(address(crm, frame=frame)).status_code == 403


def test_words_find_and_the_list_goes_on(crm: Crm) -> None:
    execute(
        crm.pool, "UPDATE notifications SET text = 'm-' || id || ' Замовлення', created_at = now() - interval '1 h'"
    )
    fill_search_index(crm.pool)
    there = address(crm)

    found = crm.client.post(there, data={"q": "замовлення"})

    assert (found.status_code, found.text.count("Замовлення")) == (200, 3)
    assert "За цими фільтрами" in crm.client.post(there, data={"q": "зебра"}).text
    first = crm.client.post(f"{there}&limit=2", data={"q": "замовлення"}).text
    [after] = re.findall(r'name="cursor" value="([^"]+)"', first)
    rest = crm.client.post(f"{there}&limit=2", data={"q": "замовлення", "cursor": after}).text
    assert [first.count("Замовлення"), rest.count("Замовлення")] == [2, 1]
    assert crm.client.post(there, data={"q": "", "cursor": after}).status_code == 422


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "\u202e", "x" * 3_000, "%00", "я" * 300])
def test_hostile_words_are_only_words(crm: Crm, words: str) -> None:
    execute(crm.pool, "UPDATE notifications SET text = '<script>alert(2)</script>'")
    response = crm.client.post(address(crm), data={"q": words})

    assert response.status_code in {200, 422}
    assert "<script" not in response.text
    assert "<script" not in read(crm)


def test_wrong_addresses_get_the_same_words(crm: Crm) -> None:
    foreign = made(crm.pool, account="beta")
    late = f"{crm.url}/embed/client?{crm.signed(crm.asked(later=timedelta(seconds=-1)))}"
    forged = address(crm)[:-1] + "g"
    with transaction(crm.pool) as connection:
        revoke(connection, crm.key.id, by="x", now=clock(connection))
    stolen = f"{crm.url}/embed/client?{crm.signed(crm.asked(), key=foreign.text)}"

    answers = [crm.client.get(each) for each in (late, forged, stolen, address(crm), f"{crm.url}/embed/client")]

    assert {(answer.status_code, answer.text) for answer in answers} == {(403, answers[0].text)}
    assert "відкрийте її знову в CRM" in answers[0].text


def test_who_asks_too_often_is_told_when_to_come_again(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_page, "ADDRESS_RATE", 1)
    there = address(crm)

    answers = [crm.client.get(there) for _ in range(5)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
