"""`perfectum-sms check`: is everything there, and does it let us do our work?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.doors import settings_for
from worker.cli.terminal import AsJson, Exit, say, show
from worker.settings import EVERYTHING


def check(
    *,
    accounts: Annotated[
        bool, typer.Option("--accounts/--no-accounts", help="Ask TurboSMS about every account's token.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Test everything a worker needs: settings, RabbitMQ, PostgreSQL, the secret key, TurboSMS and its tokens.

    Nobody is written to. Exits 0 if all is well, 1 if a setting, key, token or the schema is wrong, and 4 if RabbitMQ,
    PostgreSQL or TurboSMS does not answer.
    """
    settings = settings_for(EVERYTHING)
    from worker.cli.probes import probes  # noqa: PLC0415 (help must be quick)

    found = list(probes(settings, asks_tokens=accounts))
    show([asdict(finding) for finding in found], as_json=as_json, empty="")
    states = {finding.state for finding in found}
    if "away" in states:
        raise typer.Exit(Exit.AWAY)
    if "wrong" in states:
        raise typer.Exit(Exit.FAILED)
    if not as_json:
        say("Everything is there.")
