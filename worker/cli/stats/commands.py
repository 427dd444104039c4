"""`perfectum-sms stats`: one look at everything, again and again; and what was sent, added up."""

import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from typing import Annotated

import typer
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment, Segments
from rich.text import Text

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import ledger, settings_for
from worker.cli.period import zone_of
from worker.cli.stats.as_json import as_json_of
from worker.cli.stats.cost import cost
from worker.cli.stats.screen import Frame, Loads, screen
from worker.cli.stats.texts import texts
from worker.cli.terminal import AsJson, console, emit
from worker.language import ngettext
from worker.settings.environment import AMQP, DATABASE, Settings
from worker.steps.monitoring.overview import overview
from worker.store.accounts.account_zones import account_zones

NAME = "perfectum-sms stats"
#: A look takes at most so much of the time between two.
SHARE = 10
Account = Annotated[
    str | None, typer.Option("--account", "-a", help="Only this account's; lanes and queues are all's.")
]
Every = Annotated[float, typer.Option("--every", min=0.5, max=3600, metavar="SECONDS", help="How often it looks.")]
Once = Annotated[bool, typer.Option("--once", help="Print it once, also on a terminal.")]

app = typer.Typer(rich_markup_mode="markdown")
app.command()(cost)
app.command()(texts)


@app.callback(invoke_without_command=True)
def stats(
    context: typer.Context, *, account: Account = None, every: Every = 2.0, once: Once = False, as_json: AsJson = False
) -> None:
    """See at one look what goes, what waits for what and until when, what it costs, and who works.

    Queues and who consumes them; lanes with the text that has waited for longest, and when it goes; events and texts a
    second; what became of the last hour's texts; what is paused; what each account waits for, has spent today of which
    budget, had left at TurboSMS when it was asked last, and for how long that is; how late the schedulers are. On a
    terminal it looks again and again, until Ctrl-C.

    - `perfectum-sms stats`
    - `perfectum-sms stats --account acme --once`
    - `perfectum-sms stats --json | jq '.accounts.acme.waits'`
    - `perfectum-sms stats texts --by day` and `perfectum-sms stats cost` add up what was sent
    """
    if context.invoked_subcommand is not None:
        return
    settings = settings_for((AMQP, DATABASE))
    if as_json or once or not sys.stdout.isatty():
        print_once(look(settings, account), as_json=as_json)
        return
    follow(lambda: look(settings, account), every)


def print_once(frame: Frame, *, as_json: bool) -> None:
    if as_json:
        emit(as_json_of(frame.view, frame.loads))
        return
    out = console()
    out.print(screen(frame, out.width))


def look(settings: Settings, account: str | None) -> Frame:
    loads = loads_of(settings.amqp_url)
    with ledger() as connection:
        if account is not None:
            insist_on_account(connection, account)
        return Frame(overview(connection, account), loads, account_zones(connection), zone_of(connection, account))


def loads_of(url: str) -> Loads:
    from worker.amqp.connection import CONNECTION_ERRORS, describe, fix  # noqa: PLC0415 (help must be quick)
    from worker.amqp.queue_loads import queue_loads  # noqa: PLC0415 (likewise)

    try:
        return queue_loads(url, name=NAME)
    except CONNECTION_ERRORS as error:
        return f"RabbitMQ: {describe(error)}. {fix(error)}"


def follow(look: Callable[[], Frame], every: float, wait: Callable[[float], None] = time.sleep) -> None:
    """Show the newest look until Ctrl-C; what is wrong at the first one ends the command."""
    out = console()
    try:
        began = time.monotonic()
        newest = screen(look(), out.width)
        with Live(console=out, screen=out.is_terminal, auto_refresh=False) as live:
            while True:
                live.update(Fitted(newest) if out.is_terminal else newest, refresh=True)
                wait(max(every, SHARE * (time.monotonic() - began)))
                began = time.monotonic()
                newest = looked(look, out.width)
    except KeyboardInterrupt:
        return


def looked(look: Callable[[], Frame], width: int) -> RenderableType:
    """The next look, or why there is none, as while PostgreSQL is away: the one after it may be."""
    sentences = StringIO()
    try:
        with redirect_stderr(sentences):
            return screen(look(), width)
    except typer.Exit:
        return Text(sentences.getvalue().strip())


@dataclass(frozen=True, slots=True)
class Fitted:
    """As many lines as the terminal has, and in the last one how many more there are."""

    whole: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self.whole, options.update(height=None))
        more = len(lines) - console.height
        shown = lines if more <= 0 else lines[: console.height - 1]
        yield Segments(segment for line in shown for segment in (*line, Segment.line()))
        if more > 0:
            count = more + 1
            yield Text(
                ngettext(
                    "… {count} more line: make the terminal higher, or add --once",
                    "… {count} more lines: make the terminal higher, or add --once",
                    count,
                ),
                style="dim",
            )
