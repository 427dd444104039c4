"""`perfectum-sms worker` and `console`: processes that are scaled by replicas."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from worker.cli.connections import settings_for
from worker.cli.terminal import Exit, stop
from worker.language import Language, _, speak
from worker.settings.doors import DOORS, doors, needs
from worker.settings.environment import CALLBACK_KEY, EVERYTHING, is_given
from worker.store.db.session import UnfitError

#: Whatever language its operator speaks, a process writes its logs, and what the ledger keeps, in English.
LOGS: Language = "en"


def worker(
    *,
    queues: Annotated[str, typer.Option(help="Only these queues, between commas; all if not given.")] = "",
    threads: Annotated[int, typer.Option(min=1, max=64, help="How many of its jobs run at once.")] = 16,
) -> None:
    """Accept events and send notifications, until SIGTERM or Ctrl-C; what is in hand is finished within 25 s.

    Scale it by starting more of them, here or on other machines. It waits for RabbitMQ and PostgreSQL as long as
    they are away, and logs it once. Logs are JSON lines on stdout. Its state is at 127.0.0.1:9464 (`SMS_LISTEN`):
    `/livez`, `/readyz` and, for Prometheus, `/metrics`; see also `perfectum-sms health`.

    - `perfectum-sms worker`
    - `perfectum-sms worker --queues crm.events.urgent,sms.urgent` keeps a replica for what is urgent
    """
    settings = settings_for(EVERYTHING)
    from worker.amqp.topology import QUEUES  # noqa: PLC0415
    from worker.process import run_worker  # noqa: PLC0415 (help must be quick)

    chosen = [queue.strip() for queue in queues.split(",") if queue.strip()]
    unknown = [queue for queue in chosen if queue not in QUEUES]
    if unknown:
        raise stop(
            _("--queues: {unknown} is none of {queues}.", unknown=", ".join(unknown), queues=", ".join(QUEUES)),
            Exit.USAGE,
        )
    speak(LOGS)
    with listening_or_hint():
        raise typer.Exit(run_worker(settings, queues=chosen, threads=threads))


def console(
    *,
    serve: Annotated[
        str, typer.Option(metavar="DOORS", help="Only these, between commas; all if not given.")
    ] = ",".join(DOORS),
) -> None:
    """Serve TurboSMS's reports and the API, until SIGTERM or Ctrl-C; what is in hand is answered in 20 s.

    It listens at 127.0.0.1:8780 (`SMS_RECEIPTS_LISTEN`) and speaks plain HTTP: it belongs behind a proxy of yours with
    TLS, at an address that TurboSMS reaches, such as `https://sms.acme.ua`. Write that address to `SMS_PUBLIC_URL`, and
    `perfectum-sms account show` prints what to paste into TurboSMS's cabinet; `perfectum-sms account set
    --callback-secret` takes the security key from there. Without a console receipts are asked for, which takes longer.

    The API is at `/api/v1`, for keys of `perfectum-sms apikey add`; `/api/v1/openapi.json` describes it. Let the proxy
    hand on to it only from where its callers are.

    Any number may run behind one address. TurboSMS gets 2xx only once everything is written down; whatever else it
    posts again for four hours. The cabinet's test callback speaks of a message that nobody sent, so that its first
    tries are answered 404: the log's `callback.signed` means that its signature was right.
    Logs are JSON lines on stdout. Its state is at 127.0.0.1:9466 (`SMS_LISTEN`), as of a worker.

    Where callbacks alone are served, at the internet, it needs no `SMS_SECRET_KEY`: `SMS_CALLBACK_KEY`, which
    `perfectum-sms key derive callbacks` prints, opens the keys of callbacks and nothing else.

    - `perfectum-sms console`
    - `perfectum-sms console --serve callbacks`
    - `SMS_RECEIPTS_LISTEN=127.0.0.1:8781 perfectum-sms console` is a second one on this machine
    """
    try:
        open_doors = doors(serve)
    except ValueError as error:
        raise stop(f"--serve: {error}.", Exit.USAGE) from None
    settings = settings_for(needs(open_doors, has_callback_key=is_given(CALLBACK_KEY, os.environ)))
    from worker.web.process import run_console  # noqa: PLC0415 (help must be quick)

    speak(LOGS)
    with listening_or_hint():
        raise typer.Exit(run_console(settings, open_doors))


@contextmanager
def listening_or_hint() -> Generator[None]:
    """An address that cannot be had, and a PostgreSQL that keeps no session, end the process with a sentence."""
    from worker.web.server import ListenError  # noqa: PLC0415 (help must be quick)

    try:
        yield
    except ListenError as error:
        raise stop(str(error)) from None
    except UnfitError as error:
        raise stop(f"PostgreSQL: {error}") from None
