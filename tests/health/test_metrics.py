from prometheus_client.parser import text_string_to_metric_families

from worker.core.authoring.unrecognized_values import Misread
from worker.core.contract.record_statuses import STATUSES
from worker.health import metrics
from worker.steps.ingest.plan import Accepted
from worker.store.monitoring.ledger_status import LedgerStatus

LEDGER_STATUS = LedgerStatus({("bulk", "planned"): 7}, {"bulk": 3.5}, {"money": 2}, 1, {"week": 4})


def shown(role: str, accept: str = "") -> str:
    _, body = metrics.exposition(metrics.registry_of(role), accept)
    return body.decode()


def series(role: str, accept: str = "") -> dict[str, list[float]]:
    """Values by the series' name."""
    text = shown(role, accept)
    results: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            results.setdefault(sample.name, []).append(sample.value)
    return results


def test_gauges_of_an_unreadable_ledger_are_cleared() -> None:
    metrics.show(LEDGER_STATUS)
    metrics.set_all(metrics.QUEUE, {"sms.bulk": 5})
    before = series("scheduler")

    metrics.clear_account_gauges()

    assert [sum(before[name]) for name in ("sms_waiting_rows", "sms_queue_messages", "sms_circuit_breakers_open")] == [
        7,
        5,
        1,
    ]
    names = {"sms_waiting_rows", "sms_queue_messages", "sms_oldest_row_age_seconds", "sms_accounts_paused"}
    assert not names & series("scheduler").keys()
    assert str(series("scheduler")["sms_circuit_breakers_open"]) == "[nan]"


def test_an_account_that_was_removed_has_no_balance() -> None:
    metrics.set_all(metrics.BALANCE, {"acme": 12.5, "bravo": 1})
    metrics.set_all(metrics.BALANCE, {"bravo": 0.5})

    assert series("scheduler")["sms_balance"] == [0.5]


def test_a_process_shows_what_it_fills_and_no_more() -> None:
    worker, scheduler = series("worker"), series("scheduler")

    assert "sms_events_total" in worker.keys() - scheduler.keys()
    assert "sms_circuit_breakers_open" in scheduler.keys() - worker.keys()
    assert "process_resident_memory_bytes" in worker.keys() & scheduler.keys()


def test_misread_fields_are_counted_by_kind_and_never_by_value() -> None:
    text = shown("worker")
    assert all(f'sms_statuses_unknown_total{{kind="{record_kind}"}}' in text for record_kind in STATUSES)
    before = series("worker")

    metrics.count_events(Accepted(misread=(Misread("invoice.status", "таємниця"), Misread("recipients.locale"))))

    after = series("worker")
    names = ("sms_statuses_unknown_total", "sms_fields_given_up_total")
    assert [sum(after[name]) - sum(before[name]) for name in names] == [1, 1]
    assert "таємниця" not in shown("worker")
