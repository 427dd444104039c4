"""The people of a form: a phone that was typed, a table that was chosen, or those of the step before."""

from collections.abc import Collection, Sequence

import orjson
from pydantic import TypeAdapter, ValidationError

from worker.core.contract.phone import only_phone
from worker.core.hands.people import Addressee, People
from worker.core.hands.people_file import NoTableError, people_of_file
from worker.language import _
from worker.web.pages.forms import Form

#: For more there is the command line, which shows how far it is and can be stopped.
PEOPLE_MAX = 2_000
KEPT = TypeAdapter(list[Addressee])


def people_of(form: Form, shortcodes: Collection[str]) -> People | dict[str, str]:
    """Who is written to, or what is wrong with whom was named, by field."""
    if form.has("people"):
        return those_before(form.text("people"))
    table, phone = form.files.get("table"), form.text("phone").strip()
    if (table is not None) == bool(phone):
        return {"phone": _("Give a phone, or choose a table; not both.")}
    return of_table(table.content, shortcodes) if table else typed(form, phone)


def typed(form: Form, phone: str) -> People | dict[str, str]:
    try:
        number = only_phone(phone)
    except ValueError as error:
        return {"phone": str(error)}
    name = form.text("firstname").strip()[:100]
    return People([Addressee(1, number, {"firstname": name} if name else {})], [])


def of_table(content: bytes, shortcodes: Collection[str]) -> People | dict[str, str]:
    try:
        people = people_of_file(content, shortcodes)
    except NoTableError as error:
        return {"table": _("This is no table of people: {why}.", why=error)}
    if len(people.addressees) > PEOPLE_MAX:
        hint = _("split it, or send it in a terminal: perfectum-sms send --help")
        return {"table": _("It has more than {most} people: {hint}.", most=PEOPLE_MAX, hint=hint)}
    if not people.addressees:
        first = people.faults[0] if people.faults else None
        why = f"{first.cell} ({first.column}): {first.problem}" if first else _("it is empty")
        return {"table": _("Nobody in it can be written to: {why}.", why=why)}
    return people


def as_field(people: Sequence[Addressee]) -> str:
    """What the next step's form carries."""
    return orjson.dumps(people).decode()


def those_before(field: str) -> People | dict[str, str]:
    """Read what the last step's form carried; whoever changed it sees what a wrong table would show."""
    try:
        people = KEPT.validate_json(field)
        is_whole = all(only_phone(person.phone) == person.phone for person in people)
    except (ValidationError, ValueError):
        people, is_whole = [], False
    if not is_whole or not 0 < len(people) <= PEOPLE_MAX:
        return {"phone": _("The form cannot be read: begin anew.")}
    return People(people, [])
