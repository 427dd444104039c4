import re

import pytest

from tests.cli.conftest import Command
from tests.support.crm import add_account, execute
from worker.store.db.postgres import Pool

ADD = ("apikey", "add", "--account", "acme", "--name", "CRM", "--scope", "read")
FORM = re.compile(r"psms_\d+_[A-Za-z0-9_-]{43}")


def test_a_key_is_printed_once_and_alone(shop: Command) -> None:
    result = shop(*ADD, "--scope", "send", "--phones", "--expires", "90d")

    assert result.code == 0, result.err
    assert FORM.fullmatch(result.out.strip())
    assert ("this one time" in result.err, "valid until" in result.err) == (True, True)
    assert result.out.strip() not in shop("apikey", "list", "--json").out + shop("audit", "--json").out


def test_the_list_shows_what_each_key_may_and_its_state(shop: Command, pool: Pool) -> None:
    add_account(pool, "other")
    first = shop(*ADD, "--phones", "--rate", "7", "--json").json["id"]
    second = shop(*ADD[:3], "other", *ADD[4:]).err
    shop("apikey", "revoke", str(first), "--yes")

    [mine] = shop("apikey", "list", "--account", "acme", "--json").json
    shown = shop("apikey", "list").out

    assert "Its number is" in second
    assert (mine["scopes"], mine["sees_phones"], mine["rate"], mine["state"]) == (["read"], True, 7, "revoked")
    assert mine["last_used_at"] is None
    assert ("revoked" in shown, "valid" in shown, "other" in shown) == (True, True, True)


def test_revoking_needs_yes_and_a_valid_key(shop: Command) -> None:
    key = str(shop(*ADD, "--json").json["id"])

    asked = shop("apikey", "revoke", key)
    done = shop("apikey", "revoke", key, "--yes")
    again = shop("apikey", "revoke", key, "--yes")

    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert (done.code, "is revoked" in done.err) == (0, True)
    assert (again.code, "apikey list" in again.err) == (3, True)


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        (("--scope", "embed"), 2, "--scope"),
        (("--scope", "all"), 2, "--scope"),
        (("--rate", "0"), 2, "--rate"),
        (("--expires", "soon"), 2, "--expires"),
        (("--expires", "2020-01-01 00:00"), 2, "--expires"),
        (("--name", " "), 2, "--name"),
        (("--account", "acmee"), 3, "did you mean acme?"),
    ],
)
def test_a_wrong_key_is_refused_by_its_field(shop: Command, options: tuple[str, ...], code: int, named: str) -> None:
    result = shop(*ADD, *options)

    assert (result.code, named in result.err) == (code, True), result.err
    assert shop("apikey", "list", "--json").json == []


def test_whose_key_must_be_said_where_there_are_several(shop: Command, pool: Pool) -> None:
    alone = shop("apikey", "add", "--name", "CRM", "--scope", "read")
    add_account(pool, "other")

    asked = shop("apikey", "add", "--name", "CRM", "--scope", "read")

    assert (alone.code, asked.code, "--account" in asked.err) == (0, 2, True)


def test_a_signing_key_is_rotated_and_revoked_by_a_reset(shop: Command) -> None:
    shop("apikey", "add", "--account", "acme", "--name", "card", "--scope", "embed")

    rotated = shop("key", "rotate", SMS_SECRET_KEY=f"the key of this year,{shop.environ['SMS_SECRET_KEY']}")
    lost = {"SMS_SECRET_KEY": "a key that opens nothing"}
    shown = shop("key", "reset", "--dry-run", "--json", **lost).json
    done = shop("key", "reset", "--yes", **lost)

    assert (rotated.code, "1 token, 1 signing key" in rotated.err) == (0, True), rotated.err
    assert shown["signing_keys"] == ["acme"]
    assert (done.code, "clients' pages (apikey add --scope embed): 1 (acme)" in done.err) == (0, True), done.err
    assert [key["state"] for key in shop("apikey", "list", "--json").json] == ["revoked"]


def test_a_signing_key_moved_to_another_account_is_named(shop: Command, pool: Pool) -> None:
    add_account(pool, "other")
    key = shop("apikey", "add", "--account", "acme", "--name", "card", "--scope", "embed", "--json").json["id"]
    execute(pool, "UPDATE api_keys SET account = 'other'")

    shown = shop("key", "show")

    assert (shown.code, "signing key of other" in shown.err) == (1, True), shown.err
    assert "apikey add --scope embed --account other" in shown.err
    assert shop("apikey", "revoke", str(key), "--yes").code == 0
    assert shop("key", "show").code == 0
