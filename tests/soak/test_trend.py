from random import Random

import pytest

from tests.soak.chart import svg
from tests.soak.samples import Samples
from tests.soak.trend import MEMORY, limit_of, trend

SECONDS = [float(second) for second in range(0, 3600, 9)]


def noisy(level: float, slope: float, *, spread: float) -> list[float]:
    dice = Random(7)  # noqa: S311 (the same noise each time)
    return [level + slope * at / SECONDS[-1] + dice.uniform(-spread, spread) for at in SECONDS]


@pytest.mark.parametrize(
    ("values", "is_flat"),
    [
        (noisy(100, 0, spread=5), True),
        (noisy(100, 8, spread=5), True),
        (noisy(100, 30, spread=5), False),
        (noisy(100, -80, spread=5), True),
        ([120.0] * 399 + [900.0], True),
        ([20.0 + min(80.0, 2 * nth) for nth in range(400)], True),
        ([100.0 + (nth % 40) for nth in range(400)], True),
    ],
    ids=["noise", "a little", "a leak", "less", "one outlier", "warming", "saw teeth"],
)
def test_a_leak_is_growth_and_noise_warming_and_outliers_are_not(values: list[float], *, is_flat: bool) -> None:
    assert trend(SECONDS, values, MEMORY).is_flat is is_flat


def test_growth_passes_both_limits() -> None:
    limit = limit_of("ready in sms.normal")

    assert trend(SECONDS, noisy(2, 90, spread=1), limit).is_flat
    assert trend(SECONDS, noisy(5_000, 900, spread=1), limit).is_flat
    assert not trend(SECONDS, noisy(2, 2_000, spread=1), limit).is_flat


def test_what_was_never_sampled_or_once_is_flat() -> None:
    assert trend([], [], MEMORY).is_flat
    assert trend([3.0], [7.0], MEMORY).is_flat


def test_the_chart_shows_every_series_and_which_grows() -> None:
    samples = Samples(0.0)
    for at, leaking in zip(SECONDS, noisy(100, 90, spread=5), strict=True):
        samples.add(at, {"scheduler <1>": leaking, "oldest waits": 0.1})
    trends = samples.trends()
    picture = svg(samples, trends, ["title", "a line"])

    assert [trends[name].is_flat for name in ("scheduler <1>", "oldest waits")] == [False, True]
    assert picture.count("<polyline") == 2
    assert "scheduler &lt;1&gt;" in picture
    assert "grows: +" in picture
    assert limit_of("scheduler <1>") is MEMORY
