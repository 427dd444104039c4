from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

import pytest

from tests.steps.ledger import planned, states
from tests.support.crm import delivery, event, execute, row
from tests.support.simulated_provider import Provider
from tests.support.waiting import IN_VAIN_S, PATIENCE_S, wait_until
from worker.core.contract.inbound_message import POISON_AT, SUSPECT_FROM
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.quarantine import Solitude
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send_alone
from worker.store.db.postgres import clock, transaction
from worker.store.ingest.suspect_messages import count

#: What is counted of suspects while an event is written.
COUNTS_SEEN = """
CREATE TABLE counts_seen (times integer);
CREATE FUNCTION see_counts() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO counts_seen SELECT times FROM suspect_messages; RETURN NEW; END $$;
CREATE TRIGGER seen BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION see_counts()
"""


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


def test_the_last_run_of_a_suspect_has_the_process_to_itself(intake: Intake) -> None:
    intake, message = replace(intake, solitude=Solitude(60)), delivery(event(), returns=SUSPECT_FROM)
    with transaction(intake.pool) as connection:
        for _ in range(POISON_AT - 2):
            count(connection, message.hash, now=clock(connection))
    with ThreadPoolExecutor(1) as thread:
        with intake.solitude.beside():
            running = thread.submit(accept, intake, [message])
            wait_until(lambda: intake.solitude.is_empty, "the suspect waits for what is under way")
            assert counted(intake) == POISON_AT - 2  # a death of this moment is not its own
        running.result(PATIENCE_S)

    assert row(intake.pool, "SELECT count(*) FROM events") == (1,)
    assert counted(intake) == 0


def test_nothing_begins_beside_a_suspect_that_is_judged() -> None:
    shared = Solitude(60)
    with ThreadPoolExecutor(1) as thread:
        with shared.emptied():
            beside = thread.submit(enter_beside, shared)
            with pytest.raises(TimeoutError):
                beside.result(IN_VAIN_S)
        assert beside.result(PATIENCE_S)


def test_what_does_not_end_keeps_a_judgement_waiting_but_not_for_ever() -> None:
    shared = Solitude(0.1)
    with shared.beside(), shared.emptied():
        pass
    assert enter_beside(shared)


def test_a_judgement_that_hangs_keeps_others_waiting_but_not_for_ever() -> None:
    shared = Solitude(60, judged_s=0.1)
    with shared.emptied():
        assert enter_beside(shared)


@pytest.mark.parametrize(("is_alone", "times"), [(True, POISON_AT - 1), (False, POISON_AT - 2)])
def test_a_last_run_counts_if_it_is_alone(intake: Intake, *, is_alone: bool, times: int) -> None:
    intake, message = replace(intake, solitude=Solitude(0.1)), delivery(event(), returns=SUSPECT_FROM)
    execute(intake.pool, COUNTS_SEEN)
    with transaction(intake.pool) as connection:
        for _ in range(POISON_AT - 2):
            count(connection, message.hash, now=clock(connection))

    with nullcontext() if is_alone else intake.solitude.kept():
        accept(intake, [message])

    assert row(intake.pool, "SELECT times FROM counts_seen") == (times,)


def enter_beside(shared: Solitude) -> bool:
    with shared.beside():
        return True


def counted(intake: Intake) -> int:
    return row(intake.pool, "SELECT coalesce(sum(times), 0)::integer FROM suspect_messages")[0]


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
