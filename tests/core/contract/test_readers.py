import pytest

from worker.core.contract.data import Starting


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        ([], ()),
        ([60, "1440", 0, 60.0], (1440, 60)),
        (None, None),
        ("60", None),
        (["9" * 5_000], None),
        ([60, -5], None),
        (["²"], None),
        ([True], None),
        ([1] * 11, None),
    ],
)
def test_unreadable_reminder_offsets_are_none(given: object, minutes: tuple[int, ...] | None) -> None:
    assert Starting({"remind_before": given}).remind_before == minutes
