"""Where a token or key of TurboSMS comes from: a prompt, a file or stdin; never from what is shown or remembered."""

import re
import sys
from pathlib import Path

import typer

from worker.cli.terminal import Exit, echo, has_terminal, stop
from worker.cli.text_file import STDIN
from worker.language import _

#: What an Authorization header may hold.
TOKEN = re.compile(r"[!-~]{1,500}")


def read_token(given: str | None, file: Path | None) -> str:
    if given and file:
        raise stop(_("Give --token or --token-file, not both."), Exit.USAGE)
    if given:
        echo(_("The token is now in your shell's history: prefer the prompt, or --token-file."))
        return insist_on_ascii(given, _("token"))
    return insist_on_ascii(secret_from(file, _("TurboSMS token"), "--token-file"), _("token"))


def read_callback_key(file: Path | None) -> str:
    what = _("Security key of TurboSMS's callbacks")
    return insist_on_ascii(secret_from(file, what, "--callback-secret-file"), _("security key"))


def insist_on_ascii(secret: str, what: str) -> str:
    if not TOKEN.fullmatch(secret.strip()):
        raise stop(_("The {what} must be one line of visible ASCII characters without spaces.", what=what), Exit.USAGE)
    return secret.strip()


def secret_from(file: Path | None, what: str, option: str) -> str:
    """The text of a file or of stdin; if none is named, what a person types unseen."""
    if file is None:
        if not has_terminal():
            raise stop(
                _("Give it with {option} (- is stdin): there is no terminal to ask at.", option=option), Exit.USAGE
            )
        return typer.prompt(what, hide_input=True, err=True)
    try:
        return sys.stdin.read() if file == STDIN else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise stop(
            _("{option}: {file} cannot be read ({name}).", option=option, file=file, name=type(error).__name__)
        ) from None
