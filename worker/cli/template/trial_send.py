"""`perfectum-sms template test-send`: one text to one number, after a look at it."""

from typing import Annotated, Literal

import typer

from worker.cli.account_argument import AccountId
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.template.context import GivenText, Locale, Name, TextFile, given, open_desk
from worker.cli.template.lint_gate import format_cost, format_size, print_lines
from worker.cli.template.preview import Samples, source_label, trials
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, phone_given, stop
from worker.core.authoring.preview import Trial
from worker.core.contract.phone_mask import masked
from worker.core.planning.channel import NO_SENDER, SMS, TOO_LONG, VIBER
from worker.core.texts.viber_message import TEXT_MAX
from worker.language import _, marked, ngettext
from worker.steps.accounts.desk import Desk
from worker.store.ingest.trial_send import TrialStatus

SentBy = Literal["sms", "viber", "viber_then_sms"]


NOT_BY_VIBER = {
    NO_SENDER: marked("the account has no Viber sender (account set --viber-sender)"),
    TOO_LONG: marked("it is longer than {most} characters"),
}
#: What the reasons of a row that did not go mean here.
WHY = {
    "not_now": marked("the account is paused, or has no room for it now (perfectum-sms account show)"),
    "paced": marked("the account's pace leaves no room for it now; try again in a moment"),
    "budget_spent": marked("the account's budget of this day is spent (account set --daily-budget)"),
    "duplicate": marked("TurboSMS takes the same text to the same number once in 90 seconds; wait, or change a word"),
    "suppressed": marked("this number is on the stop-list"),
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
    phone = phone_given(to, "--to")
    with ledger() as connection:
        whose = open_desk(connection, account)
        tried, report = trials(
            connection, account, name, locale, given(text, file), with_events=not samples, channel=channel, phones=True
        )
    trial = tried[0]
    if report.is_refused:
        raise stop(_("Nothing was sent."))
    if not trial.text:
        raise stop(_("The text is blank: there is nothing to send."))
    if channel != SMS and trial.viber is None:
        raise stop(_("It cannot go by Viber: {reason}.", reason=why_not_by_viber(trial.reason or "")))
    announce(trial, whose, phone)
    agree(_("Send this to {phone}?", phone=masked(phone)), yes=yes)
    from worker.cli.template.send_text import send_text  # noqa: PLC0415 (help must be quick)

    status = send_text(account, trial, phone, by=operator_name())
    if as_json:
        emit({"state": status.state, "reason": status.reason, "message_id": status.message_id})
    raise typer.Exit(print_outcome(status))


def why_not_by_viber(reason: str) -> str:
    return _(NOT_BY_VIBER.get(reason, reason), most=TEXT_MAX)


def announce(trial: Trial, whose: Desk, phone: str) -> None:
    echo(source_label(trial))
    print_lines(["", *trial.text.splitlines(), ""], stderr=True)
    way = f"{trial.sender or whose.settings.sms_sender} → {masked(phone)}, {trial.channel or SMS}"
    if trial.channel == VIBER:
        echo(f"{way}: {ngettext('{count} character', '{count} characters', len(trial.text))}")
    else:
        echo(f"{way}: {format_size(trial.size)}, {format_cost(trial.size, whose.price)}")


def print_outcome(status: TrialStatus) -> int:
    reason = status.reason or ""
    match status.state:
        case "accepted" | "sent" | "delivered" | "read":
            echo(_("TurboSMS took it: {message_id}.", message_id=status.message_id))
            return 0
        case "sending" | "unconfirmed":
            echo(_("TurboSMS has not answered: perhaps sent. How it ends: perfectum-sms history"))
            return Exit.AWAY
        case state:
            echo(_("Not sent, {state}: {reason}.", state=state, reason=_(WHY.get(reason, reason))))
            return Exit.FAILED
