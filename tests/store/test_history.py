from __future__ import annotations

import re

import pytest

from tests.store.right_rows import RIGHT, add, rows
from worker.store.history import NEWEST, NEWEST_OF_ACCOUNT, newest
from worker.store.postgres import Connection


def seed(connection: Connection) -> None:
    """Three old rows of acme under many of another account."""
    for number in range(1, 4):
        add(connection, "notifications", {"id": str(number)})
    right = {**RIGHT["notifications"], "account": "'crowded'", "id": "n"}
    rows(
        connection,
        f"INSERT INTO notifications ({', '.join(right)}) SELECT {', '.join(right.values())}"  # noqa: S608 (our own words)
        " FROM generate_series(10, 5000) AS n",
    )
    rows(connection, "ANALYZE notifications")


def plan(connection: Connection, statement: str, account: str) -> str:
    asked = statement.replace("%(account)s", f"'{account}'").replace("%(limit)s", "30")
    return "\n".join(line for (line,) in rows(connection, f"EXPLAIN {asked}"))


@pytest.mark.parametrize(("statement", "index"), [(NEWEST, "pkey"), (NEWEST_OF_ACCOUNT, "account_month_id_idx")])
def test_the_newest_are_read_from_an_index_in_its_order(acme: Connection, statement: str, index: str) -> None:
    seed(acme)

    found = plan(acme, statement, "crowded")

    assert re.search(rf"Index Scan Backward using notifications_2\d{{3}}_\d\d_{index}", found), found
    assert "Sort  (" not in found


def test_the_few_rows_of_a_small_account_are_not_sought_in_the_whole_table(acme: Connection) -> None:
    seed(acme)
    [(month,)] = rows(acme, "SELECT tableoid::regclass::text FROM notifications LIMIT 1")

    found = plan(acme, NEWEST_OF_ACCOUNT, "acme")

    assert f"{month}_account_month_id_idx" in found
    assert f"Seq Scan on {month}" not in found


def test_a_small_account_sees_its_own_and_everybody_sees_the_newest(acme: Connection) -> None:
    seed(acme)

    assert [told.id for told in newest(acme, account="acme", limit=30)] == [3, 2, 1]
    assert [told.id for told in newest(acme, account=None, limit=2)] == [5000, 4999]
