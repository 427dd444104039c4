"""One command: run, watch and repair the SMS worker."""

import sys
from typing import Annotated

import typer

from worker.cli.lazy_commands import LazyGroup
from worker.cli.moments import wants_utc
from worker.cli.operator import GIVEN, By
from worker.language import Language, speak
from worker.logs import late

LEVEL = "WARNING"

app = typer.Typer(
    name="perfectum-sms",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def choose_language(language: Language | None) -> None:
    if language:
        speak(language)


def print_version(wanted: bool) -> None:  # noqa: FBT001 (as typer calls it)
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 (help must be quick)

        typer.echo(f"perfectum-sms {version('perfectum-sms')}")
        raise typer.Exit


@app.callback()
def explain(
    *,
    by: By = None,
    lang: Annotated[  # noqa: ARG001
        Language | None,
        typer.Option(
            is_eager=True,
            callback=choose_language,
            help="Speak English or Ukrainian; else what LC_ALL, LC_MESSAGES or LANG asks for.",
        ),
    ] = None,
    utc: Annotated[bool, typer.Option("--utc", help="Show times in UTC, not in the account's zone.")] = False,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """CRM events from RabbitMQ become SMS and Viber messages through TurboSMS: once each, or with a reason why not.

    Try it without a TurboSMS account (RabbitMQ and PostgreSQL are found through `SMS_AMQP_URL` and
    `SMS_DATABASE_URL`):

    - `perfectum-sms up --simulator` starts everything against a simulated provider
    - `perfectum-sms event example order.created | perfectum-sms event publish -` publishes an event
    - `perfectum-sms simulator messages` shows the SMS it became, `perfectum-sms history` shows it in the ledger

    Run it in earnest: set also `SMS_SECRET_KEY`, then `perfectum-sms migrate`, `perfectum-sms check`,
    `perfectum-sms account add`, and any number of `perfectum-sms worker`, `perfectum-sms scheduler` and, to get
    delivery reports at once, `perfectum-sms console`.

    Results go to stdout, sentences about them to stderr; `--json` gives stable keys; `NO_COLOR` is obeyed. `--lang`
    and `--utc` may stand anywhere: `perfectum-sms history --lang uk`.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the thing asked for was not found, 4 RabbitMQ, PostgreSQL or
    TurboSMS does not answer, 130 stopped by Ctrl-C.
    """
    GIVEN.set(by)
    wants_utc.set(utc)
    # Long-running processes configure their logs anew.
    late.announce(configure_logs, LEVEL)


def configure_logs() -> None:
    from worker.logs.setup import configure  # noqa: PLC0415 (help must be quick)

    configure("cli", LEVEL, stream=sys.stderr)


def main() -> None:
    """The entry point of `perfectum-sms`."""
    app()
