"""Whole phones for whoever may see them, asked for by --phones."""

from typing import Annotated

import typer

from worker.cli.terminal import phone_cell

Phones = Annotated[bool, typer.Option("--phones", help="Show phones whole; the audit notes who looked.")]


def phone_of(phone: str | None, *, whole: bool) -> str | None:
    return phone if whole else phone_cell(phone)
