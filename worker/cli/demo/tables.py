"""How the demo shows what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from worker.cli.demo.expectations import Shot, cause
from worker.core.contract.phone import masked
from worker.core.receipts.receipt import DeliveryStatus
from worker.core.receipts.receipt_labels import label_of
from worker.core.spending.cost_report import Taken
from worker.store.monitoring.event_outcomes import Dead, Outcome

NOT_SENT: Mapping[str, str] = MappingProxyType(
    {
        "bad_phone": "not sent, for this is no phone",
        "landline": "not sent, for a landline takes no SMS",
        "no_consent": "not sent, for advertising needs consent",
        "self_assigned": "not sent, for nobody gets an SMS about a task they gave themselves",
        "suppressed": "not sent, for the client is on our stop-list",
        "not_allowed_number_stoplist": "refused by TurboSMS: the phone is on its stop-list",
    }
)
CHANNELS: Mapping[str, str] = MappingProxyType({"sms": "SMS", "viber": "Viber"})
COLOURS: Mapping[str, str] = MappingProxyType(
    {"delivered": "green", "read": "green", "undelivered": "red", "refused": "red", "skipped": "yellow"}
)


def state(row: Outcome) -> str:
    receipt_label = label_of(DeliveryStatus(row.state or "", row.reason))
    text = NOT_SENT.get(row.reason or "") or (receipt_label.en if receipt_label else row.state or "no SMS")
    if row.state == "undelivered":
        text = f"not delivered: {text}"
    code = f" ({row.reason})" if row.reason and row.reason != row.state else ""
    return f"[{COLOURS.get(row.state or '', 'white')}]{text}[/]{code}"


def way(row: Outcome) -> str:
    return ", then ".join(CHANNELS[leg.channel] for leg in row.legs) or "-"


def price(row: Outcome) -> str:
    return " + ".join("?" if leg.price is None else f"{leg.price:.2f}" for leg in row.legs) or "-"


TITLE = "CRM events, the messages that came of them, and what TurboSMS reported of each"
#: Columns below which a table of nine is unreadable.
WIDE = 140
BY_THE_CLOCK = "the scheduler: "


def show_outcomes(console: Console, shots: Sequence[Shot], rows: Sequence[Outcome]) -> None:
    """One line for each notification, or a few where the terminal is narrow."""
    labels = {shot.event_id: label(shot) for shot in reversed(shots)}
    order = [shot.event_id for shot in shots]
    # What was only saved has a reminder, in a row of its own.
    saved = {shot.event_id for shot in shots if shot.by_the_clock}
    causes = [(cause(shots, row.event_id), row) for row in rows if row.event_id not in saved]
    labelled = [(labels.get(id_, id_), row) for id_, row in sorted(causes, key=lambda pair: order.index(pair[0]))]
    if console.width < WIDE:
        show_narrow(console, labelled)
    else:
        show_wide(console, labelled)


def label(shot: Shot) -> str:
    return f"{BY_THE_CLOCK}{shot.label}" if shot.by_the_clock else shot.label


def show_wide(console: Console, labelled: Sequence[tuple[str, Outcome]]) -> None:
    table = Table(title=TITLE, title_justify="left")
    for name in ("account", "event", "trigger", "to", "text", "by", "seg.", "UAH", "what became of it"):
        table.add_column(name, overflow="fold", no_wrap=name in {"account", "to", "seg."})
    for event, row in labelled:
        table.add_row(
            row.account,
            event,
            row.trigger,
            masked(row.phone) if row.phone else "-",
            row.text,
            way(row),
            str(row.segments or "-"),
            price(row),
            state(row),
        )
    console.print(table)


def show_narrow(console: Console, labelled: Sequence[tuple[str, Outcome]]) -> None:
    console.print(f"[bold]{TITLE}[/]")
    for event, row in labelled:
        console.print(f"\n[bold]{row.account}: {event}[/] ({row.trigger or 'no trigger'})")
        console.print(f"  {row.text or '-'}")
        segments = f", {row.segments} seg." if row.segments else ""
        paid = f", {way(row)}{segments}, {price(row)} UAH" if row.legs else ""
        console.print(f"  {masked(row.phone) if row.phone else 'no usable phone'}{paid}: {state(row)}")
    console.print()


def show_dead(console: Console, dead_letters: Sequence[Dead]) -> None:
    table = Table(title="Dead letters: what people must look at", title_justify="left")
    for name in ("reason", "event", "what is wrong, and the fix"):
        table.add_column(name, overflow="fold")
    for dead_letter in dead_letters:
        table.add_row(dead_letter.reason, dead_letter.event_id or "-", dead_letter.detail)
    console.print(table)


def show_verdict(console: Console, rows: Sequence[Outcome], wrong: Sequence[str], *, repeats: int, took: float) -> None:
    for line in wrong:
        console.print(f"[red]✗[/] {line}")
    if wrong:
        console.print(f"[red]{len(wrong)} outcomes are not as expected.[/]")
        return
    arrived = sum(row.state in {"delivered", "read"} for row in rows)
    lost = sum(row.state == "undelivered" for row in rows)
    console.print(
        f"[green]✓[/] {arrived} messages delivered, {lost} not, {repeats} repeated event sent nothing more, "
        f"every other outcome as expected, in {took:.1f} s."
    )


def show_money(console: Console, spent: Sequence[Taken]) -> None:
    messages, segments = sum(taken.messages for taken in spent), sum(taken.segments for taken in spent)
    total = sum((taken.known for taken in spent), start=Decimal())
    console.print(
        f"Money: {messages} messages, {segments} segments, {total:.2f} UAH, as perfectum-sms stats cost adds it up."
    )
