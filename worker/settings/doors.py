"""The doors of the console: what of it is open, and what a process needs for that."""

from collections.abc import Collection
from typing import Literal, get_args

from worker.language import _
from worker.settings.environment import CALLBACK_KEY, DATABASE, SECRET_KEY

#: `callbacks` are TurboSMS's delivery reports, `api` is what programs call, `pages` what people see in the CRM.
Door = Literal["callbacks", "api", "pages"]
DOORS: tuple[Door, ...] = get_args(Door)


def doors(text: str) -> tuple[Door, ...]:
    """Read `callbacks,api`.

    Raises:
        ValueError: it names none, or something else.
    """
    named = [name.strip() for name in text.split(",") if name.strip()]
    known: dict[str, Door] = {door: door for door in DOORS}
    unknown = [name for name in named if name not in known]
    if unknown or not named:
        wrong = ", ".join(unknown) or _("nothing")
        raise ValueError(_("{wrong} is none of {doors}", wrong=wrong, doors=", ".join(DOORS)))
    return tuple(door for door in DOORS if door in named)


def needs(open_doors: Collection[Door], *, has_callback_key: bool) -> tuple[str, ...]:
    """Which settings these doors need: a callback's key opens callbacks, and nothing else."""
    if set(open_doors) == {"callbacks"} and has_callback_key:
        return (DATABASE, CALLBACK_KEY)
    return (DATABASE, SECRET_KEY)
