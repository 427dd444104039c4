from tests.store.plans import PLANNERS, looked_at
from tests.store.right_rows import RIGHT, add, rows
from worker.store.db.postgres import Connection
from worker.store.monitoring.notification_history import NEWEST, NEWEST_OF_ACCOUNT, newest

LIMIT, MONTHS = 30, 12


def seed(connection: Connection) -> None:
    """Three old rows of acme under many of another account."""
    for number in range(1, 4):
        add(connection, "notifications", {"id": str(number)})
    right = {**RIGHT["notifications"], "account": "'crowded'", "id": "n"}
    rows(
        connection,
        f"INSERT INTO notifications ({', '.join(right)}) SELECT {', '.join(right.values())}"  # noqa: S608 (our own names)
        " FROM generate_series(10, 5000) AS n",
    )
    rows(connection, "ANALYZE notifications")


@PLANNERS
def test_a_page_of_the_newest_reads_only_its_own_rows(acme: Connection, planner: str) -> None:
    seed(acme)
    rows(acme, planner)

    for statement, account, most in (
        (NEWEST, None, LIMIT),
        (NEWEST_OF_ACCOUNT, "crowded", LIMIT),
        (NEWEST_OF_ACCOUNT, "acme", 3),
    ):
        read = looked_at(acme, statement, {"account": account, "limit": LIMIT}, "notifications")

        # And the first of each month, for the months are read side by side.
        assert 0 < read <= most + MONTHS, account


def test_a_small_account_sees_its_own_and_everybody_sees_the_newest(acme: Connection) -> None:
    seed(acme)

    assert [entry.id for entry in newest(acme, account="acme", limit=30)] == [3, 2, 1]
    assert [entry.id for entry in newest(acme, account=None, limit=2)] == [5000, 4999]
