import pytest

from tests.support.leaks import secret_in

SPELLINGS = ["+380671234567", "380671234567", "0671234567", "+38 (067) 123-45-67", "067 123 45 67", r"\n0671234567"]


@pytest.mark.parametrize("phone", SPELLINGS)
def test_a_phone_is_detected_in_any_spelling(phone: str) -> None:
    assert secret_in(f'{{"message":"told {phone}"}}')


@pytest.mark.parametrize("key", ["ab0c68123456712c", "f0671234567a", "80671234567e", "c0-681234567"])
def test_a_key_in_hex_is_no_phone(key: str) -> None:
    assert secret_in(f'{{"attempt":"{key}"}}') is None
