"""Authors on pages are people and keys, not numbers of rows."""

import pytest

from worker.core.access.operator_name import name_of


@pytest.mark.parametrize(
    ("noted", "shown"),
    [
        ("user/12 olena", "olena"),
        ("key/3 online shop", "API key online shop"),
        ("deploy@host", "deploy@host"),
        ("user/x olena", "user/x olena"),
        (None, "–"),
    ],
)
def test_who_did_something_is_named(noted: str | None, shown: str) -> None:
    assert name_of(noted) == shown
