"""`perfectum-sms check`: is everything there, and does it let us do our work?"""

import os
from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.connections import settings_for
from worker.cli.terminal import AsJson, Exit, echo, show
from worker.language import _
from worker.settings.environment import EVERYTHING, foreign


def check(
    *,
    accounts: Annotated[bool, typer.Option("--accounts/--no-accounts", help="Ask TurboSMS about each token.")] = True,
    as_json: AsJson = False,
) -> None:
    """Test everything a worker needs, and list what is paused or waits.

    Settings, RabbitMQ and who consumes its queues, PostgreSQL (encoding, role, schema, pooler), the secret key,
    schedulers, accounts, TurboSMS and the money behind each token.

    Nobody is written to. Exits 0 if all is well, 1 if something is wrong or paused, and 4 if RabbitMQ, PostgreSQL
    or TurboSMS does not answer.
    """
    settings = settings_for(EVERYTHING)
    from worker.cli.operate.check_probes import Finding, probes  # noqa: PLC0415 (help must be quick)

    findings = [Finding(name, "note", _("is none of our settings: ignored")) for name in foreign(os.environ)]
    findings += probes(settings, asks_tokens=accounts)
    show([asdict(finding) for finding in findings], as_json=as_json, columns=("what", "state", "detail"), empty="")
    states = {finding.state for finding in findings}
    if "away" in states:
        raise typer.Exit(Exit.AWAY)
    if "wrong" in states:
        raise typer.Exit(Exit.FAILED)
    if not as_json:
        echo(_("Everything is there."))
