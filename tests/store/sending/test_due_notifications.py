from collections import Counter

import pytest

from tests.store.right_rows import RIGHT, rows
from worker.store.db.postgres import Connection, clock
from worker.store.sending.due_notifications import release


def crowd(connection: Connection, *, accounts: int, each: int) -> None:
    """Accounts `crowd-1` … with this many due rows each."""
    rows(
        connection,
        "INSERT INTO accounts (id, name, token, sms_sender, created_at)"
        " SELECT 'crowd-' || n, 'x', 'x', 'x', now() FROM generate_series(1, %s) AS n",
        accounts,
    )
    right = {**RIGHT["notifications"], "account": "'crowd-' || a", "id": "a * 1000 + n"}
    rows(
        connection,
        f"INSERT INTO notifications ({', '.join(right)}) SELECT {', '.join(right.values())}"  # noqa: S608 (our own names)
        " FROM generate_series(1, %s) AS a, generate_series(1, %s) AS n",
        accounts,
        each,
    )


def released(connection: Connection, *, total: int) -> Counter[str]:
    released_rows = release(connection, "normal", slice_=5, now=clock(connection), total=total)
    return Counter(row.account for row in released_rows)


def test_many_accounts_share_what_one_statement_releases(acme: Connection) -> None:
    crowd(acme, accounts=10, each=8)

    assert released(acme, total=20) == {f"crowd-{number}": 2 for number in range(1, 11)}


@pytest.mark.parametrize("total", [7, 20, 33])
def test_rows_left_by_a_statement_are_released_by_the_next(acme: Connection, total: int) -> None:
    crowd(acme, accounts=10, each=8)
    everything: Counter[str] = Counter()

    while counts := released(acme, total=total):
        assert counts.total() <= total
        everything += counts

    assert everything == {f"crowd-{number}": 8 for number in range(1, 11)}


def test_when_others_are_done_a_crowded_account_gets_its_whole_slice(acme: Connection) -> None:
    crowd(acme, accounts=10, each=2)
    rows(acme, "UPDATE notifications SET account = 'crowd-1' WHERE account <> 'crowd-2'")

    assert released(acme, total=8) == {"crowd-1": 4, "crowd-2": 2}
    assert released(acme, total=8) == {"crowd-1": 5}
