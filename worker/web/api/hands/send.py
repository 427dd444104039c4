"""`POST /send`: a text to people, once under its key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from worker.core.contract.data import RECIPIENTS_MAX, RecipientKind
from worker.core.contract.event import Malformed
from worker.core.contract.fields import LANGUAGE
from worker.core.contract.validation_errors import Fault
from worker.core.hands.send_request import Request
from worker.core.outcomes.facts import Named
from worker.core.outcomes.reason import Reason, text_reason
from worker.core.sending.nudge import text_id
from worker.health.outcome_log import report
from worker.language import _
from worker.steps.hands.request import Requested, request
from worker.steps.history.why import codes_of_reasons
from worker.steps.ingest.plan import Intake
from worker.store.accounts import secrets
from worker.store.db.postgres import transaction
from worker.store.hands.sends import Begun
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import NO_NUL, Fields, InHeader, Moment, Words, about
from worker.web.api.problems import CONFLICT, NOT_FOUND, AnswerHeader, Problem, invalid, not_found

#: Printable ASCII, which an event's id may be, and a log show.
KEY = r"^[!-~]{1,100}$"
TEXT_MAX = 5_000
VALUES_MAX = 200
REPLAYED = AnswerHeader("Idempotent-Replayed", "`true` where it was asked before, and is answered as at first.", "true")

Short = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Id = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL)]
Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,99}$")]
Value = Annotated[str, Field(max_length=2_000, pattern=NO_NUL)]


class SendKey(Fields):
    idempotency_key: Annotated[
        Annotated[str, Field(pattern=KEY)],
        InHeader("Idempotency-Key"),
        about("What makes a repetition one: the same key and content are answered as before.", "order-17-ready"),
    ]
    traceparent: Annotated[
        str | None,
        InHeader("traceparent"),
        about(
            "The W3C trace in which the text is asked for; ignored where it is malformed.",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
    ] = None


class Recipient(Fields):
    """A person who gets the text."""

    kind: Annotated[RecipientKind, about("What the person is in the CRM.", "contact")]
    id: Annotated[Id, about("The CRM's id of the person.", "17")]
    phonenumber: Annotated[Short, about("In any form.", "067 123 45 67")]
    firstname: Annotated[Short | None, about("For `{contact_firstname}` and its like.", "Олена")] = None
    lastname: Annotated[Short | None, about("Likewise.")] = None
    locale: Annotated[
        Annotated[str, Field(pattern=LANGUAGE)] | None,
        about("The person's language, for a template that has it.", "uk"),
    ] = None
    timezone: Annotated[Short | None, about("The person's zone, whose hours count.", "Europe/Kyiv")] = None
    consent: Annotated[bool | None, about("Whether the person agreed to advertising; else what is recorded.")] = None


class ClientOfRecipients(Fields):
    """The client of the CRM that these people belong to."""

    id: Annotated[Id, about("The CRM's id of it.", "5")]
    company: Annotated[Short | None, about("Its name.", "ТОВ «Ромашка»")] = None


class TextToSend(Fields):
    """A text, or a custom template by its name, to people: as the event `sms.send_requested` has it."""

    recipients: Annotated[
        list[Recipient], about("Who gets it; two on one phone get one.", min_length=1, max_length=RECIPIENTS_MAX)
    ]
    text: Annotated[
        Annotated[str, Field(min_length=1, max_length=TEXT_MAX, pattern=NO_NUL)] | None,
        about("The words, with shortcodes in braces; or give template.", "Ваше замовлення готове."),
    ] = None
    template: Annotated[Words | None, about("A custom template's name; or give text.", "Осінь")] = None
    marketing: Annotated[bool, about("Whether it is advertising: it goes to those who agreed to it.")] = False
    shortcodes: Annotated[
        dict[Code, Value],
        about(
            "Values of shortcodes.",
            {"invoice_number": "INV-901"},
            max_length=VALUES_MAX,
            default_factory=dict[str, str],
        ),
    ]
    client: Annotated[ClientOfRecipients | None, about("By which the history lists it.")] = None
    at: Annotated[Moment | None, about("When it may go; left out: now.", "2026-12-02T10:00:00+02:00")] = None

    def as_data(self) -> dict[str, Any]:
        """The `data` of the event."""
        names = ("recipients", "text", "template", "marketing", "client")
        data = self.model_dump(include=set(names), exclude_none=True)
        return {**data, "shortcodes": self.shortcodes} if self.shortcodes else data


@dataclass(frozen=True, slots=True)
class TextOfPerson:
    """What was planned for one person."""

    id: Annotated[str, about("Of the notification: GET /notifications/{id} shows what becomes of it.", "2026-12/123")]
    recipient: Annotated[Named, about("The person.")]
    channel: Annotated[str, about("`sms`, `viber` or `viber_then_sms`.")]
    segments: Annotated[int, about("Of its SMS.")]
    state: Annotated[str, about("As it was accepted: `planned`, or `skipped`, or it waits `postponed` …")]
    reason: Annotated[Reason | None, about("Why it does not go, or not now.")]


@dataclass(frozen=True, slots=True)
class SentTexts:
    """What a request came to when it was made first; it is answered so whenever it is repeated."""

    event: Annotated[str, about("The id of its event: `api/` and the key.", "api/order-17-ready")]
    texts: Annotated[list[TextOfPerson], about("One for each person and channel.")]


@endpoint(
    "POST",
    "/send",
    scope="send",
    tag="send",
    answer=SentTexts,
    statuses=(202,),
    headers=(REPLAYED,),
    problems=(NOT_FOUND, CONFLICT),
)
def send_text(call: Call[SendKey, TextToSend]) -> Answer | Problem:
    """Send a text, or a custom template, to people.

    What the event `sms.send_requested` does: stop-list, consent, hours, limits, pace and budgets are the account's; of
    more than ten people the account's other texts go first.
    Send it again with the same `Idempotency-Key` as often as you like: it goes once, and is answered as at first, with
    `Idempotent-Replayed: true`. The same key with other content is a conflict. Keys are remembered for 13 months,
    unless the operator keeps them otherwise.
    """
    body = call.body
    with transaction(call.pool) as connection:
        salt = secrets.salt(connection, call.seal)
    intake = Intake(call.pool, call.cache, salt)
    given = call.parameters
    wanted = Request(call.account, given.idempotency_key, body.as_data(), body.at, given.traceparent)
    outcome = request(intake, wanted, by=call.key.as_operator)
    match outcome:
        case Requested():
            report(outcome.reported)
            headers = {} if outcome.is_new else {"Idempotent-Replayed": "true"}
            return Answer(SentTexts(outcome.event, [*map(text_of, outcome.texts)]), 202, headers=headers)
        case Malformed():
            return invalid(faults(outcome))
        case "other_content":
            detail = _("This Idempotency-Key was used for something else: give each request its own.")
            return Problem(CONFLICT, detail)
        case "switched_off":
            detail = _("Texts by hand are off: switch the trigger sms_send_requested on.")
            return Problem(CONFLICT, detail)
        case "no_account":
            return not_found(_("such account any more"))


def faults(refused: Malformed) -> Iterator[Fault]:
    """Which fields are wrong, as the body has them."""
    if refused.reason == "unknown_template":
        yield Fault("template", _("is no custom template: GET /templates?of=custom lists them"))
    elif not refused.faults:
        yield Fault("body", refused.detail)
    for fault in refused.faults:
        yield Fault(fault.field.removeprefix("data.") if fault.field != "data" else "body", fault.problem)


def text_of(begun: Begun) -> TextOfPerson:
    return TextOfPerson(
        text_id(begun.notification_id),
        Named(begun.recipient_kind, begun.recipient_id),
        begun.channel,
        begun.segments,
        begun.state,
        text_reason(begun.state, begun.reason, codes_of_reasons([begun.reason])),
    )
