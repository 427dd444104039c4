"""Options of a daily budget, which an account has and each of its triggers may have."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from worker.cli.money import count_or_none, money_or_none


class OverBudget(StrEnum):
    """What becomes of texts beyond a budget."""

    STOP = "stop"
    ALERT = "alert"


DailyBudget = Annotated[
    str | None,
    typer.Option(parser=money_or_none, metavar="UAH|none", help="What may be spent in a day, in every lane."),
]
DailySegments = Annotated[
    str | None,
    typer.Option(
        parser=count_or_none,
        metavar="NUMBER|none",
        help="Segments of SMS and messages of Viber in a day, for where no price is known.",
    ),
]
BeyondBudget = Annotated[
    OverBudget | None,
    typer.Option(help="stop: what is beyond the budget waits for the next day. alert: it goes, and you are told."),
]
