import structlog
from hypothesis import given
from hypothesis import strategies as st

from worker.store.db.outage import BELIEVED_S, WAIT_MAX_S, Outage

FULL = "DiskFull (53100)"
#: Steps, a second apart.
STEPS = st.lists(st.sampled_from(["met", "seen", "looked", "over", "nothing"]), max_size=60)


def test_an_outage_is_logged_once_and_probed_ever_less_often() -> None:
    outage, now, waits = Outage("crm.events"), 100.0, list[float]()

    with structlog.testing.capture_logs() as log_entries:
        for _ in range(20):
            outage.met(FULL, now=now)
            waits.append(outage.ask_at - now)
            now = outage.ask_at
            outage.looked()
        outage.over()

    assert [line["event"] for line in log_entries] == ["postgresql.away", "postgresql.back"]
    assert log_entries[0]["reason"] == FULL
    assert waits[0] <= 0.5
    assert all(WAIT_MAX_S / 2 <= wait <= WAIT_MAX_S for wait in waits[5:])


def test_an_outage_seen_by_a_probe_ends_with_a_probe() -> None:
    outage = Outage("crm.events")

    outage.met("away", now=100.0, by_probe=True)
    assert outage.fault(now=10_000.0) == "waits for PostgreSQL (away)"
    outage.looked()

    assert outage.fault(now=101.0) is None


def test_an_outage_met_by_work_is_believed_for_a_while() -> None:
    outage = Outage("crm.events")

    outage.met(FULL, now=100.0)
    outage.looked()

    assert outage.fault(now=100.0 + BELIEVED_S) == f"waits for PostgreSQL ({FULL})"
    assert outage.fault(now=101.0 + BELIEVED_S) is None


@given(steps=STEPS)
def test_every_outage_that_is_logged_ends_with_one_log_line(steps: list[str]) -> None:
    outage, now = Outage("crm.events"), 0.0
    with structlog.testing.capture_logs() as log_entries:
        for step in [*steps, "over"]:
            now += 1.0
            match step:
                case "met" | "seen":
                    outage.met(FULL, now=now, by_probe=step == "seen")
                case "looked":
                    outage.looked()
                case "over":
                    outage.over()
                case _:
                    pass
    events = [line["event"] for line in log_entries]

    assert events == ["postgresql.away", "postgresql.back"] * (len(events) // 2)
    assert outage.fault(now=now) is None
