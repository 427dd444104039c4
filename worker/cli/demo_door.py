"""`perfectum-sms demo`, loaded when it is asked for."""

from __future__ import annotations

import typer

from worker.cli.doors import settings_for
from worker.cli.terminal import console, stop
from worker.settings import AMQP, DATABASE


def demo() -> None:
    """Publish a realistic set of CRM events, wait for the end of each, and show what became of it.

    Exits 0 only if every outcome is the expected one. Needs `SMS_AMQP_URL` and `SMS_DATABASE_URL`; `make demo` finds
    both. Nobody is written to: the provider is the simulator.
    """
    settings = settings_for((AMQP, DATABASE))
    from worker.cli.demo import demo as play  # noqa: PLC0415 (help must be quick)
    from worker.cli.demo_stage import DemoError  # noqa: PLC0415

    try:
        code = play(settings, console())
    except DemoError as error:
        raise stop(str(error)) from None
    raise typer.Exit(code)
