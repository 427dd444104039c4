import pytest

from worker.core.receipts.channel_status import LOST, REJECTED
from worker.core.receipts.polling import NO_RECEIPT, NOT_TRACKED
from worker.core.receipts.receipt import STEPS, DeliveryStatus
from worker.core.receipts.receipt_labels import LABELS, label_of


@pytest.mark.parametrize("reason", sorted({*LOST, *REJECTED.values()}))
def test_every_reason_of_a_lost_message_has_a_label(reason: str) -> None:
    label = label_of(DeliveryStatus("undelivered", reason))

    assert label
    assert label.en
    assert label.uk.startswith("Не доставлено: ")


@pytest.mark.parametrize("state", sorted(set(STEPS) - {"undelivered"}))
def test_every_state_that_a_receipt_brings_has_a_label(state: str) -> None:
    assert label_of(DeliveryStatus(state))


@pytest.mark.parametrize("reason", [NO_RECEIPT, NOT_TRACKED])
@pytest.mark.parametrize("state", ["accepted", "sent"])
def test_a_silent_message_has_a_label(state: str, reason: str) -> None:
    assert label_of(DeliveryStatus(state, reason))


def test_a_state_that_no_receipt_brings_has_no_label() -> None:
    assert label_of(DeliveryStatus("skipped", "no_phone")) is None
    assert len({label.uk for label in LABELS.values()}) == len(LABELS) - 2  # silence is the same in two states
