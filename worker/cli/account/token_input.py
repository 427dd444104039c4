"""Where a token or key of TurboSMS comes from: a prompt, a file or stdin; never from what is shown or remembered."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import typer

from worker.cli.terminal import Exit, echo, stop

#: What can stand in an Authorization header.
TOKEN = re.compile(r"[!-~]{1,500}")
STDIN = Path("-")


def read_token(given: str | None, file: Path | None) -> str:
    if given and file:
        raise stop("Give --token or --token-file, not both.", Exit.USAGE)
    if given:
        echo("The token now stands in your shell's history: prefer the prompt, or --token-file.")
    token = (given or from_file(file) or from_prompt()).strip()
    if not TOKEN.fullmatch(token):
        raise stop("The token must be one line of visible ASCII characters without spaces.", Exit.USAGE)
    return token


def read_callback_key(file: Path | None) -> str:
    option = "--callback-secret-file"
    key = (from_file(file, option) or from_prompt("Security key of TurboSMS's callbacks", option)).strip()
    if not TOKEN.fullmatch(key):
        raise stop("The security key must be one line of visible ASCII characters without spaces.", Exit.USAGE)
    return key


def from_file(file: Path | None, option: str = "--token-file") -> str:
    if file is None:
        return ""
    if file == STDIN:
        return sys.stdin.read() or " "
    try:
        return file.read_text() or " "
    except (OSError, UnicodeDecodeError) as error:
        raise stop(f"{option}: {file} cannot be read ({type(error).__name__}).") from None


def from_prompt(what: str = "TurboSMS token", option: str = "--token-file") -> str:
    if not sys.stdin.isatty():
        raise stop(f"Give it with {option} (- is stdin): there is no terminal to ask at.", Exit.USAGE)
    return typer.prompt(what, hide_input=True, err=True)
