from datetime import UTC, datetime

import pytest

from worker.core.privacy.retention import BY_NAME, DEFAULTS, KINDS, kept_since, refusal_of

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_history_goes_by_whole_months_and_bodies_by_the_hour() -> None:
    since = kept_since(NOON, DEFAULTS)

    assert since["bodies"] == datetime(2026, 9, 1, 12, tzinfo=UTC)
    assert since["history"] == datetime(2023, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "days", "why"),
    [
        ("bodies", 6, "7 to 3650"),
        ("audit", 364, "365 to 3650"),
        ("texts", 3651, "30 to 3650"),
        ("texts", 1096, "go with their history"),
        ("history", 364, "go with their history"),
        ("history", 395, "as long as keys (396 days)"),
        ("keys", 1096, "as long as keys (1095 days)"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_what_can(kind: str, days: int, why: str) -> None:
    assert why in (refusal_of(BY_NAME[kind], days, DEFAULTS) or "")


def test_the_defaults_can_be() -> None:
    assert [refusal_of(kind, kind.days, DEFAULTS) for kind in KINDS] == [None] * len(KINDS)
