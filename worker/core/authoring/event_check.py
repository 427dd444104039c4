"""What a CRM developer wants to know of an event before it is published: what is wrong, field by field, and the fix."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
from pydantic import ValidationError

from worker.core.authoring.field_names import nearest, strangers
from worker.core.authoring.request_text_check import text_problems
from worker.core.authoring.suggested_fixes import healed, suggested_value
from worker.core.authoring.unrecognized_values import misread
from worker.core.clock.quiet_hours import known_zone
from worker.core.contract.data import Data, Person
from worker.core.contract.event import Event, Malformed, decode, read
from worker.core.contract.event_types import Envelope
from worker.core.contract.facts import Facts, as_facts, as_text
from worker.core.contract.fields import EXACT
from worker.core.contract.phone import numbers_in
from worker.core.contract.phone_mask import masked
from worker.core.contract.record_statuses import STATUSES
from worker.core.contract.validation_errors import faults_of
from worker.core.reminders.calendar_entry import DATED
from worker.core.reminders.date_warnings import CORRECTIONS, corrections
from worker.core.texts.template import compile_template
from worker.core.triggers.catalogue import BY_EVENT, TYPES
from worker.core.triggers.match import record_of
from worker.core.triggers.matching import meets
from worker.core.triggers.recipients import recipients_for
from worker.language import _, marked, ngettext

Example = Callable[[str], Facts]
#: So often an event is put right and judged again: once for each kind of fault that hides others.
ROUNDS = 5
WHY_NO_PHONE = {
    "no_phone": marked("holds no number; this person is skipped"),
    "bad_phone": marked("is no number that could exist; this person is skipped"),
    "landline": marked("is a landline or a service number, which gets no SMS; this person is skipped"),
}
#: The field of a correction and what to write instead; unreadable fields have findings of their own already.
SUGGESTIONS = {
    "zone_unknown": ("timezone", marked("write an IANA name, such as Europe/Kyiv")),
    "offset_differs": ("", marked("write the offset that the zone has on that day")),
    "offset_unreal": ("", marked("write an offset such as +02:00")),
    "end_before_start": ("end", marked("write an end after the start, or leave it out")),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about an event; what is no error is taken as it is, and may not do what was meant."""

    field: str
    problem: str
    fix: str
    is_error: bool = True


def diagnose(body: bytes, *, now: datetime, example: Example) -> list[Remark]:
    fields = as_facts(decode(body))
    errors, event = judged(body, fields, now=now, example=example)
    hints = [Remark(field, problem, fix, is_error=False) for field, problem, fix in strangers(fields)]
    if event is not None:
        hints += warnings(event, now=now)
        hints += unread(event, example)
        hints += overlooked(fields)
    return [*errors, *hints]


def judged(body: bytes, fields: Facts, *, now: datetime, example: Example) -> tuple[list[Remark], Event | None]:
    """Give the faults of an event, and the event without them.

    Parsing stops at the first kind of fault, so the event is corrected where it is wrong and parsed again.
    """
    errors: dict[str, Remark] = {}
    whole = fields
    for _round in range(ROUNDS):
        parsed = read(body, routing_key=f"{as_text(whole.get('source')).removeprefix('/accounts/')}.", now=now)
        if isinstance(parsed, Event):
            return list(errors.values()), parsed
        shown = example(type_meant(whole) or next(iter(TYPES)))
        new = {remark.field: remark for remark in refusals(parsed, fields, shown) if remark.field not in errors}
        errors |= new
        if not new or "body" in new:
            break
        whole = put_right(whole, parsed, {**shown, "time": now.isoformat()})
        body = orjson.dumps(whole)
    return list(errors.values()), None


def put_right(fields: Facts, refused: Malformed, shown: Facts) -> Facts:
    if refused.reason == "unknown_type":
        return {**fields, "type": type_meant(fields)}
    return healed(fields, refused.faults, shown)


def type_meant(fields: Facts) -> str | None:
    name = as_text(fields.get("type"))
    return name if name in TYPES else nearest(name, TYPES)


def refusals(refused: Malformed, fields: Facts, example: Facts) -> Iterator[Remark]:
    if refused.reason == "unknown_type":
        meant = type_meant(fields)
        fix = _("did you mean {near}?", near=meant) if meant else _("take one of: perfectum-sms event types")
        yield Remark("type", _("is not in the contract"), fix)
    elif not refused.faults:
        yield Remark("body", refused.detail, _("publish one JSON object in UTF-8: perfectum-sms event example TYPE"))
    yield from (Remark(fault.field, fault.problem, suggested_value(fault, fields, example)) for fault in refused.faults)


def unread(event: Event, example: Example) -> Iterator[Remark]:
    shown, facts = example(event.type), as_facts(decode(event.body))
    for fault in event.given_up:
        yield Remark(
            fault.field,
            _("{problem}; no rule can read it", problem=fault.problem),
            suggested_value(fault, facts, shown),
            is_error=False,
        )


def overlooked(fields: Facts) -> Iterator[Remark]:
    try:
        Envelope.model_validate(fields, context=EXACT)
    except ValidationError as error:
        for fault in faults_of(error, fields):
            if not Envelope.model_fields[fault.field].is_required():
                yield Remark(fault.field, fault.problem, _("write it so, or leave it out"), is_error=False)


def warnings(event: Event, *, now: datetime) -> Iterator[Remark]:
    for field, problem, fix in (
        *unversioned(event),
        *unknown(event),
        *untimely(event),
        *without_effect(event),
        *unreachable(event),
        *crowded(event),
        *unrendered(event),
    ):
        yield Remark(field, problem, fix, is_error=False)
    triggers = [trigger for trigger in BY_EVENT[event.type] if meets(trigger, event.data)]
    if triggers and all(event.occurred_at + trigger.life <= now for trigger in triggers):
        yield Remark(
            "time", _("lies so far back that every text comes too late"), _("publish events at once"), is_error=False
        )


EventWarning = tuple[str, str, str]


def unversioned(event: Event) -> Iterator[EventWarning]:
    ref = record_of(event)
    if TYPES[event.type].record and ref.version is None:
        problem = _("is missing: only the event's time shows which state is newer")
        yield f"data.{ref.record_kind}.version", problem, _("add a number that grows with each change")


def unknown(event: Event) -> Iterator[EventWarning]:
    for item in misread(event):
        if item.is_status:
            fix = _("write one of {statuses}", statuses=", ".join(STATUSES[item.section]))
            yield f"data.{item.field}", _("is no status that is known of such records: it forbids nothing"), fix
        elif item.value:
            fix = _("leave it out, or write --01-01 of somebody who was born on that day")
            yield f"data.{item.field}", _("is what programs write for no date: nobody is greeted by it"), fix


def untimely(event: Event) -> Iterator[EventWarning]:
    dated = DATED.get(record_of(event).record_kind)
    if dated is None or TYPES[event.type].is_deletion:
        return
    record = event.data.record(dated.record_kind)
    for correction in corrections(record, dated.field, dated.shape, known_zone(record.timezone)):
        if correction in SUGGESTIONS:
            field, fix = SUGGESTIONS[correction]
            yield f"data.{dated.record_kind}.{field or dated.moment}", _(CORRECTIONS[correction]), _(fix)


def without_effect(event: Event) -> Iterator[EventWarning]:
    triggers = BY_EVENT[event.type]
    wanted = [trigger for trigger in triggers if meets(trigger, event.data)]
    if triggers and not wanted:
        field = "comment.author" if any(trigger.commented_by for trigger in triggers) else "position.status_to"
        yield f"data.{field}", _("sets off no trigger by its default settings"), _("see perfectum-sms event types")
    kinds = sorted({kind for trigger in triggers for kind in trigger.recipient_kinds})
    for index, person in enumerate(event.data.recipients):
        if triggers and person.kind not in kinds:
            fix = _("give one of {kinds}", kinds=", ".join(kinds))
            yield f"data.recipients.{index}.kind", _("no trigger of this type speaks to such people"), fix
    if wanted and not any(any(recipients_for(trigger, event.data, salt=b"")) for trigger in wanted):
        problem = _("names nobody whom its triggers speak to ({kinds}): no SMS comes of it", kinds=", ".join(kinds))
        yield "data.recipients", problem, _("name the people who may get the text")


def unreachable(event: Event) -> Iterator[EventWarning]:
    triggers = BY_EVENT[event.type]
    is_marketing = any(trigger.message_class == "marketing" for trigger in triggers) or event.data.marketing
    for index, person in enumerate(event.data.recipients):
        alone = Data({"recipients": [person.json]})
        recipients = [recipient for trigger in triggers for recipient in recipients_for(trigger, alone, salt=b"")]
        if recipients and not isinstance(recipients[0].phone, str):
            problem = _(WHY_NO_PHONE[recipients[0].phone.reason])
            yield f"data.recipients.{index}.phonenumber", problem, _("write it as 067 123 45 67 or +380671234567")
        if is_marketing and person.consent is None:
            problem = _("is missing: marketing skips this person, unless contact.saved recorded their consent")
            yield f"data.recipients.{index}.consent", problem, _("give true where the person has agreed to it")
        elif is_marketing and not person.consent:
            fix = _("give true where the person has agreed to it")
            yield f"data.recipients.{index}.consent", _("is false: marketing skips this person"), fix


def crowded(event: Event) -> Iterator[EventWarning]:
    sections = ((name, as_facts(value)) for name, value in event.data.json.items())
    everybody = ((f"recipients.{index}", person.json) for index, person in enumerate(event.data.recipients))
    for name, facts in (*sections, *everybody):
        numbers = numbers_in(Person(facts).phonenumber).usable
        if len(numbers) > 1:
            problem = ngettext(
                "holds {count} phone: {phone} is taken",
                "holds {count} phones: {phone} is taken",
                len(numbers),
                phone=masked(numbers[0]),
            )
            yield f"data.{name}.phonenumber", problem, _("give the one that is to be written to")


def unrendered(event: Event) -> Iterator[EventWarning]:
    if "text" in TYPES[event.type].model.model_fields:
        yield from (("data.text", problem, fix) for problem, fix in text_problems(event.data))
    for name in event.data.shortcodes.json:
        if compile_template(f"{{{name}}}").codes != (name,):
            fix = _("use a-z, 0-9 and _, beginning with a letter")
            yield f"data.shortcodes.{name}", _("is no name that a text can call"), fix
