"""What became of a text: taken together, the pieces are both versions."""

from hypothesis import given
from hypothesis import strategies as st

from worker.web.pages.settings.word_diff import Piece, word_diff

TEXTS = st.text(st.sampled_from("аб {}\n"), max_size=60)


@given(TEXTS, TEXTS)
def test_the_pieces_are_both_versions(before: str, after: str) -> None:
    pieces = word_diff(before, after)

    assert "".join(piece.text for piece in pieces if piece.kind != "in") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "out") == after


def test_words_are_compared_and_not_signs() -> None:
    assert word_diff("Вітаємо, Олено!", "Вітаємо, Ірино!") == [
        Piece("same", "Вітаємо, "),
        Piece("out", "Олено!"),
        Piece("in", "Ірино!"),
    ]


def test_what_is_very_long_is_shown_as_it_is() -> None:
    assert word_diff("", "а " * 2_000) == [Piece("same", "а " * 2_000)]
