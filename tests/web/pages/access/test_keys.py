"""Ключі: made and shown once, with no more rights than their maker's, and revoked at once."""

import re
from typing import Any

import pytest

from tests.support.crm import SECRET, add_account, row, rows
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from worker.steps.access.api_keys import Wanted, authenticate, make
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import clock, transaction

HERE = "/a/acme/keys"
KEY: dict[str, Any] = {"name": "CRM", "scope": ["read", "send"], "phones": "on", "until": "2027-06-01"}


def test_a_key_is_shown_once_works_and_is_revoked(site: Site, admin: Browser) -> None:
    assert "No program calls yet" in admin.read(HERE)

    [text] = re.findall(r"<code>(psms_\d+_[\w-]+)</code>", admin.post(HERE, KEY).text)

    with transaction(site.pool) as connection:
        key = authenticate(connection, f"Bearer {text}", clock(connection))
    assert key
    assert (key.account, sorted(key.scopes), key.sees_phones) == ("acme", ["read", "send"], True)
    assert text not in admin.read(HERE)
    assert "revoked" in admin.read(admin.post(f"{HERE}/{key.id}/revoke").headers["location"])
    with transaction(site.pool) as connection:
        assert authenticate(connection, f"Bearer {text}", clock(connection)) is None
    assert admin.post(f"{HERE}/{key.id}/revoke").status_code == 404
    assert row(site.pool, "SELECT count(*) FROM audit WHERE action = 'api_key'") == (2,)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 61),
        ("name", "a\u202eb"),
        ("scope", []),
        ("scope", ["everything"]),
        ("scope", ["embed", "read"]),
        ("until", "soon"),
        ("until", "2020-01-01"),
        ("until", "2099-01-01"),
    ],
)
def test_what_cannot_be_a_key_is_said_at_its_box(site: Site, admin: Browser, field: str, value: object) -> None:
    response = admin.post(HERE, {**KEY, field: value})

    assert (response.status_code, f'id="{field}-error"' in response.text) == (422, True)
    assert rows(site.pool, "SELECT * FROM api_keys") == []


@pytest.mark.parametrize("wanted", [{"scope": ["send"]}, {"scope": ["settings"]}, {"scope": ["read"], "phones": "on"}])
def test_a_key_never_does_more_than_its_maker(site: Site, wanted: dict[str, Any]) -> None:
    operator = site.sign_in(OPERATOR)

    assert operator.post(HERE, {"name": "x", "until": "2027-06-01", **wanted}).status_code == 422
    assert operator.post(HERE, {"name": "x", "until": "2027-06-01", "scope": ["read"]}).status_code == 422
    assert site.sign_in(AUDITOR).get(HERE).status_code == 403


@pytest.mark.parametrize("number", ["0", "x", "9" * 30])
def test_what_is_no_key_is_not_there(admin: Browser, number: str) -> None:
    assert admin.post(f"{HERE}/{number}/revoke").status_code == 404


def test_another_accounts_key_is_not_there(site: Site, admin: Browser) -> None:
    add_account(site.pool, "beta")
    with transaction(site.pool) as connection:
        wanted = Wanted("beta", "other", ["read"])
        made = make(connection, Seal([SECRET]), wanted, by="x", now=clock(connection))

    assert "other" not in admin.read(HERE)
    assert admin.post(f"{HERE}/{made.id}/revoke").status_code == 404
