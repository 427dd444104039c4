"""Who types: a name given by --by or SMS_OPERATOR, else the user of the machine."""

import getpass
import os
from contextvars import ContextVar
from typing import Annotated

import typer

from worker.cli.terminal import as_parameter
from worker.settings.person_name import is_name

VARIABLE = "SMS_OPERATOR"
GIVEN: ContextVar[str | None] = ContextVar("--by", default=None)

By = Annotated[
    str | None,
    typer.Option(metavar="NAME", parser=as_parameter(is_name), help=f"Who you are, for the audit; else {VARIABLE}."),
]


def operator_name() -> str:
    """The name under which what this command does is noted; the environment was checked with the database's address."""
    return GIVEN.get() or os.environ.get(VARIABLE, "").strip() or user_name()


def user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
