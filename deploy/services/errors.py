"""The one error of this package, and how it speaks to the person at the terminal."""

import sys


class ServicesError(Exception):
    """RabbitMQ or PostgreSQL cannot be had; the text says what to do about it."""


def echo(text: str) -> None:
    """One line on stderr: stdout belongs to the command that is run."""
    sys.stderr.write(f"services: {text}\n")
    sys.stderr.flush()
