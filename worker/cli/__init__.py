"""One command: run, watch and mend the SMS worker."""

from __future__ import annotations

import sys

import typer

from worker.cli.account import commands as account_commands
from worker.cli.consent import consents, suppression
from worker.cli.demo import command as demo_command
from worker.cli.event import commands as event_commands
from worker.cli.history import calendar, cost_report, notifications, occurrences, simulate
from worker.cli.operate import check, dead_letters, health, secret_key, unconfirmed
from worker.cli.run import migrate, processes, scheduler, up
from worker.cli.simulator import commands as simulator_commands
from worker.cli.template import commands as template_commands
from worker.cli.trigger import commands as trigger_commands
from worker.logs.setup import configure

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (up.up, processes.worker, scheduler.scheduler, processes.console, health.health, migrate.migrate):
    app.command()(command)
app.command()(check.check)
app.command()(notifications.history)
app.command()(occurrences.occurrences)
app.command()(simulate.simulate)
app.command()(consents.consent)
app.command()(calendar.calendar)
app.command()(demo_command.demo)
app.add_typer(simulator_commands.app, name="simulator")
app.add_typer(account_commands.app, name="account")
app.add_typer(secret_key.app, name="key")
app.add_typer(trigger_commands.app, name="trigger")
app.add_typer(template_commands.app, name="template")
app.add_typer(event_commands.app, name="event")
app.add_typer(suppression.app, name="suppression")
app.add_typer(dead_letters.app, name="dead")
app.add_typer(unconfirmed.app, name="unconfirmed")
app.add_typer(cost_report.app, name="stats")


@app.callback()
def explain() -> None:
    """CRM events from RabbitMQ become SMS and Viber messages through TurboSMS: once each, or with a reason why not.

    Try it without a TurboSMS account (RabbitMQ and PostgreSQL are found through `SMS_AMQP_URL` and
    `SMS_DATABASE_URL`):

    - `perfectum-sms up --simulator` starts everything against a simulated provider
    - `perfectum-sms event example order.created | perfectum-sms event publish -` publishes an event
    - `perfectum-sms simulator messages` shows the SMS it became, `perfectum-sms history` shows it in the ledger

    Run it in earnest: set also `SMS_SECRET_KEY`, then `perfectum-sms migrate`, `perfectum-sms check`,
    `perfectum-sms account add`, and any number of `perfectum-sms worker`, `perfectum-sms scheduler` and, to hear of
    deliveries at once, `perfectum-sms console`.

    Results go to stdout, words about them to stderr; `--json` gives stable keys; `NO_COLOR` is obeyed.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the thing asked for was not found, 4 RabbitMQ, PostgreSQL or
    TurboSMS does not answer.
    """
    # Long-running processes say anew how they log.
    configure("cli", "WARNING", stream=sys.stderr)


def main() -> None:
    """The entry point of `perfectum-sms`."""
    app()
