"""`perfectum-sms worker`: the process that is scaled by replicas."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from worker.cli.doors import settings_for
from worker.cli.terminal import Exit, stop
from worker.settings import EVERYTHING


def worker(
    *,
    queues: Annotated[str, typer.Option(help="Only these queues, between commas; all if not given.")] = "",
    threads: Annotated[int, typer.Option(min=1, max=64, help="How many of its jobs run at once.")] = 16,
) -> None:
    """Accept events and send notifications, until SIGTERM or Ctrl-C; what is in hand is finished within 25 s.

    Scale it by starting more of them, here or on other machines. It waits for RabbitMQ and PostgreSQL as long as
    they are away, and says so once. Logs are JSON lines on stdout. How it is, is told at 127.0.0.1:9464 (`SMS_LISTEN`):
    `/livez`, `/readyz` and, for Prometheus, `/metrics`; see also `perfectum-sms health`.

    - `perfectum-sms worker`
    - `perfectum-sms worker --queues crm.events.urgent,sms.urgent` keeps a replica for what is urgent
    """
    settings = settings_for(EVERYTHING)
    from worker.process import run_worker  # noqa: PLC0415 (help must be quick)
    from worker.topology import QUEUES  # noqa: PLC0415

    chosen = [queue.strip() for queue in queues.split(",") if queue.strip()]
    unknown = [queue for queue in chosen if queue not in QUEUES]
    if unknown:
        raise stop(f"--queues: {', '.join(unknown)} is none of {', '.join(QUEUES)}.", Exit.USAGE)
    with listening_or_hint():
        raise typer.Exit(run_worker(settings, queues=chosen, threads=threads))


@contextmanager
def listening_or_hint() -> Generator[None]:
    """An address that cannot be had ends the process with a sentence."""
    from worker.door import ListenError  # noqa: PLC0415 (help must be quick)

    try:
        yield
    except ListenError as error:
        raise stop(str(error)) from None
