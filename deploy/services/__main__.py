"""`python -m deploy.services`: the same services for any command, which runs as a shell's foreground job."""

import os
import shlex
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from deploy.services.environment import Services
from deploy.services.errors import ServicesError, echo
from deploy.services.local import Pair, local_services
from deploy.services.processes import ENDING, MARK, handled
from worker.settings.environment import AMQP, DATABASE


def run_in_foreground(command: list[str], environment: Mapping[str, str]) -> int:
    """Run the command in a process group of its own and return its exit code, 128+n when signal n ended it.

    The group gets the terminal if we have it, so Ctrl-C goes to the command alone; what is sent to us is passed
    on to it. Either way it has its time to finish before its services go. Ctrl-Z stops both.
    """
    terminal = _our_terminal()
    default = [number for number in signal.valid_signals() if number not in _ignored()]
    pid = os.posix_spawnp(command[0], command, dict(environment), setpgroup=0, setsigdef=default)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, number)

    with handled([number for number in ENDING if number not in _ignored()], pass_on):
        _give(terminal, pid)
        try:
            return _exit_code(pid, terminal)
        finally:
            _give(terminal, os.getpgrp())


def _exit_code(pid: int, terminal: int | None) -> int:
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if terminal is not None:
            _give(terminal, os.getpgrp())
            os.kill(0, signal.SIGTSTP)  # our own group, as the terminal would have done; `fg` goes on from here
            _give(terminal, pid)


def _our_terminal() -> int | None:
    """The terminal's descriptor, if there is one and we are its foreground job."""
    with suppress(OSError, ValueError):
        descriptor = sys.stdin.fileno()
        return descriptor if os.tcgetpgrp(descriptor) == os.getpgrp() else None
    return None


def _give(terminal: int | None, group: int) -> None:
    """Make a process group the foreground job of our terminal, and let it go on if it reached for it too early."""
    if terminal is not None:
        # SIGTTOU is the kernel's answer to a background job that does this.
        with handled([signal.SIGTTOU], signal.SIG_IGN), suppress(OSError):
            os.tcsetpgrp(terminal, group)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)


def _ignored() -> set[signal.Signals]:
    return {number for number in ENDING if signal.getsignal(number) is signal.SIG_IGN}


app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
NOT_FOUND = 127


@app.callback()
def explain() -> None:
    """RabbitMQ and PostgreSQL for one command, wherever they come from.

    SMS_AMQP_URL and SMS_DATABASE_URL, when both are set; else Docker containers, when a daemon answers; else private
    instances of the installed programs on free ports, which are installed first on Debian and Ubuntu (as root, or
    with a sudo that asks no password). What was started ends with the command.
    """


@app.command(context_settings={"allow_interspersed_args": False})
def run(
    command: Annotated[list[str] | None, typer.Argument(help="The command and its arguments.")] = None,
    *,
    durable: Annotated[
        bool, typer.Option("--durable", help="PostgreSQL waits for the disk, as in production.")
    ] = False,
    for_tests: Annotated[
        bool, typer.Option("--for-tests", help="The role of SMS_DATABASE_URL must be allowed what our tests do.")
    ] = False,
    tree: Annotated[
        Path | None, typer.Option("--tree", help="Start the servers of another system, whose files are in this folder.")
    ] = None,
) -> None:
    """Run COMMAND with SMS_AMQP_URL and SMS_DATABASE_URL set, and exit with its exit code.

    Without a command, print both variables for your shell and keep the services until Ctrl-C.
    Processes which the command leaves in the background end with the services.

    Example: python -m deploy.services run -- pytest tests/store
    """
    if command and not shutil.which(command[0]):
        echo(f"{command[0]}: command not found")
        raise typer.Exit(NOT_FOUND)
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    try:
        with local_services(durable=durable, for_tests=for_tests, tree=tree) as services:
            code = _run(command, services) if command else _keep(services)
    except ServicesError as error:
        echo(str(error))
        raise typer.Exit(1) from None
    raise typer.Exit(code)


def _run(command: list[str], services: Services) -> int:
    given = {AMQP: services.amqp_url, DATABASE: services.database_url}
    mark = {MARK: str(services.folder)} if isinstance(services, Pair) else {}
    return run_in_foreground(command, {**os.environ, **given, **mark})


def _keep(services: Services) -> int:
    sys.stdout.write(f"export {AMQP}={shlex.quote(services.amqp_url)}\n")
    sys.stdout.write(f"export {DATABASE}={shlex.quote(services.database_url)}\n")
    sys.stdout.flush()
    echo("ready until Ctrl-C")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return 0


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    app(prog_name="python -m deploy.services")
