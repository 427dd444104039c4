"""A dead letter in words: why it is here, and what a person does about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import typer

from worker.cli.terminal import sheet
from worker.logs.redaction import mask_phones, visible
from worker.store.ingest.dead_letter_list import KeptDeadLetter

LINES_SHOWN = 40

REASON_LABELS: Mapping[str, str] = {
    "not_json": "The body is not JSON.",
    "not_utf8": "The body is not UTF-8.",
    "schema": "A field is missing or wrong.",
    "too_large": "The body is larger than an event may be.",
    "unknown_type": "The type is not in the contract.",
    "unknown_account": "Nobody added this account.",
    "account_mismatch": "Source and routing key name different accounts.",
    "id_reused": "The id was accepted before with another content; the first counts.",
    "too_many": "Its account had no room for more letters; they are only counted here.",
    "poison": "Workers kept dying while they handled it.",
    "failed": "It broke while it was being accepted.",
    "failing": "It kept breaking before it could be sent.",
    "too_much_work": "Its texts come to more work than one event may ask for.",
    "unknown_template": "It names a custom template that its account does not have.",
    "missing_value": "A value is missing that its template does not go without.",
    "envelope": "It lay on a send queue and is none of our messages.",
    "left_by_rabbitmq": "RabbitMQ gave up on it.",
    "taken_away": "A time to live or a limit of its queue took it away before anybody accepted it.",
}
NEXT: Mapping[str, str] = {
    "unknown_account": "Add the account (perfectum-sms account add), then replay the letter.",
    "unknown_type": "A newer worker may know the type: update, then replay; else drop it.",
    "id_reused": "The CRM must give a new fact a new id and publish it again; then drop this letter.",
    "too_large": "Only its head was kept: the CRM must publish it anew, smaller; then drop this letter.",
    "too_many": "Mend what publishes them, replay or drop the others, then drop this letter.",
    "not_json": "Only its head was kept: the CRM must publish it anew, mended; then drop this letter.",
    "not_utf8": "Only its head was kept: the CRM must publish it anew, mended; then drop this letter.",
    "poison": "Look at the body and at the workers' last lines before you replay it.",
    "failed": "The traceback shows where; report it. Once it is mended, replay the letter.",
    "failing": "The traceback shows where. Mend the cause, then replay the letter: the notification is planned anew.",
    "too_much_work": "The CRM must shorten text and values, or name fewer people at once; then drop this letter.",
    "unknown_template": "Add the template under that name (perfectum-sms template add), then replay the letter.",
    "missing_value": "The CRM publishes the fact with its value; or mend the template, then replay the letter.",
    "envelope": "Find out who publishes to our send queues; the rows are swept anyway. Drop the letter.",
    "taken_away": "Clear the policy (rabbitmqctl list_policies) or the CRM's `expiration`, then replay the letter.",
    "left_by_rabbitmq": "Nothing is lost by it: the rows are swept anyway. Drop the letter.",
}
BY_DEFAULT = "The CRM must publish it anew, mended, under a new id; then drop this letter."


def paper(dead_letter: KeptDeadLetter, *, raw: bool) -> None:
    known = asdict(dead_letter.summary)
    known["why"] = REASON_LABELS.get(dead_letter.summary.reason, "")
    month, notification = dead_letter.notification_id or (None, None)
    rest = {
        "routing_key": dead_letter.routing_key,
        "queue": dead_letter.queue,
        "bytes": dead_letter.size,
        "sha256": dead_letter.hash.hex(),
    }
    address = {"notification": f"{month}/{notification}"} if notification else {}
    sheet({name: value for name, value in {**known, **rest, **address}.items() if value is not None})
    if dead_letter.traceback:
        typer.echo(f"\nTraceback\n{visible(dead_letter.traceback)}")
    typer.echo(f"\nBody\n{head(dead_letter, raw=raw)}")


def next_step(dead_letter: KeptDeadLetter) -> str:
    number, state = dead_letter.summary.id, dead_letter.summary.state
    if state != "open":
        return f"It was {state} by {dead_letter.summary.closed_by}: nothing to do."
    commands = f"perfectum-sms dead replay {number}, or perfectum-sms dead drop {number} --why …"
    return f"Next: {NEXT.get(dead_letter.summary.reason, BY_DEFAULT)}\n{commands}"


def head(dead_letter: KeptDeadLetter, *, raw: bool) -> str:
    """The first lines of the body; bytes that are no text are shown as such."""
    text = dead_letter.head.decode(errors="backslashreplace")
    lines = visible(text if raw else mask_phones(text)).splitlines()[:LINES_SHOWN]
    return "\n".join(lines)


def as_json_of(dead_letter: KeptDeadLetter, *, raw: bool) -> dict[str, object]:
    month, notification = dead_letter.notification_id or (None, None)
    return {
        **asdict(dead_letter.summary),
        "words": REASON_LABELS.get(dead_letter.summary.reason),
        "next": next_step(dead_letter),
        "queue": dead_letter.queue,
        "routing_key": dead_letter.routing_key,
        "notification_month": month,
        "notification": notification,
        "traceback": dead_letter.traceback,
        "bytes": dead_letter.size,
        "sha256": dead_letter.hash.hex(),
        "head": head(dead_letter, raw=raw),
        "is_whole": dead_letter.body is not None,
        "closed_at": dead_letter.closed_at,
    }
