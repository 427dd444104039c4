"""`perfectum-sms up`: everything on one machine, as children that end with it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Annotated
from urllib.parse import urlsplit

import typer

from worker.cli.connections import ledger, sealed_ledger, settings_for
from worker.cli.run import migrate
from worker.cli.simulator.client import PORT, ask
from worker.cli.terminal import Exit, echo, stop
from worker.core.accounts.setting_kinds import ALL as EVERY_OUTCOME
from worker.core.accounts.settings import AccountSettings
from worker.core.clock.quiet_hours import ALWAYS
from worker.core.triggers.catalogue import TRIGGERS
from worker.language import _
from worker.settings.environment import (
    AMQP,
    DATABASE,
    EVERYTHING,
    LISTEN,
    PUBLIC,
    RECEIPTS,
    SECRET_KEY,
    TURBOSMS,
    Address,
    Settings,
    is_given,
)
from worker.simulator.settings import DEMO_TOKEN
from worker.store.accounts import accounts, callback_keys
from worker.store.accounts.sealed_places import callback_key_of, token_of

ACCOUNT = "demo"
#: What the simulator signs reports with; it opens nothing else.
CALLBACK_KEY = "simulator-callback-key"
SENDER = "DemoShop"


def add_demo_account() -> None:
    """Add the account `demo`, if nobody added any yet; it may be written to at any hour."""
    with sealed_ledger() as (connection, seal):
        if accounts.any_exists(connection):
            return
        settings = AccountSettings(
            name="Демонстраційна крамниця", sms_sender=SENDER, window=ALWAYS, outcomes=(EVERY_OUTCOME,)
        )
        if accounts.add(connection, ACCOUNT, seal.close(DEMO_TOKEN.encode(), token_of(ACCOUNT)), settings, TRIGGERS):
            callback_keys.replace(connection, ACCOUNT, seal.close(CALLBACK_KEY.encode(), callback_key_of(ACCOUNT)))
            echo(_("Added the account {account}, with every trigger on; its CRM hears all outcomes.", account=ACCOUNT))


def invitation() -> str:
    """The secret of a one-time link for `demo`, whose password it sets anew."""
    from worker.steps.access import users as people  # noqa: PLC0415 (help must be quick)
    from worker.store.access import users  # noqa: PLC0415 (likewise)
    from worker.store.db.postgres import clock  # noqa: PLC0415 (likewise)

    demo = users.NewUser(ACCOUNT, "admin", ACCOUNT, sees_phones=True, spends=True, sees_prices=True)
    with ledger() as connection:
        known, now = users.by_name(connection, ACCOUNT), clock(connection)
        if known:
            return people.invite_again(connection, known.user, by="up", now=now).secret
        invited = people.invite(connection, demo, by="up", now=now)
    return invited.secret if invited else ""


def report_to(simulator_url: str, token: str, url: str, key: str) -> None:
    ask(simulator_url, "POST", "accounts", {"token": token, "callback_url": url, "callback_secret": key})


#: What a development machine seals with when nobody gave a key: known to everybody, so it protects nothing.
DEVELOPMENT_KEY = "perfectum-sms-development-key"
CHILDREN = ("worker", "scheduler", "console")
LOOK_S = 0.2
#: More than a worker needs to finish what is in hand.
GRACE_S = 30.0


def up(
    *,
    simulator: Annotated[bool, typer.Option("--simulator", help="Send to a simulated TurboSMS, started here.")] = False,
    simulator_port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = PORT,
) -> None:
    """Run a worker, a scheduler and a console here, until Ctrl-C or SIGTERM; migrate first.

    Their logs are JSON lines on stdout.

    With `--simulator` nothing leaves this machine: the provider is simulated, a missing `SMS_SECRET_KEY` is replaced
    by a well-known one, and an empty database gets the account `demo`, so that an event can be published at once.

    Exits 0 when it was asked to end, and 1 when one of the processes ended by itself.

    - `perfectum-sms up --simulator`, then in another terminal
      `perfectum-sms event example order.created | perfectum-sms event publish -`
    """
    if simulator and not is_given(SECRET_KEY, os.environ):
        os.environ[SECRET_KEY] = DEVELOPMENT_KEY
    settings = settings_for(EVERYTHING)
    addresses, receipts = listening(settings), callback_address(settings)
    migrate.apply()
    if not simulator:
        raise typer.Exit(run_children(addresses, {RECEIPTS: receipts}))
    add_demo_account()
    with simulated(simulator_port) as url:
        report_to(url, DEMO_TOKEN, f"http://{receipts}/turbosms/{ACCOUNT}/receipts", CALLBACK_KEY)
        explain(url, receipts)
        public = settings.public_url or f"http://{receipts}"
        echo(_("The console in a browser, for the first time: {link}", link=f"http://{receipts}/entry/{invitation()}"))
        echo(_("The phones that got an SMS: {url}", url=f"{url}/_simulator/inbox"))
        raise typer.Exit(run_children(addresses, {TURBOSMS: url, RECEIPTS: receipts, PUBLIC: public}))


@contextmanager
def simulated(port: int) -> Generator[str]:
    """A simulated provider in this process, so that it outlives the workers that still wait for its answers."""
    from worker.simulator.server import running  # noqa: PLC0415 (help must be quick)
    from worker.web.server import ListenError  # noqa: PLC0415 (likewise)

    with ExitStack() as stack:
        try:
            provider = stack.enter_context(running(port=port))
        except ListenError as error:
            raise stop(str(error)) from None
        yield provider.url


def explain(url: str, console: str) -> None:
    echo(_("A simulated TurboSMS answers at {url}. In another terminal:", url=url))
    echo(f'  export PATH="{Path(sys.executable).parent}:$PATH"')
    for name in (AMQP, DATABASE):
        if name in os.environ and is_loopback(os.environ[name]):
            echo(f"  export {name}='{os.environ[name]}'")
    if os.environ.get(SECRET_KEY) == DEVELOPMENT_KEY:
        echo(f"  export {SECRET_KEY}={DEVELOPMENT_KEY}  # well known: for trying only")
    echo(f"  export {TURBOSMS}={url}")
    echo(f"  export CRM_API_URL=http://{console}/api/v1")
    echo("  perfectum-sms event example order.created | perfectum-sms event publish -")
    echo("  perfectum-sms simulator messages")


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1", None}


def listening(settings: Settings) -> Mapping[str, str]:
    """Where each process listens: they cannot share an address, so that the second one takes the next."""
    wanted = settings.listens_at(Address("", 0))
    if not settings.listen or wanted is None or not wanted.port:
        return dict.fromkeys(CHILDREN, settings.listen)
    return {name: str(Address(wanted.host, wanted.port + nth)) for nth, name in enumerate(CHILDREN)}


def callback_address(settings: Settings) -> str:
    """Where callbacks are taken; where its usual address is in use, a free port, for no proxy looks for it here."""
    at = settings.receipts_at
    if at.port and os.environ.get(RECEIPTS):
        return str(at)
    for port in (at.port, 0):
        with suppress(OSError), socket.create_server((at.host, port)) as free:
            return str(Address(at.host, free.getsockname()[1]))
    return str(at)


def run_children(addresses: Mapping[str, str], environ: Mapping[str, str]) -> int:
    """Run the processes until a signal comes or one of them ends; the answer is the exit code."""
    ending = threading.Event()

    def begin_the_end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, begin_the_end)
    children = [start(name, {**environ, LISTEN: addresses[name]}) for name in CHILDREN]
    try:
        while not ending.wait(LOOK_S):
            dead = [child for child in children if child.poll() is not None]
            if dead:
                echo(
                    _(
                        "A process ended by itself with exit code {returncode}; ending the others.",
                        returncode=dead[0].returncode,
                    )
                )
                break
    finally:
        end(children)
    return 0 if ending.is_set() else Exit.FAILED


def start(name: str, environ: Mapping[str, str], *, output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start a process of ours; Ctrl-C reaches it through us alone."""
    return subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "worker", name],
        env={**os.environ, **environ},
        process_group=0,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )


def end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + GRACE_S
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
