from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.turbosms.codes import CODES, Kind, code_of, is_known


@pytest.mark.parametrize(
    ("number", "name", "kind"),
    [
        (0, "OK", Kind.OK),
        (106, "REQUIRED_ACTIVE_USER", Kind.TOKEN),
        (203, "REQUIRED_BALANCE", Kind.MONEY),
        (305, "INVALID_PHONE", Kind.PERMANENT),
        (401, "NOT_ALLOWED_MESSAGE_SENDER_NOT_ACTIVE", Kind.SENDER),
        (407, "NOT_ALLOWED_RECIPIENT_DUPLICATE", Kind.RECIPIENT_REPEAT),
        (427, "NOT_ALLOWED_MESSAGE_DUPLICATE", Kind.DUPLICATE),
        (438, "RATE_LIMITED", Kind.RATE),
        (502, "FAILED_PARSE_BODY", Kind.BUG),
        (506, "FAILED_SAVE_FILE", Kind.LATER),
        (507, "FAILED_DUPLICATE_REQUEST", Kind.REPEAT),
        (803, "SUCCESS_MESSAGE_PARTIAL_SENT", Kind.PARTIAL),
        (999, "FATAL_ERROR", Kind.UNKNOWN_OUTCOME),
    ],
)
def test_code_has_its_name_and_kind(number: int, name: str, kind: Kind) -> None:
    code = code_of(number)

    assert (code.number, code.name, code.kind) == (number, name, kind)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (2, Kind.UNKNOWN_CODE),
        (428, Kind.UNKNOWN_CODE),
        (799, Kind.UNKNOWN_CODE),
        (804, Kind.PARTIAL),
        (899, Kind.PARTIAL),
        (900, Kind.UNKNOWN_OUTCOME),
    ],
)
def test_unlisted_code_is_judged_by_its_hundred(number: int, kind: Kind) -> None:
    code = code_of(number)

    assert (code.name, code.kind, is_known(number)) == (f"UNKNOWN_{number}", kind, False)


@given(st.integers(0, 999))
def test_every_number_speaks_both_languages(number: int) -> None:
    code = code_of(number)

    assert code.words.isascii()
    assert re.search("[а-яіїєґ]", code.uk)


def test_table_names_every_code_once() -> None:
    names = [code.name for code in CODES.values()]

    assert len(names) == 70
    assert len(set(names)) == 70
    assert all(is_known(number) for number in CODES)


def test_reason_is_a_word_that_rows_and_metrics_can_carry() -> None:
    assert code_of(404).reason == "not_allowed_number_stoplist"
    assert code_of(612).reason == code_of(613).reason == "unknown_code"
