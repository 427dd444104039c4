"""`perfectum-sms why`: what became of an event, a text or a person, moment by moment."""

import os
from typing import Annotated

import typer

from worker.cli.account_argument import account_or_only, names, whose
from worker.cli.connections import ledger
from worker.cli.history.explanation_view import explanation_as_json, show_explanation, wanted_zone
from worker.cli.operate.text_ids import ID, insist_on_one, named
from worker.cli.period import Since, Until, period
from worker.cli.terminal import AsJson, Exit, echo, emit, phone_cell, stop
from worker.core.contract.phone import BadPhone, normalise
from worker.core.receipts.reason_labels import REASONS
from worker.language import _, of_pair
from worker.settings.environment import DATABASE, Settings, load
from worker.steps.history import why as stories
from worker.steps.history.why import Explanation, Reading, WantedPerson
from worker.store.accounts import secrets
from worker.store.accounts.secrets import Seal, WrongSecretError
from worker.store.db.postgres import Connection, clock
from worker.store.sending import unconfirmed

#: As far back as a person is looked for unless it is said.
SINCE = "7d"


def why(
    subject: Annotated[
        str | None, typer.Argument(metavar="EVENT|NOTIFICATION", help="An event's id, or a text's: 2026-11/56.")
    ] = None,
    *,
    phone: Annotated[str | None, typer.Option("--phone", help="Whoever has this phone, instead.")] = None,
    account: Annotated[
        str | None, typer.Option("--account", "-a", help="Whose; needed where there are several.")
    ] = None,
    since: Since = SINCE,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Why did somebody get a text, or none: one timeline from the event to the phone, and what to do.

    Received, matched or not and why, rendered with which version of the template, held until when, sent as how many
    segments, delivered for what price, or exactly why not. Also of events that came to nothing, of refused ones, and of
    people whom no event reached. In English or Ukrainian, as `--lang` or LANG has it; the JSON has both, and codes.

    - `perfectum-sms why 2026-11/56`
    - `perfectum-sms why 8f0c2f1e-0001-4000-8000-000000000901 --lang uk`
    - `perfectum-sms why --phone "067 123 45 67" --since yesterday`
    - `perfectum-sms why --phone 0671234567 --json | jq '.[].remedies[].uk'`
    """
    if (subject is None) == (phone is None):
        raise stop(_("Give an event, a notification or --phone; one of them."), Exit.USAGE)
    with ledger() as connection:
        account = account_or_only(connection, account)
        reading = Reading(connection, clock(connection), salt_of(connection), wanted_zone())
        if subject is not None:
            explanations = of_subject(reading, subject, [account] if account else names(connection))
        else:
            explanations = of_phone(reading, phone or "", account, since=since, until=until)
    show_all(explanations, as_json=as_json)


def show_all(explanations: list[Explanation], *, as_json: bool) -> None:
    if as_json:
        emit(list(map(explanation_as_json, explanations)))
        return
    for number, each in enumerate(explanations):
        if number:
            typer.echo()
        show_explanation(each)


def salt_of(connection: Connection) -> bytes | None:
    """The salt of recipient keys, where the environment has a key that opens it."""
    settings = load(os.environ, needs=(DATABASE,))
    if not isinstance(settings, Settings) or not settings.secret_key.get_secret_value():
        return None
    try:
        return secrets.salt(connection, Seal(settings.secret_keys))
    except WrongSecretError:
        return None


def of_subject(reading: Reading, subject: str, accounts: list[str]) -> list[Explanation]:
    """The story of a notification's id, or of an event's; a bare number may be either."""
    explanations = [] if "/" in subject and ID.fullmatch(subject) else stories.of_event(reading, subject, accounts)
    if not explanations and ID.fullmatch(subject):
        explanations = of_number(reading, subject)
    if not explanations:
        raise stop(
            _(
                "No event or text {subject} is known: was it published to RabbitMQ (perfectum-sms event list), and of"
                " which account (--account)?",
                subject=subject,
            ),
            Exit.NOT_FOUND,
        )
    return explanations


def of_number(reading: Reading, subject: str) -> list[Explanation]:
    known = unconfirmed.seek(reading.connection, [named(subject)])
    insist_on_one(known)
    return [explanation for each in known if (explanation := stories.of_notification(reading, each))]


def of_phone(
    reading: Reading, phone: str, account: str | None, *, since: str | None, until: str | None
) -> list[Explanation]:
    usable = normalise(phone)
    if isinstance(usable, BadPhone):
        raise stop(f"--phone: {of_pair(REASONS[usable.reason])}", Exit.USAGE)
    if account is None:
        raise whose(reading.connection)
    if reading.salt is None:
        echo(_("Without SMS_SECRET_KEY the stop-list, and texts whose phone was erased, are not looked at."))
    asked = period(reading.connection, account, since, until)
    begins, ends = asked.since or reading.now, asked.until or reading.now
    return stories.of_person(reading, WantedPerson(account, usable, phone_cell(usable) or "", begins, ends))
