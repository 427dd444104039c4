"""One command: run, watch and repair the SMS worker."""

import sys

import typer

from worker.cli.lazy_commands import LazyGroup
from worker.cli.operator import GIVEN, By
from worker.logs.setup import configure

app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def explain(*, by: By = None) -> None:
    """CRM events from RabbitMQ become SMS and Viber messages through TurboSMS: once each, or with a reason why not.

    Try it without a TurboSMS account (RabbitMQ and PostgreSQL are found through `SMS_AMQP_URL` and
    `SMS_DATABASE_URL`):

    - `perfectum-sms up --simulator` starts everything against a simulated provider
    - `perfectum-sms event example order.created | perfectum-sms event publish -` publishes an event
    - `perfectum-sms simulator messages` shows the SMS it became, `perfectum-sms history` shows it in the ledger

    Run it in earnest: set also `SMS_SECRET_KEY`, then `perfectum-sms migrate`, `perfectum-sms check`,
    `perfectum-sms account add`, and any number of `perfectum-sms worker`, `perfectum-sms scheduler` and, to get
    delivery reports at once, `perfectum-sms console`.

    Results go to stdout, sentences about them to stderr; `--json` gives stable keys; `NO_COLOR` is obeyed.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the thing asked for was not found, 4 RabbitMQ, PostgreSQL or
    TurboSMS does not answer.
    """
    GIVEN.set(by)
    # Long-running processes configure their logs anew.
    configure("cli", "WARNING", stream=sys.stderr)


def main() -> None:
    """The entry point of `perfectum-sms`."""
    app()
