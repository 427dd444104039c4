"""`perfectum-sms simulator`: TurboSMS without TurboSMS, and a look at what it got."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from worker.cli.simulator import control as play
from worker.cli.simulator.client import HOST, PORT, URL, Url, ask
from worker.cli.terminal import AsJson, cell, echo, phone_cell, show, stop

app = typer.Typer(invoke_without_command=True, no_args_is_help=False, rich_markup_mode="markdown")


app.command()(play.fate)
app.command()(play.status)
app.command("stop")(play.stop_)
app.command()(play.account)
app.command()(play.callbacks)
app.command()(play.callback)
app.command()(play.callback_fault)
app.command()(play.fault)
app.command()(play.advance)
app.command("set")(play.set_)


@app.callback()
def simulator(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="The address to bind; everybody who reaches it may read it.")] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = PORT,
) -> None:
    """Run a simulated TurboSMS until SIGTERM or Ctrl-C, look at what it got, or say what it shall do next.

    It answers as TurboSMS does for the token `simulator-token` and the senders `DemoShop`, `Perfectum` and `TAXI`, of
    which the first two are active in Viber too.
    Its state is read, and its faults are scripted, under `/_simulator/`.

    - `perfectum-sms simulator`, and in another terminal
      `SMS_TURBOSMS_URL=http://127.0.0.1:8770 perfectum-sms worker`
    - `perfectum-sms simulator messages`
    - `perfectum-sms simulator fate --viber not_viber_user` lets Viber fail, so that a hybrid goes by SMS
    """
    if context.invoked_subcommand:
        return
    from worker.simulator.server import serve  # noqa: PLC0415 (help must be quick)

    try:
        serve(host=host, port=port, ready=announce)
    except OSError as error:
        raise stop(f"Port {port} of {host} cannot be had ({error.strerror}). Choose another with --port.") from None


def announce(url: str) -> None:
    """Where it is, and how to look."""
    echo(f"A simulated TurboSMS answers at {url}")
    echo(f"Look at what it gets: perfectum-sms simulator messages{'' if url == URL else f' --url {url}'}")


@app.command()
def messages(
    *,
    url: Url = URL,
    as_json: AsJson = False,
) -> None:
    """List what the simulator got; recipients are masked in the table and whole in the JSON.

    - `perfectum-sms simulator messages --json | jq -r '.[] | .text'`
    """
    results: list[dict[str, Any]] = ask(url, "GET", "messages")
    rows = results if as_json else [summary(message) for message in results]
    show(rows, as_json=as_json, empty="Nothing yet. Publish an event: perfectum-sms event publish --help")


def summary(message: dict[str, Any]) -> dict[str, object]:
    """A row of the table."""
    return {
        "created": cell(datetime.fromtimestamp(message["created_at"], UTC)),
        "channel": message["channel"],
        "legs": ", ".join(f"{leg['channel']} {leg['status']} {leg['price']:.2f}" for leg in message["legs"]),
        "recipient": phone_cell(f"+{message['recipient']}"),
        "sender": message["sender"],
        "segments": message["segments"],
        "message_id": message["message_id"],
        "text": message["text"],
    }
