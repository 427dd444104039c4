import re

import pytest

from tests.core.written_reasons import notification_reasons
from worker.core.receipts.polling import NO_RECEIPT, NOT_TRACKED
from worker.core.receipts.reason_labels import REASONS, reason_label
from worker.core.receipts.receipt import DeliveryStatus
from worker.core.reminders.fire import OVERTAKEN


def test_every_reason_in_the_code_has_a_label() -> None:
    # The first is of an occurrence, which becomes no text.
    results = notification_reasons() - {OVERTAKEN, NO_RECEIPT, NOT_TRACKED}

    assert len(results) > 45
    assert results - REASONS.keys() == set()


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_each_reason_has_a_label_in_both_languages(reason: str) -> None:
    label = REASONS[reason]

    assert re.fullmatch(r"[A-Za-z][^а-яіїє]+[^.]", label.en)
    assert re.match(r"[А-ЯІЇЄ]|TurboSMS", label.uk)
    assert label.uk.endswith(".")


def test_labels_are_unique_and_absent_for_a_reason_that_is_over() -> None:
    assert len({label.uk for label in REASONS.values()}) == len(REASONS)
    assert reason_label(DeliveryStatus("planned", "quiet_hours")) is None
    assert reason_label(DeliveryStatus("postponed", "quiet_hours")) == REASONS["quiet_hours"]
