"""Options of the command line made of the table of settings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, TypeVar

import typer

from worker.cli.terminal import as_parameter
from worker.core.accounts.setting import Setting

Command = TypeVar("Command", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Given:
    """A value that was given, which may be None."""

    value: Any


def option_of(setting: Setting, *, is_new: bool = False) -> Parameter:
    """The option of a setting; of a new account it has the default, or must be given."""
    parse = as_parameter(lambda text: Given(setting.parse(text)))
    option = typer.Option(setting.option, parser=parse, metavar=setting.metavar, help=setting.help)
    default = None if not is_new else Parameter.empty if setting.is_required else setting.format(setting.default)
    annotation = Given if setting.is_required and is_new else Given | None
    annotated = Annotated[annotation, option]
    return Parameter(setting.attribute, Parameter.KEYWORD_ONLY, default=default, annotation=annotated)


def with_options(settings: Iterable[Setting], *, is_new: bool = False) -> Callable[[Command], Command]:
    """Let a command take settings as its keyword arguments, before its own."""
    options = [*map(partial(option_of, is_new=is_new), settings)]

    def decorate(command: Command) -> Command:
        own = signature(command, eval_str=True).parameters.values()
        arguments = [parameter for parameter in own if parameter.kind == Parameter.POSITIONAL_OR_KEYWORD]
        rest = [parameter for parameter in own if parameter.kind == Parameter.KEYWORD_ONLY]
        command.__signature__ = Signature([*arguments, *options, *rest])  # pyright: ignore[reportFunctionMemberAccess]
        return command

    return decorate


def changes_of(given: Mapping[str, Given | None]) -> dict[str, Any]:
    return {attribute: item.value for attribute, item in given.items() if item is not None}
