"""Filters of notifications as options of a command, which gets them as one value."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

import typer

from worker.cli.hands.filter_options import (
    Account,
    Channel,
    Client,
    EventId,
    Filters,
    Person,
    Phone,
    Reason,
    Record,
    Search,
    Triggers,
)
from worker.cli.period import Since, Until
from worker.cli.terminal import one_of
from worker.core.history.filters import STATES

States = Annotated[
    list[str] | None,
    typer.Option("--state", autocompletion=one_of(STATES), help="Only in this state; more than once for more."),
]

#: By the names of `Filters`.
OPTIONS: Mapping[str, Any] = {
    "account": Account,
    "search": Search,
    "client": Client,
    "person": Person,
    "phone": Phone,
    "record": Record,
    "event": EventId,
    "triggers": Triggers,
    "states": States,
    "reason": Reason,
    "channel": Channel,
    "since": Since,
    "until": Until,
}

Command = Callable[..., None]


def with_filters(states: Any = States) -> Callable[[Command], Command]:  # noqa: ANN401 (any annotation)
    """Let a command take filters as options, before its own; it gets them as `filters`.

    `states` is its option of states, None for a command that has no choice of them, nor of their reasons.
    """
    of_states = {"states": states} if states is not None else {"states": None, "reason": None}
    kinds = {name: kind for name, kind in {**OPTIONS, **of_states}.items() if kind is not None}

    def decorate(command: Command) -> Command:
        own = [item for item in signature(command, eval_str=True).parameters.values() if item.name != "filters"]
        before = [item for item in own if item.kind == Parameter.POSITIONAL_OR_KEYWORD]
        options = [Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kinds[name]) for name in kinds]
        rest = [item for item in own if item.kind == Parameter.KEYWORD_ONLY]

        @wraps(command)
        def filtered(*arguments: object, **given: Any) -> None:  # noqa: ANN401 (whatever was typed)
            command(*arguments, filters=Filters(**{name: given.pop(name) for name in kinds}), **given)

        filtered.__signature__ = Signature([*before, *options, *rest])  # pyright: ignore[reportAttributeAccessIssue]
        del filtered.__wrapped__  # pyright: ignore[reportAttributeAccessIssue]
        return filtered

    return decorate
