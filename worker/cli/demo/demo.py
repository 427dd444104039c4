"""The main job before your eyes: CRM events on real RabbitMQ and PostgreSQL become SMS in a simulated TurboSMS.

The CRMs hear what became of them.
"""

import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from worker.amqp.topology import EVENTS_EXCHANGE
from worker.cli.demo.environment import Stage, console_address, hurry, stage
from worker.cli.demo.pages import PagesError, pages_of
from worker.cli.demo.received_outcomes import ReceivedOutcome, missing_outcomes, show_received
from worker.cli.demo.scenario import Shot, cause, scene
from worker.cli.event.input_files import Outbound
from worker.cli.event.publish import publish_all
from worker.core.contract.phone_mask import masked
from worker.core.receipts.receipt import DeliveryStatus
from worker.core.receipts.receipt_labels import label_of
from worker.core.spending.cost_report import Taken
from worker.language import _, marked, ngettext, of_pair
from worker.settings.environment import Settings
from worker.store.db.postgres import clock, transaction
from worker.store.monitoring.event_outcomes import Dead, Outcome, dead, outcomes, repeats
from worker.store.receipts import poll_queue
from worker.store.spending import cost_report

NOT_SENT: Mapping[str, str] = MappingProxyType(
    {
        "bad_phone": marked("not sent, for this is no phone"),
        "landline": marked("not sent, for a landline takes no SMS"),
        "no_consent": marked("not sent, for advertising needs consent"),
        "self_assigned": marked("not sent, for nobody gets an SMS about a task they gave themselves"),
        "suppressed": marked("not sent, for the client is on our stop-list"),
        "not_allowed_number_stoplist": marked("refused by TurboSMS: the phone is on its stop-list"),
    }
)
CHANNELS: Mapping[str, str] = MappingProxyType({"sms": "SMS", "viber": "Viber"})
COLOURS: Mapping[str, str] = MappingProxyType(
    {"delivered": "green", "read": "green", "undelivered": "red", "refused": "red", "skipped": "yellow"}
)


def state(row: Outcome) -> str:
    receipt_label = label_of(DeliveryStatus(row.state or "", row.reason))
    known = NOT_SENT.get(row.reason or "", "")
    text = _(known) or (of_pair(receipt_label) if receipt_label else row.state or _("no SMS"))
    if row.state == "undelivered":
        text = _("not delivered: {text}", text=text)
    code = f" ({row.reason})" if row.reason and row.reason != row.state else ""
    return f"[{COLOURS.get(row.state or '', 'white')}]{text}[/]{code}"


def way(row: Outcome) -> str:
    return _(", then ").join(CHANNELS[channel.channel] for channel in row.channels) or "-"


def price(row: Outcome) -> str:
    return " + ".join("?" if channel.price is None else f"{channel.price:.2f}" for channel in row.channels) or "-"


TITLE = marked("CRM events, the messages that came of them, and what TurboSMS reported of each")
#: Columns below which a table of nine is unreadable.
WIDE = 140
HEADINGS = (
    marked("account"), marked("event"), marked("trigger"), marked("to"), marked("text"), marked("by"), marked("seg."),
    marked("UAH"), marked("what became of it"),
)  # fmt: skip
BY_THE_CLOCK = marked("the scheduler: ")


def show_outcomes(console: Console, shots: Sequence[Shot], rows: Sequence[Outcome]) -> None:
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
    return f"{_(BY_THE_CLOCK)}{shot.label}" if shot.by_the_clock else shot.label


def show_wide(console: Console, labelled: Sequence[tuple[str, Outcome]]) -> None:
    table = Table(title=_(TITLE), title_justify="left")
    for name in HEADINGS:
        table.add_column(_(name), overflow="fold", no_wrap=name in {"account", "to", "seg."})
    for event, row in labelled:
        phone, segments = masked(row.phone) if row.phone else "-", str(row.segments or "-")
        table.add_row(row.account, event, row.trigger, phone, row.text, way(row), segments, price(row), state(row))
    console.print(table)


def show_narrow(console: Console, labelled: Sequence[tuple[str, Outcome]]) -> None:
    console.print(f"[bold]{_(TITLE)}[/]")
    for event, row in labelled:
        console.print(f"\n[bold]{row.account}: {event}[/] ({row.trigger or _('no trigger')})")
        console.print(f"  {row.text or '-'}")
        segments = f", {row.segments} {_('seg.')}" if row.segments else ""
        paid = f", {way(row)}{segments}, {price(row)} {_('UAH')}" if row.channels else ""
        console.print(f"  {masked(row.phone) if row.phone else _('no usable phone')}{paid}: {state(row)}")
    console.print()


def show_dead(console: Console, dead_letters: Sequence[Dead]) -> None:
    table = Table(title=_("Dead letters: what people must look at"), title_justify="left")
    for name in (_("reason"), _("event"), _("what is wrong, and the fix")):
        table.add_column(name, overflow="fold")
    for dead_letter in dead_letters:
        table.add_row(dead_letter.reason, dead_letter.event_id or "-", dead_letter.detail)
    console.print(table)


def show_verdict(console: Console, rows: Sequence[Outcome], wrong: Sequence[str], *, repeats: int, took: float) -> None:
    for line in wrong:
        console.print(f"[red]✗[/] {line}")
    if wrong:
        verdict = ngettext("{count} outcome is not as expected.", "{count} outcomes are not as expected.", len(wrong))
        console.print(f"[red]{verdict}[/]")
        return
    arrived = sum(row.state in {"delivered", "read"} for row in rows)
    lost = sum(row.state == "undelivered" for row in rows)
    console.print(
        _(
            "[green]✓[/] messages delivered: {arrived}, not: {lost}; repeated events, which sent nothing more: "
            "{repeats}; every other outcome as expected, in {took} s.",
            arrived=arrived,
            lost=lost,
            repeats=repeats,
            took=f"{took:.1f}",
        )
    )


def show_money(console: Console, spent: Sequence[Taken]) -> None:
    messages, segments = sum(taken.messages for taken in spent), sum(taken.segments for taken in spent)
    total = sum((taken.known for taken in spent), start=Decimal())
    console.print(
        _(
            "Money: messages: {messages}, segments: {segments}, {total} UAH, as stats cost adds it up.",
            messages=messages,
            segments=segments,
            total=f"{total:.2f}",
        )
    )


PATIENCE_S = 60.0
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    outcomes: Sequence[Outcome]
    dead: Sequence[Dead]
    repeats: int
    received: Sequence[ReceivedOutcome]

    @property
    def faults(self) -> list[str]:
        """What has not come yet: prices of messages, and outcomes that CRMs hear."""
        return [*unpriced(self.outcomes), *missing_outcomes(self.outcomes, self.received)]


def demo(settings: Settings, console: Console) -> int:
    with stage(settings, console) as set_up:
        with transaction(set_up.pool) as connection:
            now = clock(connection)
        shots = scene(secrets.token_hex(3), now=now)
        console.print(
            ngettext(
                "Publishing {count} event to the exchange {exchange}, as CRMs do …",
                "Publishing {count} events to the exchange {exchange}, as CRMs do …",
                len(shots),
                exchange=EVENTS_EXCHANGE,
            )
        )
        publish_all(
            settings.amqp_url, [Outbound(shot.label, shot.body, shot.event_id, shot.routing_key) for shot in shots]
        )
        seen, took = watch(set_up, shots)
        spent = added_up(set_up)
        shown, wrong_pages = look_at_pages(set_up)
    show_outcomes(console, shots, seen.outcomes)
    show_dead(console, seen.dead)
    show_received(console, seen.received)
    for line in shown:
        console.print(_("[green]✓[/] The console in a browser: {line}.", line=line))
    wrong = [*differences(shots, seen), *seen.faults, *wrong_pages]
    show_verdict(console, seen.outcomes, wrong, repeats=seen.repeats, took=took)
    show_money(console, spent)
    return 1 if wrong else 0


def look_at_pages(set_up: Stage) -> tuple[list[str], list[str]]:
    """What the console's pages show, and what is wrong with them."""
    shown: list[str] = []
    try:
        shown.extend(pages_of(set_up.pool, console_address(set_up)))
    except PagesError as error:
        return shown, [_("the console: {error}", error=error)]
    return shown, []


def watch(set_up: Stage, shots: Sequence[Shot]) -> tuple[Seen, float]:
    started, is_priced = time.monotonic(), False
    while True:
        seen = look(set_up)
        took = time.monotonic() - started
        differs = bool(differences(shots, seen))
        if took > PATIENCE_S or not (differs or seen.faults):
            return seen, took
        set_up.insist_that_all_live()
        if differs:
            hurry(set_up.simulator)
        elif not is_priced:
            ask_for_prices(set_up)
            is_priced = True
        time.sleep(LOOK_S)


def ask_for_prices(set_up: Stage) -> None:
    """The scheduler asks TurboSMS of many messages at once, some minutes later; nobody here shall wait for that."""
    with transaction(set_up.pool) as connection:
        poll_queue.hasten(connection, now=clock(connection))


def added_up(set_up: Stage) -> Sequence[Taken]:
    day = timedelta(days=1)
    with transaction(set_up.pool) as connection:
        today = clock(connection).date()
        return list(cost_report.taken(connection, account=None, since=today - day, to=today + day))


def look(set_up: Stage) -> Seen:
    with transaction(set_up.pool) as connection:
        return Seen(outcomes(connection), dead(connection), repeats(connection), set_up.crm.listen())


def differences(shots: Sequence[Shot], seen: Seen) -> list[str]:
    counts: Counter[tuple[str, str, str, str | None]] = Counter(
        (cause(shots, row.event_id), row.trigger, row.state or "", row.reason) for row in seen.outcomes if row.trigger
    )
    wanted = Counter((shot.event_id, *end) for shot in shots for end in shot.ends)
    dead = Counter(dead_letter.reason for dead_letter in seen.dead)
    dead_wanted = Counter(shot.dead for shot in shots if shot.dead)
    repeats_wanted = len(shots) - len({shot.event_id for shot in shots}) - dead_wanted["id_reused"]
    return [
        *(
            []
            if seen.repeats == repeats_wanted
            else [
                _("repeats: {repeats} instead of {repeats_wanted}", repeats=seen.repeats, repeats_wanted=repeats_wanted)
            ]
        ),
        *(f"missing: {' · '.join(map(str, end))}" for end in wanted - counts),
        *(f"unexpected: {' · '.join(map(str, end))}" for end in counts - wanted),
        *(_("missing dead letter: {reason}", reason=reason) for reason in dead_wanted - dead),
        *(_("unexpected dead letter: {reason}", reason=reason) for reason in dead - dead_wanted),
    ]


def unpriced(rows: Sequence[Outcome]) -> list[str]:
    taken = (row for row in rows if row.message_id)
    return [
        _("no price: {event_id} · {trigger}", event_id=row.event_id, trigger=row.trigger)
        for row in taken
        if not row.channels or any(channel.price is None for channel in row.channels)
    ]
