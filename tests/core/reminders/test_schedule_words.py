"""The times of a trigger as an admin reads them."""

from worker.core.reminders.schedule_words import format_schedule
from worker.core.triggers.catalogue import BY_ID
from worker.language import speaking


def test_units_are_words_of_the_readers_language() -> None:
    settings = {"before": ["2d", "24h", "30m"]}

    assert format_schedule(BY_ID["booking_reminder"], settings) == "2d, 24h and 30m before the start"
    with speaking("uk"):
        assert format_schedule(BY_ID["booking_reminder"], settings) == "за 2 дн., 24 год і 30 хв до початку"
