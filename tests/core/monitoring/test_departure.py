from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.monitoring.departure import Departure, Hold, WaitingText, departure

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = (date(2026, 11, 1), 7)
PLANNED = WaitingText(KEY, "acme", "bulk", "contact_birthday", "sms", "planned", None, NOW - HOUR, NOW + HOUR)
NIGHT = replace(PLANNED, state="postponed", reason="quiet_hours", due_at=NOW + 9 * HOUR)


def hold(scope: str, *, account: str | None = "acme", hours: int | None = None, reason: str = "money") -> Hold:
    return Hold(account, scope, reason, NOW, "send", None if hours is None else NOW + hours * HOUR)


HELD = (
    hold("account"),
    hold("provider"),
    hold("hand", account=None),
    hold("hand/lane/bulk"),
    hold("hand/trigger/contact_birthday", account=None),
    hold("hand/channel/sms"),
    hold("trigger/contact_birthday"),
)
FREE = (
    hold("account", account="beta"),
    hold("viber"),
    hold("hand/lane/urgent"),
    hold("hand/channel/viber"),
    hold("trigger/order_created"),
    hold("person/ab12"),
)


def test_what_is_planned_goes_now_and_what_is_postponed_when_it_is_due() -> None:
    assert departure(PLANNED, FREE, now=NOW) == Departure(NOW)
    assert departure(NIGHT, (), now=NOW) == Departure(NOW + 9 * HOUR, "quiet_hours")
    assert departure(replace(NIGHT, due_at=NOW - HOUR), (), now=NOW) == Departure(NOW)


def test_a_pause_of_what_a_text_is_of_holds_it(subtests: pytest.Subtests) -> None:
    for pause in HELD:
        with subtests.test(pause.scope):
            assert departure(PLANNED, [pause], now=NOW) == Departure(None, "money", pause)
    for pause in FREE:
        with subtests.test(pause.scope):
            assert departure(PLANNED, [pause], now=NOW) == Departure(NOW)


def test_a_text_by_viber_first_waits_for_either_channel() -> None:
    hybrid = replace(PLANNED, channel="viber_then_sms")

    held = [departure(hybrid, [hold(f"hand/channel/{name}")], now=NOW).at for name in ("sms", "viber")]

    assert held == [None, None]
    assert departure(hybrid, [hold("viber")], now=NOW) == Departure(NOW)


def test_the_last_thing_that_holds_a_text_counts() -> None:
    soon, late = hold("provider", hours=1, reason="provider_failing"), hold("hand", hours=20, reason="by_hand")

    assert departure(NIGHT, [soon], now=NOW) == Departure(NOW + 9 * HOUR, "quiet_hours")
    assert departure(NIGHT, [soon, late], now=NOW) == Departure(NOW + 20 * HOUR, "by_hand", late)
    assert departure(NIGHT, [soon, late, HELD[0]], now=NOW) == Departure(None, "money", HELD[0])


@given(
    st.sampled_from((PLANNED, NIGHT)),
    st.lists(st.builds(hold, st.sampled_from(("account", "hand", "viber")), hours=st.none() | st.integers(-3, 30))),
)
def test_nothing_goes_before_now_or_before_what_holds_it(text: WaitingText, holds: list[Hold]) -> None:
    leaves = departure(text, holds, now=NOW)

    for pause in holds:
        if pause.holds(text):
            assert leaves.at is None or (pause.ends_at is not None and leaves.at >= pause.ends_at)
    assert leaves.at is None or leaves.at >= NOW
