"""What a command says when it is stopped, or when the system refuses what it asks for."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.crm import row
from tests.support.waiting import WAITING_FOR_A_LOCK, wait_until
from worker.store.accounts import account_settings
from worker.store.db.postgres import Pool, transaction

PERFECTUM_SMS = (sys.executable, "-m", "worker")


@pytest.mark.parametrize(
    ("language", "said"), [("C.UTF-8", "nothing was changed"), ("uk_UA.UTF-8", "нічого не змінено")]
)
def test_a_command_that_is_stopped_says_what_it_has_done(shop: Command, pool: Pool, language: str, said: str) -> None:
    environ = {**os.environ, **shop.environ, "LC_ALL": language}
    with transaction(pool) as connection:
        account_settings.lock(connection, "acme")
        with subprocess.Popen(
            [*PERFECTUM_SMS, "account", "set", "acme", "--rate", "3"], stderr=subprocess.PIPE, text=True, env=environ
        ) as process:
            wait_until(lambda: row(pool, WAITING_FOR_A_LOCK) == (1,), "the command waits for the account")
            process.send_signal(signal.SIGINT)
            _out, err = process.communicate()

    assert (process.returncode, said in err, "Traceback" in err) == (130, True, False), err
    assert row(pool, "SELECT count(*) FROM accounts WHERE requests_per_s = 3") == (0,)


def test_a_full_disk_is_said_without_a_traceback(bare: Command) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PERFECTUM_SMS, "event", "types", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **bare.environ},
            check=False,
        )

    assert (done.returncode, done.stderr) == (1, "Error: No space left on device\n")


def test_a_file_that_is_not_there_is_named(bare: Command) -> None:
    result = bare("event", "validate", "/nowhere/event.json")

    assert (result.code, result.err) == (2, "/nowhere/event.json: No such file or directory.\n")
