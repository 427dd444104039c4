from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.segment import Segments, segments

MANY = settings(max_examples=300, deadline=None)
LATIN = set(string.ascii_letters + string.digits + "\n\r !\"#$%&'()*+,-./:;<=>?@_")
WESTERN = set("£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà")
ESCAPED = set("\f^{}\\[~]|€")
OCTETS = 140
HEADER = 6

GSM_TEXT = st.text(sorted(LATIN | WESTERN) + sorted(ESCAPED) * 8, min_size=140, max_size=700)
WIDE_TEXT = st.text("abЖжї№`\u200d😀👨🇺🇦𝔘€[", min_size=60, max_size=300)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 0)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("€" * 80, Segments("GSM-7", 160, 1)),
        ("€" * 81, Segments("GSM-7", 162, 2)),
        ("ж" * 70, Segments("UCS-2", 70, 1)),
        ("ж" * 71, Segments("UCS-2", 71, 2)),
        ("ж" * 134, Segments("UCS-2", 134, 2)),
        ("ж" * 135, Segments("UCS-2", 135, 3)),
        ("😀" * 35, Segments("UCS-2", 70, 1)),
        ("№ 5", Segments("UCS-2", 3, 1)),
        ("`", Segments("UCS-2", 1, 1)),
        ("1\u00a0250", Segments("UCS-2", 5, 1)),
    ],
)
def test_known_lengths(text: str, expected: Segments) -> None:
    assert segments(text) == expected


def test_a_pair_at_the_cut_moves_whole_into_the_next_segment() -> None:
    assert segments("ж" * 66 + "😀" + "ж" * 66).count == 3
    assert segments("ж" * 67 + "😀" + "ж" * 65).count == 2
    assert segments("a" * 152 + "€" + "a" * 152).count == 3
    assert segments("a" * 153 + "€" + "a" * 151).count == 2


@MANY
@given(GSM_TEXT | WIDE_TEXT | st.text(max_size=300))
def test_segments_are_those_of_a_phone_that_packs_character_by_character(text: str) -> None:
    assert segments(text) == packed(text)


def packed(text: str) -> Segments:
    if set(text) <= LATIN | WESTERN | ESCAPED:
        sizes = [2 if char in ESCAPED else 1 for char in text]
        count = filled(sizes, alone=OCTETS * 8 // 7, part=(OCTETS - HEADER) * 8 // 7)
        return Segments("GSM-7", sum(sizes), count)
    sizes = [len(char.encode("utf-16-be")) // 2 for char in text]
    return Segments("UCS-2", sum(sizes), filled(sizes, alone=OCTETS // 2, part=(OCTETS - HEADER) // 2))


def filled(sizes: list[int], *, alone: int, part: int) -> int:
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    room = count = 0
    for size in sizes:
        if size > room:
            room = part
            count += 1
        room -= size
    return count
