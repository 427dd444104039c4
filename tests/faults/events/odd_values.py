"""Values that a CRM may well publish and nobody expects: moments, phones, names that look like code, characters."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import SENT, Events, Fate, Publication, dead, now, published
from tests.faults.harness.row import Result
from tests.faults.verdict.evidence import messages
from tests.faults.workers.process_ends import faulted
from tests.support.crm import Json
from worker.core.contract.event import UNSTORABLE
from worker.core.contract.phone import normalise

LATE, NOBODY = Fate(frozenset({"expired"})), Fate(frozenset({"skipped"}))
REFUSED = Fate(frozenset({"refused"}))
WRONG = dead("schema")
#: The text of an overdue invoice, whose first word is the value.
BEHIND = ", рахунок "
RANDOM_FIELDS = 5000
FIELD = "0123456789+-() /,;.абвABCtel:\u00a0\u200b\u202a０６７٠٦٧²Ⅷ\u0000\ud83d\ude00"

MOMENTS: tuple[tuple[str | int | None, Fate], ...] = (
    ("9999-12-31T23:59:59Z", WRONG),
    ("0001-01-01T00:00:00Z", WRONG),
    ("1000-01-01T00:00:00+14:00", LATE),
    ("1970-01-01T00:00:00Z", LATE),
    ("2999-01-01T00:00:00Z", WRONG),
    ("2026-02-29T10:00:00Z", WRONG),
    ("2026-06-30T23:59:60Z", WRONG),
    ("2026-11-23T24:00:00Z", WRONG),
    ("2026-11-23T10:15:00", WRONG),
    ("2026-11-23", WRONG),
    ("23.11.2026 10:15", WRONG),
    ("0000-00-00T00:00:00Z", WRONG),
    ("٢٠٢٦-١١-٢٣T10:15:00Z", WRONG),
    ("2026-11-23T10:15:00 Europe/Kyiv", WRONG),
    ("", WRONG),
    (1_795_459_379, WRONG),
    (None, WRONG),
)
AGES: tuple[tuple[timedelta, Fate], ...] = (
    (timedelta(hours=47), SENT),
    (timedelta(hours=49), WRONG),
    (timedelta(hours=-23), SENT),
    (timedelta(hours=-25), LATE),
)
STARTS: tuple[tuple[str, Fate], ...] = (
    ("1999-12-31T23:59:59Z", LATE),
    ("2999-12-31T23:59:59.999999999-11:30", SENT),
    ("2999-12-31T23:59:59", WRONG),
    ("9999-12-31T23:59:59Z", WRONG),
)
#: A field as typed, and the phone that is meant.
PHONES: tuple[tuple[object, str], ...] = (
    ("8 (067) {0}", "38067{0}"),
    ("８０６７{0}", "38067{0}"),
    ("+380 67 {0}", "38067{0}"),
    ("00380-67-{0}", "38067{0}"),
    ("tel:+38067{0}", "38067{0}"),
    ("067{0}, 0501112233", "38067{0}"),
    ("067\u200b{0}\u202c", "38067{0}"),
    ("067{0} (мама)", "38067{0}"),
    ("067{0} (1)", "38067{0}"),
    ("067{0}/2", "38067{0}"),
    ("+38 38 067{0}", "38067{0}"),
    ("67{0}", "38067{0}"),
)
PHONELESS: tuple[object, ...] = (
    *(None, "", " ", "-", "немає", "12345", "101", "*100#", "0" * 300, "044 123 45 67", "'; DROP TABLE events; --"),
    *("380671234567380671234568", "06712345678", "3806712345b7", "0800 500 500", "067123456O"),
)
#: A first name, and what is to be read of it; the same if nothing else is given.
NAMES: tuple[tuple[str, str], ...] = (
    *((item, item) for item in ("{invoice_number}", "{{7*7}}", "${jndi:ldap://x/a}", "%s%n%x", "[{client_company}]")),
    *(
        (item, item)
        for item in ("'; DROP TABLE notifications; --", "../../etc/passwd", "=cmd|' /C calc'!A0", "\\u0041")
    ),
    *((item, item) for item in ("{contact_firstname}", "{contact_firstname|x}", "`id`", "$(id)", "#{7*7}", "O'Neil")),
    ("<script>alert(1)</script>Ї", "alert(1) Ї"),
    ("&amp;amp;#039;", "'"),
)
#: Too long for any text; what is read of it.
LONG_NAME, CUT_NAME = "x" * 19_000, f"{'x' * 197}...{BEHIND}"
CONTROLS = (
    *("\x00", "\ud800", "\udfff", "\x07", "\x1b[31m", "\r\n", "\t", "\u2028", "\u2029", "\x85", "\x7f", "\u202e"),
    *("\u2066", "\u200b", "\ufeff", "\ufffe", "\U000e0041", "\x9b"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An event, and how its text must begin."""

    publication: Publication
    text: str


def odd_times(stage: Stage, _runs: int) -> Result:
    """F9: no moment breaks anything; too far ahead is a dead letter, too late sends nothing."""
    events = stage.events
    times = [*MOMENTS, *((age(span), fate) for span, fate in AGES)]
    odd = [
        changed(events, "order.created", fate, lambda body, result=item: body.update(time=result))
        for item, fate in times
    ]
    odd += [
        changed(events, "booking.confirmed", fate, lambda body, text=name: body["data"]["booking"].update(start=text))
        for name, fate in STARTS
    ]
    return settled(stage, odd)


def odd_phones(stage: Stage, _runs: int) -> Result:
    """F10: who can be reached is reached at the number that was meant; who cannot is skipped; nothing raises."""
    odd = [*reachable(stage.events), *unreachable(stage.events)]
    result = settled(stage, odd)
    fields = ("".join(stage.random.choices(FIELD, k=stage.random.randrange(1, 30))) for _ in range(RANDOM_FIELDS))
    wrong = sum(isinstance(phone := normalise(field), str) and not phone[1:].isdecimal() for field in fields)
    figures = {"random fields": RANDOM_FIELDS, "crashes": 0}
    return faulted(replace(result, figures=figures), [f"{wrong} random fields gave no number"] if wrong else [])


def hostile_names(stage: Stage, _runs: int) -> Result:
    """F11: a value is put in once and never read as a template, a format, or code."""
    long = Shown(named(stage.events, LONG_NAME), CUT_NAME)
    return shown(stage, [*(Shown(named(stage.events, name), f"{text}{BEHIND}") for name, text in NAMES), long])


def control_characters(stage: Stage, _runs: int) -> Result:
    """F12: what no phone can show and no database keeps is taken out, in names, ids and routing keys."""
    odd = [Shown(named(stage.events, f"Ол{control}ена", key=control), "Ол") for control in CONTROLS]
    result = shown(stage, odd)
    unclean = sum(not message.text.isprintable() for message in messages(stage.provider))
    return faulted(result, [f"{unclean} texts hold what cannot be printed"] if unclean else [])


def settled(stage: Stage, odd: list[Publication]) -> Result:
    """Publish these, and let the checker judge whether each came to what it should."""
    with stage.fleet(workers=1) as fleet:
        stage.publish(odd)
        return stage.result(fleet, runs=len(odd), since=moment())


def shown(stage: Stage, odd: list[Shown]) -> Result:
    """The same, and each text must begin as it should."""
    result = settled(stage, [item.publication for item in odd])
    texts = {message.recipient: message.text for message in messages(stage.provider)}
    wrong = [item for item in odd if not texts.get(item.publication.phones[0], "").startswith(item.text)]
    return faulted(result, [f"{item.publication.mark}: another text than the value asks for" for item in wrong])


def age(ahead: timedelta) -> str:
    """A moment so far ahead of now."""
    return (now() + ahead).isoformat()


def changed(events: Events, event_type: str, fate: Fate, change: Callable[[Json], object]) -> Publication:
    """An event of acme's with something odd."""
    mark, phones = events.mark(), events.phones(1)
    body = events.body(event_type, "acme", mark=mark, phones=phones)
    change(body)
    return published(body, mark=mark, phones=() if fate.dead else phones, fate=fate)


def reachable(events: Events) -> Iterator[Publication]:
    """Spellings of a number, a JSON number, and a foreign number."""
    for field, meant in PHONES:
        seven = f"{events.random.randrange(10**7):07d}"
        yield with_field(events, str(field).format(seven), meant.format(seven), SENT)
    for number in (380671234567, 671234567, 380671234567.0):
        yield with_field(events, number, "380671234567", SENT)
    yield with_field(events, "+48 501 234 567", "48501234567", REFUSED)


def unreachable(events: Events) -> Iterator[Publication]:
    """Fields without a number that an SMS could reach."""
    return (with_field(events, field, "", NOBODY) for field in PHONELESS)


def with_field(events: Events, field: object, phone: str, fate: Fate) -> Publication:
    """An order whose phone field holds this."""
    publication = changed(
        events, "order.created", fate, lambda body: body["data"]["recipients"][0].update(phonenumber=field)
    )
    return replace(publication, phones=(phone,))


def named(events: Events, name: str, *, key: str = "") -> Publication:
    """An overdue invoice of somebody so named; `key` is in its id and in its routing key too."""
    publication = changed(events, "invoice.overdue", SENT, lambda _: None)
    body = orjson.loads(publication.body)
    body["data"]["recipients"][0]["firstname"] = name
    # JSON spells what UTF-8 has no bytes for.
    spelt = json.dumps({**body, "id": f"{key}{publication.id}"}).encode()
    text = UNSTORABLE.sub("", key)
    return replace(
        publication, id=f"{text}{publication.id}", body=spelt, routing_key=f"{publication.routing_key}{text}"
    )
