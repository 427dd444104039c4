"""Every series of a soak as a line over its minutes, with its slope's verdict."""

from collections.abc import Sequence

from tests.bench.figures.chart import FAINT, FONT, INK, OWN, PAPER, text
from tests.soak.samples import Samples
from tests.soak.trend import WARMING, Trend, limit_of

COLUMNS, WIDE, HIGH, GAP, LEFT, TOP = 3, 250, 70, 62, 20, 96
BAD, WARM = "#cf222e", "#eaeef2"
#: Points of a line: more are not seen.
POINTS = 400


def svg(samples: Samples, trends: dict[str, Trend], head: Sequence[str]) -> str:
    """Panels in rows; the warming is grey, a series that grows is red."""
    names = list(trends)
    lines = [line for nth, name in enumerate(names) for line in panel(samples, name, trends[name], nth)]
    width = LEFT * 2 + COLUMNS * (WIDE + LEFT)
    height = TOP + -(-len(names) // COLUMNS) * (HIGH + GAP)
    size = f"viewBox='0 0 {width} {height}' width='{width}' height='{height}'"
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {FONT}>",
            "<title>Memory, waiting, connections and tables under a load that lasts</title>",
            f"<rect width='{width}' height='{height}' rx='8' fill='{PAPER}'/>",
            text(LEFT, 30, head[0], INK, 16, weight=600),
            *(text(LEFT, 50 + nth * 16, line, FAINT, 11) for nth, line in enumerate(head[1:])),
            *lines,
            "</svg>",
            "",
        ]
    )


def panel(samples: Samples, name: str, found: Trend, nth: int) -> list[str]:
    """One series: from zero to its highest value."""
    x, y = LEFT + nth % COLUMNS * (WIDE + LEFT), TOP + 18 + nth // COLUMNS * (HIGH + GAP)
    limit, moments, values = limit_of(name), samples.moments[name], samples.values[name]
    first, last, most = moments[0], max(moments[-1], moments[0] + 1), found.most or 1.0
    step = max(1, len(values) // POINTS)
    points = " ".join(
        f"{x + (at - first) / (last - first) * WIDE:.1f},{y + HIGH - value / most * HIGH:.1f}"
        for at, value in list(zip(moments, values, strict=True))[::step]
    )
    colour = OWN if found.is_flat else BAD
    verdict = "flat" if found.is_flat else "grows"
    figures = f"usually {found.usual:,.{limit.digits}f}, at most {found.most:,.{limit.digits}f} {limit.unit}"
    return [
        text(x, y - 8, name, INK, 12, weight=600),
        f"<rect x='{x}' y='{y}' width='{WIDE * WARMING:.1f}' height='{HIGH}' fill='{WARM}'/>",
        f"<line x1='{x}' y1='{y + HIGH}' x2='{x + WIDE}' y2='{y + HIGH}' stroke='{FAINT}'/>",
        f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.5'/>",
        text(x, y + HIGH + 14, figures, FAINT, 11),
        text(x, y + HIGH + 28, f"{verdict}: {found.rise:+,.{limit.digits}f} by its slope", colour, 11),
    ]
