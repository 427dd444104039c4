from typing import Any
from xml.etree import ElementTree as ET

from tests.bench.figures.chart import svg, table

REPORT: dict[str, Any] = {
    "command": "make bench",
    "date": "2026-11-30T12:00:00+00:00",
    "machine": {"cores": 2, "processor": "AMD EPYC"},
    "layout": {"multi_max": 100, "provider_delay_ms": 20},
    "send": {
        "events_per_s": 1500,
        "cpu_ms_per_event": 0.5,
        "cpu_ms_per_event_with_servers": 0.9,
        "rounds_others_share_of_cpu": [0.01, 0.02],
        "texts_per_post": 1.0,
    },
    "sendmulti": {
        "events_per_s": 3000,
        "cpu_ms_per_event": 0.25,
        "cpu_ms_per_event_with_servers": 0.5,
        "rounds_others_share_of_cpu": [0.02, 0.03],
        "texts_per_post": 40.0,
    },
    "peers": {
        "slow": {
            "label": "Slow & Co",
            "events_per_s": 300,
            "cpu_ms_per_event": 2.0,
            "cpu_ms_per_event_with_servers": 2.5,
            "rounds_others_share_of_cpu": [0.04],
            "texts_per_post": 1.0,
        },
        "fast": {
            "label": "Fast",
            "events_per_s": 600,
            "cpu_ms_per_event": 1.25,
            "cpu_ms_per_event_with_servers": 1.75,
            "rounds_others_share_of_cpu": [0.01],
            "texts_per_post": 1.0,
        },
    },
}


def test_the_table_begins_with_send_and_says_what_sendmulti_is() -> None:
    assert table(REPORT).splitlines()[2:] == [
        "| **Perfectum SMS worker, send** (one text a request, as every peer) | 1,500 | 2.5 × | 0.50 | 0.90 |",
        "| Fast | 600 | 1.0 × | 1.25 | 1.75 |",
        "| Slow & Co | 300 | 0.5 × | 2.00 | 2.50 |",
        (
            "| **Perfectum SMS worker, sendmulti** (off by default: posts up to 100 texts a request) "
            "| 3,000 | 5.0 × | 0.25 | 0.50 |"
        ),
        "",
        (
            "`make bench`, 2026-11-30, 2 cores of AMD EPYC with RabbitMQ, PostgreSQL and all else on them, TurboSMS "
            "answering in 20 ms; others took 1% to 4% of the machine."
        ),
    ]


def test_the_chart_is_a_picture_with_every_figure() -> None:
    texts = [element.text for element in ET.fromstring(svg(REPORT)).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 (our own)

    assert texts.index("Perfectum SMS worker, send") < texts.index("Fast") < texts.index("Slow & Co")
    assert texts.index("Slow & Co") < texts.index("Perfectum SMS worker, sendmulti")
    assert "off by default: posts up to 100 texts a request" in texts
    assert {"1,500", "3,000", "600", "300", "0.50 / 0.90", "2.00 / 2.50"} <= set(texts)
