"""Bars of a chart, as SVG draws them; the table beside says the same in figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT = 600, 120
#: Of a bar's step, the rest is between it and the next.
FILLED = 0.8
#: What is more than nothing can be seen.
LEAST = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, in the units of the drawing; `says` is read out where somebody points at it."""

    x: float
    y: float
    width: float
    height: float
    says: str


def bars(values: Iterable[tuple[str, Decimal]]) -> Sequence[Bar]:
    """Bars side by side, the highest as high as the drawing; what is below nothing is drawn as nothing."""
    pairs = list(values)
    most = max((value for _says, value in pairs), default=Decimal(0))
    if most <= 0:
        return []
    step = WIDTH / len(pairs)
    shares = [(says, float(max(value, Decimal(0)) / most)) for says, value in pairs]
    return [bar(index * step, step * FILLED, share, says) for index, (says, share) in enumerate(shares)]


def bar(x: float, width: float, share: float, says: str) -> Bar:
    height = max(LEAST, round(share * HEIGHT, 1)) if share > 0 else 0.0
    return Bar(round(x, 1), round(HEIGHT - height, 1), round(width, 1), height, says)
