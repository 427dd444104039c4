from base64 import urlsafe_b64decode
from collections.abc import Generator
from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import Command
from tests.steps.ledger import planned
from tests.support.crm import SECRET, TOKEN, add_account, event, execute, row, rows
from tests.support.simulated_provider import Provider
from worker.cli.operate import secret_key
from worker.core.triggers.recipient_key import key_of
from worker.steps.ingest.plan import Intake
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, open_pool, transaction

NEW = "the key of this year"
PHONE = "+380671234567"


@pytest.fixture
def sealed(shop: Command, pool: Pool) -> Command:
    """Three accounts, a callback key and a salt under the old key."""
    add_account(pool, "other")
    add_account(pool, "third")
    shop("account", "set", "acme", "--callback-secret-file", "-", given="key-8")
    return shop


def openers(run: Command, **environ: str) -> dict[tuple[str, int | None], int]:
    return {(item["kind"], item["key"]): item["count"] for item in run("key", "show", "--json", **environ).json}


def test_key_show_counts_what_each_key_opens(sealed: Command) -> None:
    both = sealed("key", "show", SMS_SECRET_KEY=f"{NEW},{SECRET}")
    wrong = sealed("key", "show", SMS_SECRET_KEY=NEW)

    assert openers(sealed) == {("salt", 1): 1, ("token", 1): 3, ("callback key", 1): 1}
    assert openers(sealed, SMS_SECRET_KEY=f"{NEW},{SECRET}") == {
        ("salt", 2): 1,
        ("token", 2): 3,
        ("callback key", 2): 1,
    }
    assert (both.code, "number 2 of 2" in both.out, "key rotate" in both.err) == (0, True, True)
    assert (wrong.code, "key reset" in wrong.err) == (1, True)


def test_a_rotation_reseals_everything_and_reports_it(sealed: Command) -> None:
    both = {"SMS_SECRET_KEY": f"{NEW},{SECRET}"}
    tried = sealed("key", "rotate", "--dry-run", **both)
    before = openers(sealed)

    done = sealed("key", "rotate", **both)

    assert (tried.code, "To be sealed anew with the newest key: the salt, 3 tokens, 1 callback key" in tried.err) == (
        0,
        True,
    )
    assert before == {("salt", 1): 1, ("token", 1): 3, ("callback key", 1): 1}
    assert (done.code, "the salt, 3 tokens, 1 callback key" in done.err, "Take the old one out" in done.err) == (
        0,
        True,
        True,
    )
    assert openers(sealed, SMS_SECRET_KEY=NEW) == {("salt", 1): 1, ("token", 1): 3, ("callback key", 1): 1}
    assert sealed("key", "rotate", "--json", **both).json == {"resealed": {}, "unopened": [], "is_done": True}


def test_a_secret_sealed_before_the_rotation_opens_with_the_old_key(sealed: Command, pool: Pool) -> None:
    sealed("account", "token", "acme", "--token-file", "-", given="another", SMS_SECRET_KEY=f"{NEW},{SECRET}")

    (token,) = row(pool, "SELECT token FROM accounts WHERE id = 'acme'")
    assert Seal([SECRET]).open(bytes(token), token_of("acme")) == "another"


def test_a_rotation_names_what_none_of_the_keys_opens_and_does_the_rest(sealed: Command, pool: Pool) -> None:
    foreign = Seal(["a third key of old"]).close(b"x", token_of("other"))
    execute(pool, "UPDATE accounts SET token = %s WHERE id = 'other'", foreign)

    done = sealed("key", "rotate", SMS_SECRET_KEY=f"{NEW},{SECRET}")

    assert done.code == 1
    assert "the salt, 2 tokens, 1 callback key" in done.err
    assert "opens: token of other." in done.err
    assert "account token other" in done.err


def test_a_rotation_reseals_nothing_that_was_moved_from_its_place(sealed: Command, pool: Pool) -> None:
    execute(
        pool,
        "UPDATE accounts AS a SET token = b.token, callback_secret = b.callback_secret FROM accounts AS b "
        "WHERE a.id = 'other' AND b.id = 'acme'",
    )
    (moved,) = row(pool, "SELECT token FROM accounts WHERE id = 'other'")

    done = sealed("key", "rotate", SMS_SECRET_KEY=f"{NEW},{SECRET}")

    assert done.code == 1
    assert "opens: token of other, callback key of other." in done.err
    assert row(pool, "SELECT token FROM accounts WHERE id = 'other'") == (moved,)
    assert openers(sealed, SMS_SECRET_KEY=NEW) == {
        ("salt", 1): 1,
        ("token", 1): 2,
        ("token", None): 1,
        ("callback key", 1): 1,
        ("callback key", None): 1,
    }


def test_check_reports_what_the_key_opens(sealed: Command, provider: Provider) -> None:
    def key(**environ: str) -> dict[str, str]:
        result = sealed("check", "--no-accounts", "--json", SMS_TURBOSMS_URL=provider.url, **environ)
        return next(item for item in result.json if item["what"] == "SMS_SECRET_KEY")

    both = key(SMS_SECRET_KEY=f"{NEW},{SECRET}")
    wrong = key(SMS_SECRET_KEY=NEW)

    assert (both["state"], "5 of 5" in both["detail"]) == ("note", True)
    assert (wrong["state"], "key reset" in wrong["detail"]) == ("wrong", True)


def test_check_sends_nobody_who_lost_the_key_to_a_command_that_refuses(sealed: Command, provider: Provider) -> None:
    result = sealed("check", "--no-accounts", "--json", SMS_TURBOSMS_URL=provider.url, SMS_SECRET_KEY=NEW)

    assert any("key reset" in item["detail"] for item in result.json)
    assert not any("account token" in item["detail"] for item in result.json)


def test_derived_keys_open_callbacks_and_lead_not_back(bare: Command) -> None:
    both = bare("key", "derive", "callbacks", SMS_SECRET_KEY=f"{NEW},{SECRET}").out.strip()

    assert both.split(",")[1:] == [bare("key", "derive", "callbacks", SMS_SECRET_KEY=SECRET).out.strip()]
    assert urlsafe_b64decode(both.split(",")[0]) == secrets.derived(NEW, "callbacks")
    assert bare("key", "derive", "tokens", SMS_SECRET_KEY=SECRET).code == 2


def test_a_key_that_is_there_is_not_reset(sealed: Command) -> None:
    result = sealed("key", "reset", "--yes")

    assert (result.code, "key rotate" in result.err) == (1, True)


@pytest.fixture
def lost(sealed: Command, pool: Pool) -> Command:
    """The key is lost; a text waits, two phones are on the stop-list, one of them erased."""
    sealed("suppression", "add", "acme", "0671111111", "0672222222")
    sealed("suppression", "erase", "acme", "0672222222")
    with transaction(pool) as connection:
        intake = Intake(pool, ConfigurationCache(), secrets.salt(connection, Seal([SECRET])))
    assert planned(intake, event("order.created"))
    return Command({**sealed.environ, "SMS_SECRET_KEY": NEW})


def salt_of(pool: Pool) -> bytes:
    with transaction(pool) as connection:
        return secrets.salt(connection, Seal([NEW]))


def test_a_reset_of_a_lost_key_lists_what_is_lost(lost: Command, pool: Pool) -> None:
    asked = lost("key", "reset")
    tried = lost("key", "reset", "--dry-run", "--json").json

    done = lost("key", "reset", "--yes")

    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert (tried["tokens"], tried["callback_keys"]) == (["acme", "other", "third"], ["acme"])
    assert (tried["stops"], tried["stops_erased"], tried["known_texts"], tried["waiting"]) == (1, 1, 1, 1)
    assert done.code == 0, done.err
    assert "TurboSMS tokens, each to be entered anew (account token): 3 (acme, other, third)" in done.err
    assert "entries of stop-lists whose phone was erased: 1" in done.err
    assert row(pool, "SELECT recipient_key, phone FROM suppressions") == (
        key_of("+380671111111", salt=salt_of(pool)),
        "+380671111111",
    )
    (person,) = row(pool, "SELECT recipient_key FROM notifications WHERE state IN ('planned', 'postponed')")
    assert person == key_of(PHONE, salt=salt_of(pool))


def test_no_lock_is_held_while_a_reset_is_being_confirmed(
    lost: Command, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = "SELECT count(*) FROM pg_locks WHERE relation = 'suppressions'::regclass AND pid <> pg_backend_pid()"
    held: list[object] = []

    def think(*_: object, **__: object) -> None:
        held.append(row(pool, locks))
        execute(pool, "UPDATE accounts SET callback_secret = token WHERE id = 'other'")

    monkeypatch.setattr(secret_key, "agree", think)

    result = lost("key", "reset")

    assert held == [(0,)]
    assert (result.code, "changed meanwhile" in result.err) == (1, True)
    assert row(pool, "SELECT count(*) FROM accounts WHERE token = ''") == (0,)


def test_after_a_reset_accounts_are_paused_until_they_have_a_token(lost: Command, pool: Pool, tmp_path: Path) -> None:
    lost("key", "reset", "--yes")
    from_file = ("--token-file", str(tmp_path / "token"))

    still = lost("account", "list", "--json").json
    resumed = lost("account", "resume", "acme")
    given = lost("account", "token", "acme", "--token-file", "-", given=TOKEN)

    assert {item["paused"] for item in still} == {"no_token"}
    assert (resumed.code, "account token acme" in resumed.err) == (1, True)
    assert (given.code, "has a token again" in given.err) == (0, True)
    assert rows(pool, "SELECT account, reason FROM pauses ORDER BY 1") == [("other", "no_token"), ("third", "no_token")]
    assert lost("suppression", "import", "acme", "-", given="phone\n0673333333\n").code == 0
    (tmp_path / "fourth.yaml").write_text(lost("account", "export", "acme").out)
    (tmp_path / "token").write_text(TOKEN)
    added = lost("account", "import", str(tmp_path / "fourth.yaml"), "-a", "fourth", "--yes", "--unchecked", *from_file)
    assert added.code == 0, added.err
    assert openers(lost) == {("salt", 1): 1, ("token", 1): 2}


def test_a_waiting_text_is_not_planned_again_after_a_reset(lost: Command, pool: Pool) -> None:
    (body,) = row(pool, "SELECT body FROM events")
    lost("key", "reset", "--yes")
    again: dict[str, object] = {**orjson.loads(body), "id": "published under another id"}

    intake = Intake(pool, ConfigurationCache(), salt_of(pool))

    assert planned(intake, again) == []


@pytest.fixture
def worker_of(database_url: str) -> Generator[Pool]:
    with open_pool(database_url, size=1, name="perfectum-sms worker") as pool:
        with transaction(pool):
            pass
        yield pool


def test_no_process_may_run_that_holds_the_old_salt(lost: Command, pool: Pool, worker_of: Pool) -> None:  # noqa: ARG001
    result = lost("key", "reset", "--yes")

    assert (result.code, "End these first" in result.err, "perfectum-sms worker" in result.err) == (1, True, True)
    assert row(pool, "SELECT count(*) FROM accounts WHERE token = ''") == (0,)
