from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import Command
from tests.support.tries import tries
from worker.core.file_text import UnreadableError, decoded

ALPHABET = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяАБВГҐДЕЄЖЗИІЇЙ№«»’– ,.;:\t\n0123456789abcXYZ+()'\""


@settings(max_examples=tries(300), deadline=None)
@given(
    st.text(ALPHABET, min_size=1), st.sampled_from(["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be"])
)
def test_a_ukrainian_text_is_read_however_it_was_saved(text: str, encoding: str) -> None:
    # A table has phones and line ends: two bytes alone may be a character of any encoding.
    whole = f"{text}\n0671234567\n"
    raw = whole.encode(encoding)
    # `В«` in Windows-1251 is `«` in UTF-8, which wins.
    assume(encoding != "cp1251" or raw.decode(errors="ignore") != raw.decode(errors="replace") or whole.isascii())

    assert decoded(raw).text == whole


@pytest.mark.parametrize("raw", ["Телефон".encode("cp866"), b"\x98", b"\x00\x01\x02", b"\xff\xfe\x00", b"\x01\xff"])
def test_bytes_that_are_no_text_are_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        decoded(raw)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "utf-16"])
def test_a_file_is_read_as_windows_saves_it(shop: Command, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "text.txt"
    file.write_bytes("Замовлення № 5 прийнято\r\nДякуємо".encode(encoding))

    shop("template", "edit", "acme", "order_created", "--file", str(file))

    shown = shop("template", "show", "acme", "order_created", "--json").json
    assert shown["text"] == "Замовлення № 5 прийнято\nДякуємо"
