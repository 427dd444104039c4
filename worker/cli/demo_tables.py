"""How the demo shows what happened."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from worker.cli.demo_scene import Shot
from worker.core.phone import masked
from worker.store.outcomes import Dead, Outcome

STATE_COLOURS = {"accepted": "green", "skipped": "yellow", "refused": "red"}


def show_outcomes(console: Console, shots: Sequence[Shot], rows: Sequence[Outcome]) -> None:
    """One line for each notification."""
    labels = {shot.event_id: shot.label for shot in reversed(shots)}
    order = [shot.event_id for shot in shots]
    table = Table(title="CRM events and the SMS that came of them", title_justify="left", show_lines=False)
    for name in ("account", "event", "trigger", "to", "text", "seg.", "state", "provider id"):
        table.add_column(name, overflow="fold", no_wrap=name in {"account", "to", "seg."})
    for row in sorted(rows, key=lambda row: order.index(row.event_id)):
        colour = STATE_COLOURS.get(row.state or "", "white")
        state = f"{row.state}: {row.reason}" if row.reason else (row.state or "no SMS")
        table.add_row(
            row.account,
            labels.get(row.event_id, row.event_id),
            row.trigger,
            masked(row.phone) if row.phone else "-",
            row.text,
            str(row.segments or "-"),
            f"[{colour}]{state}[/]",
            (row.message_id or "-")[:8],
        )
    console.print(table)


def show_dead(console: Console, letters: Sequence[Dead]) -> None:
    """One line for each dead letter."""
    table = Table(title="Dead letters: what people must look at", title_justify="left")
    for name in ("reason", "event", "what is wrong, and the fix"):
        table.add_column(name, overflow="fold")
    for letter in letters:
        table.add_row(letter.reason, letter.event_id or "-", letter.detail)
    console.print(table)


def show_verdict(console: Console, rows: Sequence[Outcome], wrong: Sequence[str], *, repeats: int, took: float) -> None:
    """What it comes to."""
    for line in wrong:
        console.print(f"[red]✗[/] {line}")
    if wrong:
        console.print(f"[red]{len(wrong)} outcomes are not as expected.[/]")
        return
    accepted = sum(row.state == "accepted" for row in rows)
    console.print(
        f"[green]✓[/] {accepted} SMS accepted by the provider, {repeats} repeated event sent nothing more, "
        f"every other outcome as expected, in {took:.1f} s."
    )
