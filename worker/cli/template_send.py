"""`perfectum-sms template test-send`: one text to one number, after a look at it."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli.dead import who
from worker.cli.doors import ledger
from worker.cli.phone_argument import only_phone
from worker.cli.template_desk import AccountId, Desk, GivenText, Locale, Name, TextFile, desk, given
from worker.cli.template_try import Samples, source_words, trials
from worker.cli.template_words import money_words, print_lines, size_words
from worker.cli.terminal import AsJson, Exit, Yes, agree, emit, say, stop
from worker.core.phone import masked
from worker.core.trial import Trial
from worker.store.trials import Standing

#: What the reasons of a row that did not go mean here.
WHY = {
    "not_now": "the account stands still, or has no room for it now (perfectum-sms account show)",
    "paced": "the account's pace leaves no room for it now; try again in a moment",
    "budget_spent": "the account's budget of this day is spent (account set --daily-budget)",
    "same_text": "this number got the same text a moment ago (account set --same-text)",
    "suppressed": "this number is on the stop-list",
    "person_hour": "this number has had its texts of this hour (account set --person-hour)",
    "person_day": "this number has had its texts of this day (account set --person-day)",
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
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send a text as an SMS to one number through the account's TurboSMS, once you have seen it and what it costs.

    It is in the history as `test_send`, keeps to the account's pace and limits, and never goes later: what cannot go at
    once is cancelled. Hours are not asked.

    - `perfectum-sms template test-send acme booking_confirmed --to 0671234567`
    """
    try:
        phone = only_phone(to)
    except ValueError as error:
        raise stop(f"--to: {error}; write a mobile number, as 0671234567.", Exit.USAGE) from None
    with ledger() as connection:
        whose = desk(connection, account)
        found, report = trials(connection, account, name, locale, given(text, file), with_events=not samples)
    tried = found[0]
    if report.is_refused:
        raise stop("Nothing was sent.")
    if not tried.text:
        raise stop("The text is blank: there is nothing to send.")
    announce(tried, whose, phone)
    agree(f"Send this SMS to {masked(phone)}?", yes=yes)
    from worker.cli.template_sending import send_one  # noqa: PLC0415 (help must be quick)

    standing = send_one(account, tried, phone, by=who())
    if as_json:
        emit({"state": standing.state, "reason": standing.reason, "message_id": standing.message_id})
    raise typer.Exit(told(standing))


def announce(tried: Trial, whose: Desk, phone: str) -> None:
    """What is about to be sent, and what it costs."""
    say(source_words(tried))
    print_lines(["", *tried.text.splitlines(), ""], stderr=True)
    cost = money_words(tried.size, whose.price)
    say(f"{whose.settings.sms_sender} → {masked(phone)}: {size_words(tried.size)}, {cost}")


def told(standing: Standing) -> int:
    """Say how it ended; the answer is the exit code."""
    reason = standing.reason or ""
    match standing.state:
        case "accepted" | "sent" | "delivered" | "read":
            say(f"TurboSMS took it: {standing.message_id}.")
            return 0
        case "sending" | "unconfirmed":
            say("TurboSMS has not answered: perhaps sent. How it ends: perfectum-sms history")
            return Exit.AWAY
        case state:
            say(f"Not sent, {state}: {WHY.get(reason, reason)}.")
            return Exit.FAILED
