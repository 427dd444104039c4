"""What the commands of the stop-list share: whose it is, and what came of adding to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from worker.cli.terminal import echo, emit
from worker.steps.operate.suppress import Suppressed


def report(done: Suppressed, *, as_json: bool, more: Mapping[str, object] | None = None) -> None:
    """What became of the entries, and of texts to them."""
    if as_json:
        emit({**(more or {}), **asdict(done)})
        return
    echo(f"{done.new} new on the list, {done.known} were there already.")
    if done.widened:
        echo(f"{done.widened} were there for advertising alone, and get nothing at all any more (scope all).")
    echo(f"{done.cancelled} texts that waited are taken back: cancelled, suppressed.")
    if done.on_the_way:
        echo(f"{done.on_the_way} are with TurboSMS already, or may be: nobody can stop those.")
