"""`perfectum-sms user`: inviting people, and what each may do."""

import re

import pytest

from tests.cli.conftest import Command
from tests.support.crm import row, rows
from worker.core.access.user import digest
from worker.store.db.postgres import Pool

ADD = ("user", "add", "olena", "--account", "acme")


@pytest.fixture
def link(shop: Command, acme_pool: Pool) -> str:
    assert acme_pool
    return shop(*ADD).out.splitlines()[0]


def test_a_link_is_printed_whose_secret_is_kept_as_a_hash_alone(link: str, acme_pool: Pool) -> None:
    found = re.fullmatch(r"http://127\.0\.0\.1:\d+/entry/([\w-]{43})", link)
    assert found
    assert row(acme_pool, "SELECT invitation_hash, password_hash, account FROM users") == (
        digest(found[1]),
        None,
        "acme",
    )


@pytest.mark.usefixtures("link")
def test_an_admin_sees_phones_and_an_operator_does_not_unless_told_otherwise(shop: Command, acme_pool: Pool) -> None:
    shop("user", "add", "petro", "--role", "operator", "--prices")

    rights = rows(acme_pool, "SELECT name, sees_phones, spends, sees_prices FROM users ORDER BY name")
    assert rights == [("olena", True, True, True), ("petro", False, False, True)]
    listed = shop("user", "list", "--json").json
    assert [(each["name"], each["state"], each["sessions"]) for each in listed] == [
        ("petro", "invited", 0),
        ("olena", "invited", 0),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "olena"), "an admin has one: give --account"),
        (("add", "olena", "--role", "operator", "--account", "acme"), "only an admin has one"),
        (("add", "olena", "--role", "king"), "--role: write admin, operator, auditor"),
        (("add", " ", "--account", "acme"), "write a name of 1 to 60 characters"),
        (("add", "olena", "--account", "nobody"), "nobody"),
        (("link", "nobody"), "There is no nobody"),
        (("change", "nobody", "--phones"), "There is no nobody"),
        (("sign-out", "nobody"), "There is no nobody"),
        (("remove", "nobody", "--yes"), "There is no nobody"),
    ],
)
def test_what_cannot_be_is_refused_with_the_fix(
    shop: Command, acme_pool: Pool, arguments: tuple[str, ...], said: str
) -> None:
    result = shop("user", *arguments)

    assert said in result.err
    assert rows(acme_pool, "SELECT * FROM users") == []


@pytest.mark.usefixtures("link")
def test_a_name_is_taken_however_it_is_written(shop: Command) -> None:
    assert "already" in shop("user", "add", "OLENA", "--account", "acme").err


def test_a_new_link_ends_the_old_one(shop: Command, acme_pool: Pool, link: str) -> None:
    new = shop("user", "link", "olena").out.splitlines()[0]

    assert new != link
    assert row(acme_pool, "SELECT invitation_hash FROM users") == (digest(new.rpartition("/")[2]),)


@pytest.mark.usefixtures("link")
def test_rights_are_changed_and_noted(shop: Command, acme_pool: Pool) -> None:
    shop("user", "change", "olena", "--no-phones")

    assert row(acme_pool, "SELECT sees_phones, spends FROM users") == (False, True)
    noted = row(
        acme_pool, "SELECT before ->> 'sees_phones', after ->> 'sees_phones' FROM audit ORDER BY id DESC LIMIT 1"
    )
    assert noted == ("true", "false")
    assert "Nothing to change" in shop("user", "change", "olena", "--no-phones").err


@pytest.mark.usefixtures("link")
def test_who_is_removed_is_gone_and_stays_in_the_audit(shop: Command, acme_pool: Pool) -> None:
    assert "Ended 0 sessions" in shop("user", "sign-out", "olena").err
    shop("user", "remove", "olena", "--yes")

    assert rows(acme_pool, "SELECT * FROM users") == []
    assert rows(acme_pool, "SELECT before ->> 'name' FROM audit WHERE before ? 'name'") == [("olena",)]
