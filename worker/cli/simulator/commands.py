"""`perfectum-sms simulator`: TurboSMS without TurboSMS, a look at what it got, and what it shall do next."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import typer

from worker.cli.simulator.client import HOST, PORT, URL, Url, ask
from worker.cli.terminal import AsJson, as_parameter, echo, emit, phone_cell, show, stop
from worker.core.clock.durations import duration
from worker.language import _
from worker.simulator.delivery_reports import ReportFaultName
from worker.simulator.fates import FateName
from worker.simulator.faults import FaultName
from worker.simulator.settings import DEMO_TOKEN

app = typer.Typer(invoke_without_command=True, no_args_is_help=False, rich_markup_mode="markdown")

MessageId = Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="As perfectum-sms simulator messages lists it.")]
Recipient = Annotated[str | None, typer.Option(help="Only for messages to this phone.")]
Times = Annotated[int | None, typer.Option(min=1, help="For how many messages; without it, until --clear.")]
Clear = Annotated[bool, typer.Option("--clear", help="Forget all of them instead.")]


@app.callback()
def simulator(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="The address to bind; everybody who reaches it may read it.")] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = PORT,
) -> None:
    """Run a simulated TurboSMS until SIGTERM or Ctrl-C, look at what it got, or set what it shall do next.

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
    from worker.web.server import ListenError  # noqa: PLC0415 (likewise)

    try:
        serve(host=host, port=port, ready=announce)
    except ListenError as error:
        raise stop(str(error)) from None


def announce(url: str) -> None:
    echo(_("A simulated TurboSMS answers at {url}", url=url))
    option = "" if url == URL else f" --url {url}"
    echo(_("Look at what it gets: {command}", command=f"perfectum-sms simulator messages{option}"))


@app.command()
def messages(*, url: Url = URL, as_json: AsJson = False) -> None:
    """List what the simulator got; recipients are masked in the table and whole in the JSON.

    - `perfectum-sms simulator messages --json | jq -r '.[] | .text'`
    """
    results: list[dict[str, Any]] = ask(url, "GET", "messages")
    rows = results if as_json else [summary(message) for message in results]
    columns = ("message_id", "created", "channel", "channels", "recipient", "sender", "segments", "text")
    empty = _("Nothing yet. Publish an event: perfectum-sms event publish --help")
    show(rows, as_json=as_json, columns=columns, empty=empty)


def summary(message: dict[str, Any]) -> dict[str, object]:
    return {
        "created": datetime.fromtimestamp(message["created_at"], UTC),
        "channel": message["channel"],
        "channels": ", ".join(
            f"{channel['channel']} {channel['status']} {channel['price']:.2f}" for channel in message["channels"]
        ),
        "recipient": phone_cell(f"+{message['recipient']}"),
        "sender": message["sender"],
        "segments": message["segments"],
        "message_id": message["message_id"],
        "text": message["text"],
    }


@app.command()
def fate(  # noqa: PLR0913 (one option for each thing that can be set)
    *,
    sms: Annotated[FateName | None, typer.Option(help="What becomes of the SMS.")] = None,
    viber: Annotated[FateName | None, typer.Option(help="What becomes of the Viber message.")] = None,
    recipient: Recipient = None,
    text: Annotated[str | None, typer.Option(help="Only for texts with this fragment.")] = None,
    times: Times = None,
    clear: Clear = False,
    url: Url = URL,
    as_json: AsJson = False,
) -> None:
    """Choose what becomes of the messages to come; the newest choice that is for a message counts.

    A hybrid whose Viber message is lost goes by SMS at once, one whose Viber message is silent after its wait.

    - `perfectum-sms simulator fate --sms expired --times 1`
    - `perfectum-sms simulator fate --viber not_viber_user --recipient 380671234567`
    """
    given = {"sms": sms, "viber": viber, "recipient": recipient, "text_contains": text, "times": times}
    value = ask_scripts(url, "fates", given if sms or viber else None, clear=clear)
    columns = ("sms", "viber", "recipient", "text_contains", "times", "fired")
    show_scripts(value, columns, as_json=as_json, empty=_("Every message is delivered."))


@app.command()
def status(
    message_id: MessageId,
    given: Annotated[str, typer.Argument(metavar="STATUS", help="Delivered, Read, Expired, Cancelled, or any other.")],
    *,
    channel: Annotated[
        Literal["sms", "viber"] | None, typer.Option(help="Of which; by default the one it is on.")
    ] = None,
    rejected: Annotated[str, typer.Option(help="Viber's reason, as SRVC_NOT_VIBER_USER.")] = "",
    url: Url = URL,
) -> None:
    """Give a message a status by hand; it is reported, if its account has a callback address.

    - `perfectum-sms simulator status 5f0e1d2c-65aa-0b0c-1d2e-3f4051627384 Undelivered`
    """
    pin = {"status": given, "channel": channel, "rejected_status": rejected}
    emit(ask(url, "PATCH", f"messages/{message_id}", pin)["channels"])


@app.command("stop")
def stop_(
    phone: Annotated[str, typer.Argument(metavar="PHONE", help="In any spelling.")],
    *,
    lift: Annotated[bool, typer.Option("--lift", help="Take it off the list instead.")] = False,
    url: Url = URL,
) -> None:
    """Put a phone on the provider's stop-list: sends to it are refused with 404.

    - `perfectum-sms simulator stop "067 123 45 67"`
    """
    value = ask(url, "DELETE" if lift else "POST", "stoplist", {"recipient": phone})
    echo(_("Phones on the stop-list: {stopped}.", stopped=value["stopped"]))


@app.command()
def account(  # noqa: PLR0913 (one option for each thing that can be set)
    *,
    token: Annotated[str, typer.Option(help="Whose; one that nobody has opens an account.")] = DEMO_TOKEN,
    balance: Annotated[float | None, typer.Option(help="UAH it has from now on.")] = None,
    blocked: Annotated[bool | None, typer.Option("--blocked/--not-blocked", help="Refused whatever it asks.")] = None,
    sender: Annotated[list[str] | None, typer.Option(help="An SMS sender; repeat it for all of them.")] = None,
    viber_sender: Annotated[list[str] | None, typer.Option(help="A Viber sender, likewise.")] = None,
    inactive_sender: Annotated[list[str] | None, typer.Option(help="Those of them that are refused with 401.")] = None,
    inactive_viber_sender: Annotated[list[str] | None, typer.Option(help="Likewise.")] = None,
    test_sender: Annotated[
        list[str] | None, typer.Option(help="A Viber sender that writes to --own-number only (425), a few times (426).")
    ] = None,
    own_number: Annotated[str | None, typer.Option(help="Whom a test sender may write to.")] = None,
    callback_url: Annotated[str | None, typer.Option(help="Where delivery reports go; empty is nowhere.")] = None,
    callback_secret: Annotated[str | None, typer.Option(help="What signs them.")] = None,
    url: Url = URL,
) -> None:
    """Change an account at the simulated provider: its money, its senders, where its delivery reports go.

    - `perfectum-sms simulator account --balance 1.00`
    - `perfectum-sms simulator account --inactive-viber-sender DemoShop`
    - `perfectum-sms simulator account --callback-url http://127.0.0.1:8780/turbosms/demo/receipts --callback-secret s`
    """
    given: dict[str, Any] = {
        "balance": balance,
        "blocked": blocked,
        "senders": sender,
        "viber_senders": viber_sender,
        "inactive_senders": inactive_sender,
        "inactive_viber_senders": inactive_viber_sender,
        "test_viber_senders": test_sender,
        "own_number": own_number,
        "callback_url": callback_url,
        "callback_secret": callback_secret,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    emit(ask(url, "POST", "accounts", {"token": token, **changes}))


@app.command()
def callbacks(*, url: Url = URL, as_json: AsJson = False) -> None:
    """List the delivery reports: the status of each, and what each try to post it met.

    - `perfectum-sms simulator callbacks`
    """
    value = ask(url, "GET", "callbacks")
    rows = [
        {name: item[name] for name in ("message_id", "status", "state")}
        | {"tries": ", ".join(map(str, item["outcomes"])), "event_id": item["event_id"]}
        for item in value
    ]
    empty = _("None. Set an address: simulator account --callback-url")
    columns = ("message_id", "status", "state", "tries", "event_id")
    show(value if as_json else rows, as_json=as_json, columns=columns, empty=empty)


@app.command()
def callback(
    message_id: MessageId,
    *,
    status: Annotated[str, typer.Option(help="As it shall go out: DELIVRD, UNDELIV, any other.")] = "DELIVRD",
    event_id: Annotated[str | None, typer.Option(help="An id that came before makes a repeat, or a replay.")] = None,
    forged: Annotated[bool, typer.Option("--forged", help="With a wrong signature.")] = False,
    url: Url = URL,
) -> None:
    """Post one delivery report by hand.

    - `perfectum-sms simulator callback 5f0e1d2c-65aa-0b0c-1d2e-3f4051627384 --status UNDELIV --forged`
    """
    given = {"message_id": message_id, "status": status, "event_id": event_id, "forged": forged}
    emit(ask(url, "POST", "callbacks", given))


@app.command()
def callback_fault(  # noqa: PLR0913 (one option for each thing that can be set)
    fault: Annotated[ReportFaultName | None, typer.Argument(metavar="FAULT", help="Without one, list them.")] = None,
    *,
    times: Times = None,
    recipient: Recipient = None,
    seconds: Annotated[float, typer.Option(min=0, help="How late.")] = 60,
    count: Annotated[int, typer.Option(min=1, help="How many more, or how many make a burst.")] = 1,
    clear: Clear = False,
    url: Url = URL,
    as_json: AsJson = False,
) -> None:
    """Spoil the delivery reports of messages to come.

    `early` (before the send is answered), `duplicated`, `reordered`, `late`, `never`, `forged`, `replayed` (a true
    signature for another message), `burst` (all at once).

    - `perfectum-sms simulator callback-fault burst --count 1000`
    """
    given = {"fault": fault, "times": times, "recipient": recipient, "seconds": seconds, "count": count}
    value = ask_scripts(url, "callback-faults", given if fault else None, clear=clear)
    columns = ("fault", "times", "after", "recipient", "seconds", "count", "seen", "fired")
    show_scripts(value, columns, as_json=as_json, empty=_("Every delivery report goes its way."))


@app.command()
def fault(  # noqa: PLR0913 (one option for each thing that can be set)
    fault: Annotated[FaultName | None, typer.Argument(metavar="FAULT", help="Without one, list them.")] = None,
    *,
    method: Annotated[
        str, typer.Option(help="Which answers: message/status, user/balance, message/*.")
    ] = "message/send*",
    times: Annotated[int | None, typer.Option(min=1, help="How often; without it, until --clear.")] = 1,
    code: Annotated[int, typer.Option(min=0, help="The response code of code and row_code.")] = 999,
    recipient: Recipient = None,
    clear: Clear = False,
    url: Url = URL,
    as_json: AsJson = False,
) -> None:
    """Spoil answers to come: `no_answer`, `html`, `truncated`, `huge` (300 MB), `leave_out_rows`, `code` and others.

    - `perfectum-sms simulator fault code --code 203`
    - `perfectum-sms simulator fault same_id --method message/status`
    """
    given = {"fault": fault, "times": times, "code": code, "match": {"method": method, "recipient": recipient}}
    value = ask_scripts(url, "faults", given if fault else None, clear=clear)
    show_scripts(value, ("fault", "method", "times", "fired"), as_json=as_json, empty=_("Every answer is sound."))


def ask_scripts(url: str, path: str, given: object, *, clear: bool) -> list[dict[str, Any]]:
    """The scripts of a kind, cleared, or with one more, or as they are."""
    verb = "DELETE" if clear else "POST" if given else "GET"
    return ask(url, verb, path, given if verb == "POST" else None)


def show_scripts(value: list[dict[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """A table's rows have what a script matches beside it, and its phone masked."""
    flat = [{**item, **item.get("match", {})} for item in value]
    rows = [{**item, "recipient": phone_cell(item["recipient"])} for item in flat]
    show(value if as_json else rows, as_json=as_json, empty=empty, columns=columns)


@app.command("set")
def set_(
    settings: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE...", help="Without any, show them.")
    ] = None,
    *,
    url: Url = URL,
) -> None:
    """Set how the provider behaves: prices, pace, how fast statuses walk, what reports look like.

    - `perfectum-sms simulator set final_after_s=60 callback_signature=id_secret`
    - `perfectum-sms simulator set` shows everything that can be set
    """
    given = {name: plain(value) for name, _, value in (setting.partition("=") for setting in settings or [])}
    emit(ask(url, "PATCH", "settings", given))


@app.command()
def advance(
    by: Annotated[
        timedelta, typer.Argument(metavar="DURATION", help="90s, 15m, 2h, 1d.", parser=as_parameter(duration))
    ],
    *,
    url: Url = URL,
) -> None:
    """Put the provider's clock forward: statuses walk on, and reports are tried again.

    - `perfectum-sms simulator advance 15m`
    """
    emit(ask(url, "POST", "clock", {"advance_s": by.total_seconds()}))


def plain(value: str) -> object:
    """A value as JSON has it, or else as text."""
    try:
        return json.loads(value)
    except ValueError:
        return value
