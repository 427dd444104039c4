"""`perfectum-sms demo`, loaded when it is asked for."""

from __future__ import annotations

import typer


def demo() -> None:
    """Publish a realistic set of CRM events, wait for the end of each, and show what became of it.

    Exits 0 only if every outcome is the expected one. Needs `SMS_AMQP_URL` and `SMS_DATABASE_URL`; `make demo` finds
    both. Nobody is written to: the provider is the simulator.
    """
    from worker.cli.demo import demo as run  # noqa: PLC0415 (help must be quick)

    raise typer.Exit(run())
