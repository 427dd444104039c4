from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.steps.ledger import planned, states
from tests.support.crm import delivery, event, row
from tests.support.simulated_provider import Provider
from worker.core.contract.inbound_message import SUSPECT_FROM
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.quarantine import Solitude
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send_alone


def test_two_suspects_never_run_at_once() -> None:
    shared, running, most = Solitude(60), [0], [0]

    def run(_nth: int) -> None:
        with shared.kept():
            running[0] += 1
            most[0] = max(most[0], running[0])
            running[0] -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(run, range(200)))

    assert most == [1]


def test_an_error_in_solitude_leaves_it_free() -> None:
    shared = Solitude(0)
    with pytest.raises(ZeroDivisionError), shared.kept():
        raise ZeroDivisionError
    with shared.kept() as is_kept:
        assert is_kept


def test_a_suspect_event_waits_for_another_suspect_but_not_for_ever(intake: Intake) -> None:
    intake = replace(intake, solitude=Solitude(0.1))
    with intake.solitude.kept():
        accept(intake, [delivery(event(), returns=SUSPECT_FROM)])

    assert row(intake.pool, "SELECT count(*) FROM events") == (1,)
    assert row(intake.pool, "SELECT count(*) FROM suspect_messages") == (0,)


def test_a_suspect_row_behind_another_is_left_to_the_sweeper(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    notification_ids, sender = planned(intake), replace(sender, solitude=Solitude(0.1))
    with sender.solitude.kept():
        send_alone(sender, notification_ids)

    assert states(intake) == [("planned", None)]
    assert provider.state()["posts"] == 0
    assert row(intake.pool, "SELECT count(*) FROM suspect_messages") == (0,)

    send_alone(sender, notification_ids)

    assert states(intake) == [("accepted", None)]
