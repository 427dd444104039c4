"""Who types: a name given by --by or SMS_OPERATOR, else the user of the machine."""

import getpass
import os
from contextvars import ContextVar
from typing import Annotated

import typer

from worker.settings.person_name import is_name

VARIABLE = "SMS_OPERATOR"
GIVEN: ContextVar[str | None] = ContextVar("--by", default=None)


def name_given(text: str) -> str:
    try:
        return is_name(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


By = Annotated[
    str | None,
    typer.Option(metavar="NAME", parser=name_given, help=f"Who you are, for the audit; else {VARIABLE}."),
]


def operator_name() -> str:
    """The name under which what this command does is noted; the environment was checked with the database's address."""
    return GIVEN.get() or os.environ.get(VARIABLE, "").strip() or user_name()


def user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
