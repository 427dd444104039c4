from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.right_rows import rows
from tests.support.tries import tries
from worker.store.db.postgres import Connection, as_bodies


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=tries(50), deadline=None)
@given(bodies=st.lists(st.binary(max_size=300)))
def test_bodies_arrive_as_they_are_and_in_their_order(acme: Connection, bodies: list[bytes]) -> None:
    results = rows(
        acme, "SELECT body FROM unnest(%s::bytea []) WITH ORDINALITY AS b(body, nth) ORDER BY nth", as_bodies(bodies)
    )

    assert [body for (body,) in results] == bodies
