import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.history.phone_in_body import names_phone

PHONE = "+380671234567"


@pytest.mark.parametrize(
    "spelled",
    [
        "+380671234567",
        "380 67 123 45 67",
        "(067) 123-45-67",
        "80671234567",
        "067\u00a0123\u00a045\u00a067",
        "671234567",
    ],
)
def test_a_phone_is_found_however_it_is_spelled(spelled: str) -> None:
    assert names_phone(f'{{"phonenumber": "{spelled}", "id": 17}}'.encode(), PHONE)


@pytest.mark.parametrize("other", ["0671234568", "06712345670", "9990000671234567", "067 123 45", ""])
def test_another_number_is_not_that_phone(other: str) -> None:
    assert not names_phone(orjson.dumps({"phonenumber": other, "id": "67"}), PHONE)


def test_digits_of_two_fields_make_no_phone() -> None:
    assert not names_phone(b'{"a": "067123", "b": "4567"}', PHONE)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_looked_through(body: bytes) -> None:
    assert names_phone(body + b' "067 123 45 67"', PHONE)
