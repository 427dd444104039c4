"""What is wrong with the settings that only some triggers have, and how they are kept."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from worker.core.authoring.nearest_name import nearest
from worker.core.contract.validation_errors import sentence_of
from worker.core.reminders.trigger_settings import SwitchSettings, names_for
from worker.core.triggers.trigger import Trigger
from worker.language import _

#: Where in the settings a fault is, and its sentence.
Fault = tuple[tuple[str, ...], str]


def faults(trigger: Trigger, settings: Mapping[str, object]) -> Iterator[Fault]:
    names = names_for(trigger)
    for name in [name for name in settings if name not in names]:
        near = nearest(name, names)
        known = _("it has {names}", names=", ".join(sorted(names)) or _("none at all"))
        hint = _("did you mean {near}?", near=near) if near else known
        yield (name,), _("{id} has no such setting; {known}", id=trigger.id, known=hint)
    try:
        SwitchSettings.model_validate({name: value for name, value in settings.items() if name in names})
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            yield tuple(map(str, fault["loc"])), sentence_of(fault)


def plain(settings: Mapping[str, object]) -> dict[str, object]:
    """Settings as they are kept: without defaults, codes as lists."""
    return SwitchSettings.model_validate(settings).model_dump(exclude_none=True)
