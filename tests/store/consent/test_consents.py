from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from tests.store.ingest.test_records import SHARED, START, cut
from tests.support.crm import row
from worker.core.planning.consent import Statement
from worker.core.triggers.match import RecordRef
from worker.store.db.postgres import Pool, transaction
from worker.store.ingest.write_batch import Arriving, write

KEPT = "SELECT given, event_id, agreed_event_id FROM consents WHERE id = %s"


def statement(nth: int, *, id_: str, given_: bool | None, ordered_by: str = "time") -> Statement:
    version, minute = (nth, -nth) if ordered_by == "version" else (None, nth)
    return Statement("acme", RecordRef("contact", id_, version, START + timedelta(minutes=minute)), given_, f"e{nth}")


def keep(pool: Pool, *batches: Sequence[Statement]) -> None:
    for batch in batches:
        with transaction(pool) as connection:
            write(connection, Arriving(statements=batch), month=START.date().replace(day=1), now=START)


@SHARED
@given(
    st.permutations(range(5)),
    st.sets(st.integers(1, 4)),
    st.sampled_from(["version", "time"]),
    st.lists(st.sampled_from([True, False, None]), min_size=5, max_size=5),
)
def test_the_newest_statement_is_kept_in_any_order_and_batches(
    acme_pool: Pool, order: list[int], ends: set[int], ordered_by: str, arguments: list[bool | None]
) -> None:
    id_ = uuid4().hex
    statements = [statement(nth, id_=id_, given_=arguments[nth], ordered_by=ordered_by) for nth in order]

    keep(acme_pool, *cut(statements, ends))

    assert row(acme_pool, KEPT, id_)[:2] == (arguments[4], "e4")


def test_a_consent_that_was_taken_back_can_still_be_proved(acme_pool: Pool) -> None:
    keep(acme_pool, [statement(1, id_="17", given_=True)], [statement(2, id_="17", given_=False)])
    keep(acme_pool, [statement(1, id_="18", given_=True), statement(2, id_="18", given_=False)])

    assert row(acme_pool, KEPT, "17") == row(acme_pool, KEPT, "18") == (False, "e2", "e1")
