from typing import Any

import pytest

from tests.bench.figures.report import of_comparison
from tests.bench.measure import Throughput


def test_a_ratio_is_against_the_best_peer_of_the_run() -> None:
    figures: Any = of_comparison(
        {
            "send": rounds(1_000, cpu_ms=0.5),
            "sendmulti": rounds(3_000, cpu_ms=0.25),
            "dramatiq": rounds(500, cpu_ms=1.5),
            "faststream": rounds(400, cpu_ms=1.0),
        },
        {},
    )

    assert figures["ratio"]["events"] == 6.0
    assert figures["ratio"]["fastest_peer"] == "dramatiq"
    assert figures["ratio"]["cpu"] == 4.0
    assert figures["ratio"]["thriftiest_peer"] == "faststream"
    assert figures["ratio_single"]["events"] == 2.0
    assert figures["ratio_single"]["cpu"] == 2.0


def test_a_ratio_is_that_of_the_rounds_in_the_middle() -> None:
    figures: Any = of_comparison(
        {
            "send": [*rounds(100), *rounds(900), *rounds(1_000)],
            "dramatiq": [*rounds(300), *rounds(200), *rounds(5_000)],
        },
        {},
    )

    assert figures["ratio_single"]["events"] == 3.0
    assert figures["ratio_single"]["rounds_events"] == [0.33, 4.5, 0.2]


def test_the_floor_is_compared_with_sendmulti() -> None:
    figures: Any = of_comparison(
        {"sendmulti": rounds(3_000, cpu_ms=0.75), "floor": rounds(4_000, cpu_ms=0.25)}, {"inserted_per_event": 12.0}
    )

    assert figures["floor"]["cpu_ratio"] == 3.0
    assert figures["rows"] == {"inserted_per_event": 12.0}
    assert "ratio" not in figures


def test_processor_time_counts_the_scheduler_and_apart_the_servers() -> None:
    figures: Any = of_comparison({"send": rounds(1_000, cpu_ms=0.5, scheduler=0.25, postgresql=0.125)}, {})

    assert figures["send"]["cpu_ms_per_event"] == pytest.approx(0.75)
    assert figures["send"]["servers_cpu_ms_per_event"] == pytest.approx(0.125)
    assert figures["send"]["cpu_ms_per_event_with_servers"] == pytest.approx(0.875)


def rounds(events_per_s: float, cpu_ms: float = 1.0, **others: float) -> list[Throughput]:
    return [
        Throughput(
            events=1_000,
            seconds=1_000 / events_per_s,
            posts=1_000,
            publish_s=1.0,
            cpu_ms={"workers": cpu_ms, **others},
            others_share=0.02,
        )
    ]
