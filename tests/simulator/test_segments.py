"""Segments as 3GPP TS 23.038 and 23.040 count them."""

from __future__ import annotations

import pytest

from worker.simulator.segments import segments_of


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("x", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ї" * 70, 1),
        ("ї" * 71, 2),
        ("ї" * 134, 2),
        ("ї" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("x" * 70 + "№", 2),
        ("`" * 71, 2),
    ],
)
def test_segments_follow_the_alphabet(text: str, segments: int) -> None:
    assert segments_of(text) == segments
