"""How the demo shows what happened."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from worker.cli.demo_shots import Shot, end_of
from worker.core.phone import masked
from worker.store.outcomes import Dead, Outcome

TITLE = "CRM events and the SMS that came of them"
#: Columns below which a table of eight is unreadable.
WIDE = 140
STATE_COLOURS = {"accepted": "green", "skipped": "yellow", "refused": "red"}


def show_outcomes(console: Console, shots: Sequence[Shot], rows: Sequence[Outcome]) -> None:
    """One line for each notification, or a few where the terminal is narrow."""
    labels = {shot.event_id: shot.label for shot in reversed(shots)}
    order = [shot.event_id for shot in shots]
    ordered = sorted(rows, key=lambda row: order.index(row.event_id))
    found = [(labels.get(row.event_id, row.event_id), row) for row in ordered]
    if console.width < WIDE:
        show_narrow(console, found)
    else:
        show_wide(console, found)


def show_wide(console: Console, found: Sequence[tuple[str, Outcome]]) -> None:
    """A table."""
    table = Table(title=TITLE, title_justify="left")
    for name in ("account", "event", "trigger", "to", "text", "seg.", "state", "provider id"):
        table.add_column(name, overflow="fold", no_wrap=name in {"account", "to", "seg."})
    for label, row in found:
        table.add_row(
            row.account,
            label,
            row.trigger,
            masked(row.phone) if row.phone else "-",
            row.text,
            str(row.segments or "-"),
            state(row),
            (row.message_id or "-")[:8],
        )
    console.print(table)


def show_narrow(console: Console, found: Sequence[tuple[str, Outcome]]) -> None:
    """A paragraph for each."""
    console.print(f"[bold]{TITLE}[/]")
    for label, row in found:
        console.print(f"\n[bold]{row.account}: {label}[/] ({row.trigger or 'no trigger'})")
        console.print(f"  {row.text or '-'}")
        parts = (f"segments: {row.segments or 0}", f"provider id {(row.message_id or '-')[:8]}")
        console.print(f"  {masked(row.phone) if row.phone else 'no usable phone'}, {', '.join(parts)}: {state(row)}")
    console.print()


def state(row: Outcome) -> str:
    """The state in its colour, with the reason where there is one."""
    words = f"{row.state}: {row.reason}" if row.reason else (row.state or "no SMS")
    return f"[{STATE_COLOURS.get(row.state or '', 'white')}]{words}[/]"


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
    accepted = sum(end_of(row.state or "") == "accepted" for row in rows)
    console.print(
        f"[green]✓[/] {accepted} SMS accepted by the provider, {repeats} repeated event sent nothing more, "
        f"every other outcome as expected, in {took:.1f} s."
    )
