from tests.steps.privacy.test_erase import FIRST, SETTLED, forget, holds, known_everywhere
from tests.support.crm import execute, row
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.store.db.postgres import Pool

ENTERED = "SELECT count(*) FROM search_entries WHERE words LIKE %s"


def test_a_search_forgets_who_is_erased_at_once_and_for_ever(intake: Intake, sender: Sender, pool: Pool) -> None:
    hashes = known_everywhere(intake, sender)
    execute(pool, SETTLED)
    execute(pool, "UPDATE notifications SET created_at = created_at - interval '10 minutes'")
    fill_search_index(pool)
    assert row(pool, ENTERED, f"%{FIRST.casefold()}%") >= (1,)

    forget(pool)
    at_once = holds(pool, hashes)
    fill_search_index(pool)

    assert (at_once, holds(pool, hashes)) == ([], [])


def test_a_search_forgets_who_is_erased_after_their_text_was_cleared(
    intake: Intake, sender: Sender, pool: Pool
) -> None:
    """Bodies may be kept for longer than texts."""
    known_everywhere(intake, sender)
    execute(pool, SETTLED)
    execute(pool, "UPDATE notifications SET created_at = created_at - interval '10 minutes', text = '', phone = NULL")
    fill_search_index(pool)
    assert row(pool, ENTERED, f"%{FIRST.casefold()}%") >= (1,)

    forget(pool)
    at_once = row(pool, ENTERED, f"%{FIRST.casefold()}%")
    fill_search_index(pool)

    assert (at_once, row(pool, ENTERED, f"%{FIRST.casefold()}%")) == ((0,), (0,))
