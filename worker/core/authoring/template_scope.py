"""What a template is of: a trigger of the catalogue, or a name and a section that an admin gave it."""

from dataclasses import dataclass

from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.trigger import Trigger
from worker.language import _

#: Characters in a custom template's name: what an event that names one may hold.
NAME_MAX = 200


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    trigger: Trigger | None
    sections: frozenset[str]
    is_staff: bool


def of_trigger(trigger: Trigger) -> Subject:
    return Subject(trigger.id, trigger, frozenset(trigger.sections), trigger.message_class == "staff")


def of_custom(name: str, section: str) -> Subject:
    """A text that is sent by hand: nobody knows to whom, so it is held for a client's."""
    return Subject(name, None, frozenset([section]), is_staff=False)


def why_no_name(name: str) -> str | None:
    """Why a custom template cannot be called so: a trigger's id would be taken for the trigger's text."""
    if not name.strip():
        return _("is blank: give it a name")
    return _("is a trigger's name: choose another one") if name in BY_ID else None
