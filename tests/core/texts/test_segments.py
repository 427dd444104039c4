import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.texts.segments import Segments, is_too_long, parts, segments

MANY = settings(max_examples=tries(300), deadline=None)
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


@MANY
@given(GSM_TEXT | WIDE_TEXT | st.text(max_size=300))
def test_parts_are_those_that_a_phone_packs_character_by_character(text: str) -> None:
    assert parts(text) == tuple(pieces(text))


@MANY
@given(GSM_TEXT | WIDE_TEXT | st.text(max_size=300))
def test_a_text_is_the_sum_of_its_parts_and_every_part_fits_a_segment(text: str) -> None:
    cut = parts(text)

    assert "".join(cut) == text
    assert len(cut) == segments(text).count
    is_gsm = segments(text).encoding == "GSM-7"
    room = (OCTETS - (HEADER if len(cut) > 1 else 0)) * 8 // (7 if is_gsm else 16)
    assert all(0 < sum(sizes(part, is_gsm=is_gsm)) <= room for part in cut)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("ж" * 70, ("ж" * 70,)),
        ("ж" * 66 + "😀" * 3, ("ж" * 66, "😀" * 3)),
        ("ж" * 65 + "😀" * 3, ("ж" * 65 + "😀", "😀" * 2)),
        ("a" * 152 + "€" * 8, ("a" * 152, "€" * 8)),
        ("a" * 151 + "[" * 5, ("a" * 151 + "[", "[" * 4)),
        ("a" * 152 + "🇺🇦", ("a" * 67, "a" * 67, "a" * 18 + "🇺🇦")),
    ],
)
def test_neither_a_pair_nor_an_escape_is_cut(text: str, expected: tuple[str, ...]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(("char", "most"), [("a", 1521), ("ж", 661), ("€", 760), ("😀", 330)])
def test_ten_segments_less_nine_units_are_the_longest_text(char: str, most: int) -> None:
    assert not is_too_long(segments(char * most))
    assert is_too_long(segments(char * (most + 1)))


def packed(text: str) -> Segments:
    is_gsm = is_basic(text)
    return Segments("GSM-7" if is_gsm else "UCS-2", sum(sizes(text, is_gsm=is_gsm)), len(pieces(text)))


def pieces(text: str) -> list[str]:
    """The text put into parts as a phone would do it, character by character."""
    is_gsm = is_basic(text)
    bits = 7 if is_gsm else 16
    units = sizes(text, is_gsm=is_gsm)
    if sum(units) <= OCTETS * 8 // bits:
        return [text] if text else []
    cut: list[str] = []
    room = 0
    for char, size in zip(text, units, strict=True):
        if size > room:
            room = (OCTETS - HEADER) * 8 // bits
            cut.append("")
        room -= size
        cut[-1] += char
    return cut


def is_basic(text: str) -> bool:
    return set(text) <= LATIN | WESTERN | ESCAPED


def sizes(text: str, *, is_gsm: bool) -> list[int]:
    return [(2 if char in ESCAPED else 1) if is_gsm else len(char.encode("utf-16-be")) // 2 for char in text]
