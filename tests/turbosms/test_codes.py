import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.turbosms.codes import CODES, CodeClass, code_of, is_known


@pytest.mark.parametrize(
    ("number", "name", "code_class"),
    [
        (0, "OK", CodeClass.OK),
        (106, "REQUIRED_ACTIVE_USER", CodeClass.TOKEN),
        (203, "REQUIRED_BALANCE", CodeClass.MONEY),
        (305, "INVALID_PHONE", CodeClass.PERMANENT),
        (401, "NOT_ALLOWED_MESSAGE_SENDER_NOT_ACTIVE", CodeClass.SENDER),
        (407, "NOT_ALLOWED_RECIPIENT_DUPLICATE", CodeClass.RECIPIENT_REPEAT),
        (427, "NOT_ALLOWED_MESSAGE_DUPLICATE", CodeClass.DUPLICATE),
        (438, "RATE_LIMITED", CodeClass.RATE),
        (502, "FAILED_PARSE_BODY", CodeClass.BUG),
        (506, "FAILED_SAVE_FILE", CodeClass.LATER),
        (507, "FAILED_DUPLICATE_REQUEST", CodeClass.REPEAT),
        (803, "SUCCESS_MESSAGE_PARTIAL_SENT", CodeClass.PARTIAL),
        (999, "FATAL_ERROR", CodeClass.UNKNOWN_OUTCOME),
    ],
)
def test_code_has_its_name_and_kind(number: int, name: str, code_class: CodeClass) -> None:
    code = code_of(number)

    assert (code.number, code.name, code.code_class) == (number, name, code_class)


@pytest.mark.parametrize(
    ("number", "code_class"),
    [
        (2, CodeClass.UNKNOWN_CODE),
        (428, CodeClass.UNKNOWN_CODE),
        (799, CodeClass.UNKNOWN_CODE),
        (804, CodeClass.PARTIAL),
        (899, CodeClass.PARTIAL),
        (900, CodeClass.UNKNOWN_OUTCOME),
    ],
)
def test_unlisted_code_is_judged_by_its_hundred(number: int, code_class: CodeClass) -> None:
    code = code_of(number)

    assert (code.name, code.code_class, is_known(number)) == (f"UNKNOWN_{number}", code_class, False)


@given(st.integers(0, 999))
def test_every_number_speaks_both_languages(number: int) -> None:
    code = code_of(number)

    assert code.en.isascii()
    assert re.search("[а-яіїєґ]", code.uk)


def test_table_names_every_code_once() -> None:
    names = [code.name for code in CODES.values()]

    assert len(names) == 70
    assert len(set(names)) == 70
    assert all(is_known(number) for number in CODES)


def test_a_code_has_a_reason_fit_for_rows_and_metrics() -> None:
    assert code_of(404).reason == "not_allowed_number_stoplist"
    assert code_of(612).reason == code_of(613).reason == "unknown_code"
