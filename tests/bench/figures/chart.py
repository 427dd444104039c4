"""Ours against the peers as a chart and a table, beside the report: bench.svg and bench.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any

PUBLISHED = Path(".github/bench.svg")
OURS = "Perfectum SMS worker, send"
OURS_MULTI = "Perfectum SMS worker, sendmulti"
MULTI_NOTE = "off by default: posts up to {multi_max} texts a request"
WIDTH, LEFT, BAR, STEP, TOP = 920, 300, 16, 40, 74
PANEL, GAP = 260, 46
#: Characters of a small line.
LINE = 140
OWN, PEER, INK, FAINT, PAPER = "#1f6feb", "#8c959f", "#1f2328", "#656d76", "#ffffff"
FONT = "font-family='system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"


@dataclass(frozen=True, slots=True)
class Row:
    """One contender's figures."""

    label: str
    note: str
    is_ours: bool
    events_per_s: float
    cpu_ms: float
    cpu_ms_with_servers: float
    texts_per_post: float


def rows_of(report: Mapping[str, Any]) -> list[Row]:
    """`send` first, then the peers from the fastest on, and `sendmulti` last, for it POSTs otherwise."""
    note = MULTI_NOTE.format(multi_max=report["layout"]["multi_max"])
    peers = sorted(report["peers"].values(), key=lambda figures: -figures["events_per_s"])
    return [
        row(OURS, "one text a request, as every peer", report["send"], is_ours=True),
        *(row(figures["label"], "", figures) for figures in peers),
        row(OURS_MULTI, note, report["sendmulti"], is_ours=True),
    ]


def row(label: str, note: str, figures: Mapping[str, Any], *, is_ours: bool = False) -> Row:
    return Row(
        label,
        note,
        is_ours,
        figures["events_per_s"],
        figures["cpu_ms_per_event"],
        figures["cpu_ms_per_event_with_servers"],
        figures["texts_per_post"],
    )


def table(report: Mapping[str, Any]) -> str:
    """Markdown for the README."""
    lines = [
        "| | events/s | against the fastest peer | CPU, ms an event | with the servers |",
        "|---|--:|--:|--:|--:|",
    ]
    best = max(figures["events_per_s"] for figures in report["peers"].values())
    for item in rows_of(report):
        label = f"**{item.label}**" if item.is_ours else item.label
        whole = f"{label} ({item.note})" if item.note else label
        ratio = f"{item.events_per_s / best:.1f} ×"
        figures = f"{item.events_per_s:,.0f} | {ratio} | {item.cpu_ms:.2f} | {item.cpu_ms_with_servers:.2f}"
        lines.append(f"| {whole} | {figures} |")
    return "\n".join([*lines, "", f"{source(report)}.", ""])


def source(report: Mapping[str, Any]) -> str:
    """Command, date, machine, and what others took of it."""
    machine, layout = report["machine"], report["layout"]
    everybody = [report["send"], report["sendmulti"], *report["peers"].values()]
    shares = [share for figures in everybody for share in figures["rounds_others_share_of_cpu"]]
    return (
        f"`{report['command']}`, {report['date'][:10]}, {machine['cores']} cores of {machine['processor']} with "
        f"RabbitMQ, PostgreSQL and all else on them, TurboSMS answering in {layout['provider_delay_ms']} ms; "
        f"others took {min(shares):.0%} to {max(shares):.0%} of the machine"
    )


def svg(report: Mapping[str, Any]) -> str:
    """Bars by contender: events a second, and processor time an event, of which a part is the servers'."""
    rows = rows_of(report)
    panels = [
        panel(rows, LEFT, "events a second (more is better)", [(item.events_per_s, None) for item in rows], "{:,.0f}"),
        panel(
            rows,
            LEFT + PANEL + GAP,
            "CPU, ms an event (less is better); pale: with the servers",
            [(item.cpu_ms, item.cpu_ms_with_servers) for item in rows],
            "{:.2f}",
        ),
    ]
    names = [name_of(item, TOP + nth * STEP) for nth, item in enumerate(rows)]
    ends = TOP + len(rows) * STEP + 24
    sentences = wrap(source(report).replace("`", ""), LINE)
    foot = [text(20, ends + nth * 16, line, FAINT, 11) for nth, line in enumerate(sentences)]
    height = ends + len(sentences) * 16
    size = f"viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}'"
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {FONT}>",
            "<title>Events a second and CPU an event: ours and peers doing the same work</title>",
            f"<rect width='{WIDTH}' height='{height}' rx='8' fill='{PAPER}'/>",
            text(20, 30, "From event to SMS, once each: the same work on the same servers", INK, 16, weight=600),
            *names,
            *(line for lines in panels for line in lines),
            *foot,
            "</svg>",
            "",
        ]
    )


def name_of(item: Row, y: float) -> str:
    """A contender's name, with its note below."""
    weight = 600 if item.is_ours else 400
    below = text(20, y + 27, item.note, FAINT, 11) if item.note else ""
    return text(20, y + 13, item.label, INK, 13, weight=weight) + below


def panel(
    rows: Sequence[Row], left: float, title: str, values: Sequence[tuple[float, float | None]], form: str
) -> list[str]:
    """One figure of all contenders; a second value is a paler bar behind the first."""
    most = max(whole or own for own, whole in values)
    scale = (PANEL - 70) / most
    lines = [text(left, TOP - 14, title, FAINT, 11)]
    for nth, (item, (own, whole)) in enumerate(zip(rows, values, strict=True)):
        y = TOP + nth * STEP
        colour = OWN if item.is_ours else PEER
        shown = form.format(own) if whole is None else f"{form.format(own)} / {form.format(whole)}"
        if whole is not None:
            lines.append(bar(left, y, whole * scale, colour, opacity=0.3))
        lines += [
            bar(left, y, own * scale, colour),
            text(left + (whole or own) * scale + 6, y + 13, shown, INK, 12),
        ]
    return lines


def bar(x: float, y: float, width: float, colour: str, *, opacity: float = 1.0) -> str:
    return f"<rect x='{x:g}' y='{y:g}' width='{width:.1f}' height='{BAR}' fill='{colour}' fill-opacity='{opacity}'/>"


def text(x: float, y: float, content: str, colour: str, size: int, *, weight: int = 400) -> str:
    start = f"<text x='{x:.1f}' y='{y:g}' font-size='{size}' fill='{colour}' font-weight='{weight}'>"
    return f"{start}{escape(content)}</text>"


def write(report: Mapping[str, Any], beside: Path, *, is_published: bool) -> list[Path]:
    """Chart and table, the chart where the README shows it too if it is published; which files they are."""
    charts = [beside.with_suffix(".svg"), *([PUBLISHED] if is_published else [])]
    for chart in charts:
        chart.write_text(svg(report))
    page = beside.with_suffix(".md")
    page.write_text(table(report))
    return [*charts, page]
