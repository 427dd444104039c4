"""What only some triggers ask for, between `NAME=VALUE` and the typed values that the rules read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from worker.cli.terminal import Exit, stop, suggestion
from worker.core.reminders.trigger_settings import SwitchSettings, names_for
from worker.core.triggers.trigger import Trigger


def read_settings(trigger: Trigger, before: Mapping[str, object], given: Sequence[str]) -> Mapping[str, object]:
    """The settings with those that were given; the end of the command where one is none or cannot be so."""
    if not given:
        return before
    fields = dict(before)
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise stop(f"--setting {text}: write it as NAME=VALUE.", Exit.USAGE)
        fields.pop(name, None)
        if value or name not in names_for(trigger):
            fields[name] = value
    for (name, *_), sentence in faults(trigger, fields):
        raise stop(f"--setting {name}: {sentence}.", Exit.USAGE)
    return plain(fields)


def faults(trigger: Trigger, settings: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], str]]:
    names = names_for(trigger)
    for name in [name for name in settings if name not in names]:
        known = suggestion(name, names, f"it has {', '.join(sorted(names)) or 'none at all'}")
        yield (name,), f"{trigger.id} has no such setting; {known}"
    try:
        SwitchSettings.model_validate({name: value for name, value in settings.items() if name in names})
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            yield tuple(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, ")


def plain(settings: Mapping[str, object]) -> dict[str, object]:
    """Settings as they are kept: without defaults, codes as lists."""
    return SwitchSettings.model_validate(settings).model_dump(exclude_none=True)


def format_settings(settings: Mapping[str, object]) -> str:
    """`sent_proposal=4,sent`."""
    return ", ".join(f"{name}={format_value(value)}" for name, value in settings.items()) or "none"


def format_value(value: object) -> str:
    return ",".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)
