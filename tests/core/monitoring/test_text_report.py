from collections import Counter
from datetime import date
from itertools import chain

from worker.core.monitoring.text_report import OUTCOMES, Counted, TextTally, added_up
from worker.core.sending.notification_states import MOVES

SUNDAY = date(2026, 11, 29)


def test_each_state_is_one_outcome() -> None:
    assert Counter(chain.from_iterable(OUTCOMES.values())) == Counter(MOVES.keys())


def test_texts_are_added_up_by_the_parts_that_are_asked_for() -> None:
    counted = [
        Counted("acme", SUNDAY, "order_created", "sms", "delivered", 3, 6),
        Counted("acme", date(2026, 11, 30), "order_created", "sms", "read", 1, 2),
        Counted("acme", SUNDAY, "order_created", "sms", "skipped", 5, 10),
    ]

    assert added_up(counted, ["account"]) == {("acme",): TextTally(9, 8, delivered=4, not_sent=5)}
    assert added_up(counted, ["week", "trigger"]) == {
        ("order_created", "2026-11-23"): TextTally(8, 6, delivered=3, not_sent=5),
        ("order_created", "2026-11-30"): TextTally(1, 2, delivered=1),
    }
