"""`perfectum-sms template test-send`: one text to one number, after a look at it."""

from typing import Annotated, Literal

import typer

from worker.cli.account_argument import AccountId
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.template.context import Desk, GivenText, Locale, Name, TextFile, given, open_desk
from worker.cli.template.lint_gate import format_cost, format_size, print_lines
from worker.cli.template.preview import Samples, source_label, trials
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, stop
from worker.core.authoring.preview import Trial
from worker.core.contract.phone import masked, only_phone
from worker.core.planning.channel import NO_SENDER, SMS, TOO_LONG, VIBER
from worker.core.texts.viber_message import TEXT_MAX
from worker.store.sending.trial_send import TrialStatus

SentBy = Literal["sms", "viber", "viber_then_sms"]


NOT_BY_VIBER = {
    NO_SENDER: "the account has no Viber sender (account set --viber-sender)",
    TOO_LONG: f"it is longer than {TEXT_MAX} characters",
}
#: What the reasons of a row that did not go mean here.
WHY = {
    "not_now": "the account is paused, or has no room for it now (perfectum-sms account show)",
    "paced": "the account's pace leaves no room for it now; try again in a moment",
    "budget_spent": "the account's budget of this day is spent (account set --daily-budget)",
    "duplicate": "TurboSMS takes the same text to the same number once in 90 seconds; wait, or change a word",
    "suppressed": "this number is on the stop-list",
}


def send_trial(  # noqa: PLR0913 (one option for each way to name a text)
    account: AccountId,
    name: Name,
    *,
    to: Annotated[str, typer.Option(help="Whose phone it goes to.")],
    locale: Locale = None,
    text: GivenText = None,
    file: TextFile = None,
    samples: Samples = False,
    channel: Annotated[SentBy, typer.Option(help="How it travels: by SMS, by Viber, or by both in turn.")] = SMS,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send a text to one number through the account's TurboSMS, once you have seen it and what it costs.

    It is in the history as `test_send`, keeps to the account's pace and budgets, and never goes later: what cannot go
    at once is cancelled. Hours are not asked, and it counts against nobody's limits: try as often as you like.

    - `perfectum-sms template test-send acme booking_confirmed --to 0671234567`
    - `perfectum-sms template test-send acme booking_confirmed --to 0671234567 --channel viber`
    """
    try:
        phone = only_phone(to)
    except ValueError as error:
        raise stop(f"--to: {error}; write a mobile number, as 0671234567.", Exit.USAGE) from None
    with ledger() as connection:
        whose = open_desk(connection, account)
        tried, report = trials(
            connection, account, name, locale, given(text, file), with_events=not samples, channel=channel
        )
    trial = tried[0]
    if report.is_refused:
        raise stop("Nothing was sent.")
    if not trial.text:
        raise stop("The text is blank: there is nothing to send.")
    if channel != SMS and trial.viber is None:
        raise stop(f"It cannot go by Viber: {NOT_BY_VIBER.get(trial.reason or '', trial.reason)}.")
    announce(trial, whose, phone)
    agree(f"Send this to {masked(phone)}?", yes=yes)
    from worker.cli.template.send_text import send_text  # noqa: PLC0415 (help must be quick)

    status = send_text(account, trial, phone, by=operator_name())
    if as_json:
        emit({"state": status.state, "reason": status.reason, "message_id": status.message_id})
    raise typer.Exit(print_outcome(status))


def announce(trial: Trial, whose: Desk, phone: str) -> None:
    echo(source_label(trial))
    print_lines(["", *trial.text.splitlines(), ""], stderr=True)
    way = f"{trial.sender or whose.settings.sms_sender} → {masked(phone)}, {trial.channel or SMS}"
    if trial.channel == VIBER:
        echo(f"{way}: {len(trial.text)} зн.")
    else:
        echo(f"{way}: {format_size(trial.size)}, {format_cost(trial.size, whose.price)}")


def print_outcome(status: TrialStatus) -> int:
    reason = status.reason or ""
    match status.state:
        case "accepted" | "sent" | "delivered" | "read":
            echo(f"TurboSMS took it: {status.message_id}.")
            return 0
        case "sending" | "unconfirmed":
            echo("TurboSMS has not answered: perhaps sent. How it ends: perfectum-sms history")
            return Exit.AWAY
        case state:
            echo(f"Not sent, {state}: {WHY.get(reason, reason)}.")
            return Exit.FAILED
