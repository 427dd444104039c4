import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest

from tests.store.right_rows import rows
from worker import store
from worker.store.db.postgres import Connection

#: Types that psycopg declares for values where the statement alone does not.
TYPES = {"wait": "::interval", "wait_max": "::interval"}
VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}


class Numbers(dict[str, str]):
    """Names of parameters as PostgreSQL counts them: the same name is the same number."""

    def __missing__(self, name: str) -> str:
        self[name] = f"${len(self) + 1}{TYPES.get(name, '')}"
        return self[name]


def statements() -> Iterator[tuple[str, str]]:
    """Every statement of the store, by its module and name."""
    for module in pkgutil.walk_packages(store.__path__, "worker.store."):
        for name, value in vars(import_module(module.name)).items():
            if name.isupper() and isinstance(value, str) and value.split(None, 1)[:1] and value.split()[0] in VERBS:
                yield f"{module.name.rpartition('.')[2]}.{name}", value


STATEMENTS = dict(statements())


def test_the_statements_of_the_store_are_collected() -> None:
    assert len(STATEMENTS) > 40
    assert {"transitions.MOVE", "attempts.HAND_OVER", "configuration.VERSION"} <= STATEMENTS.keys()


def test_every_statement_of_the_store_fits_the_schema(acme: Connection, subtests: pytest.Subtests) -> None:
    for name, statement in STATEMENTS.items():
        with subtests.test(name), acme.transaction():
            rows(acme, "PREPARE asked AS " + statement % Numbers())

            assert rows(acme, "SELECT count(*) FROM pg_prepared_statements WHERE name = 'asked'") == [(1,)]
            rows(acme, "DEALLOCATE asked")
