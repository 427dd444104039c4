"""`sudo perfectum-sms` on a machine with systemd: our command line with the settings of the units."""

import os
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT

SCRIPT = ROOT / "deploy/systemd/command.sh"
SETTINGS = """# A comment with SMS_AMQP_URL=nothing
SMS_AMQP_URL=amqp://sms:p$a%26ss@host:5672/vhost?heartbeat=5&cacertfile=/etc/ssl/ca.pem
SMS_DATABASE_URL="postgresql://sms:it's@host/sms"
SMS_SECRET_KEY=new=,old=
#SMS_LOG_LEVEL=DEBUG
PATH=/nowhere

SMS_PUBLIC_URL='https://sms.acme.ua'"""


@pytest.fixture
def script() -> Generator[Path]:
    """The script with a settings file of its own, and a program that prints what it got."""
    with tempfile.TemporaryDirectory() as address:
        folder = Path(address)
        program, script = folder / "program", folder / "command.sh"
        program.write_text('#!/bin/sh\necho "$#:$1:$2"; env | grep ^SMS_ | sort; id -u\n')
        text = SCRIPT.read_text().replace("/etc/perfectum-sms/environment", str(folder / "environment"))
        script.write_text(text.replace("/opt/perfectum-sms/bin/perfectum-sms", str(program)))
        for path in (folder, program, script):
            path.chmod(0o755)
        yield script


def run(script: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "SUDO_USER": "olena"}
    return subprocess.run(
        [script, "account show", "acme"], env=environment, capture_output=True, text=True, check=False
    )


def test_a_command_gets_the_settings_as_systemd_reads_them(script: Path) -> None:
    script.with_name("environment").write_text(SETTINGS)

    *lines, user = run(script).stdout.splitlines()

    assert lines == [
        "2:account show:acme",
        "SMS_AMQP_URL=amqp://sms:p$a%26ss@host:5672/vhost?heartbeat=5&cacertfile=/etc/ssl/ca.pem",
        "SMS_DATABASE_URL=postgresql://sms:it's@host/sms",
        "SMS_OPERATOR=olena",
        "SMS_PUBLIC_URL=https://sms.acme.ua",
        "SMS_SECRET_KEY=new=,old=",
    ]
    assert int(user) != 0


def test_without_settings_it_says_who_may_read_them(script: Path) -> None:
    done = run(script)

    assert done.returncode == 1
    assert "sudo perfectum-sms account show acme" in done.stderr
