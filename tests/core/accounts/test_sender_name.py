import pytest

from worker.core.accounts.sender_name import why_unfit


@pytest.mark.parametrize("sender", ["ACME", "DemoShop", "IT Alarm", "Dostavka24", "A&B-1_x.ua", "TAXI", "12345678AB1"])
def test_a_name_that_can_be_registered_passes(sender: str) -> None:
    assert why_unfit(sender) is None


@pytest.mark.parametrize(
    ("sender", "text"),
    [
        ("Магазин квітів на Хрещатику!", "Latin letters"),
        ("АCME", "holds А"),
        ("ACME#1", "holds #"),
        ("AB", "has 2 characters"),
        ("ABCDEFGHIJKL", "has 12 characters"),
        ("0671234567", "holds no letter"),
        ("", "has 0 characters"),
    ],
)
def test_a_sender_that_turbosms_refuses_has_a_reason(sender: str, text: str) -> None:
    assert text in (why_unfit(sender) or "")
