import pytest
from psycopg.errors import CheckViolation

from worker.core.privacy.retention import DAYS_MAX, DEFAULTS, KINDS
from worker.store.db.postgres import Connection, query_row
from worker.store.privacy.retention_days import days_of, save

NOTED = """
INSERT INTO audit (at, done_by, action, subject)
SELECT now() - %(days)s * interval '24 hours' + interval '1 hour' * (CASE WHEN is_kept THEN 1 ELSE -1 END),
    'Олена', 'pause', CASE WHEN is_kept THEN 'kept' ELSE 'gone' END
FROM unnest(ARRAY[TRUE, FALSE]) AS n(is_kept)
"""


def test_the_database_takes_what_the_core_does_and_no_less(acme: Connection, subtests: pytest.Subtests) -> None:
    for kind in KINDS:
        with subtests.test(kind.name):
            for days in (kind.least - 1, DAYS_MAX + 1):
                with pytest.raises(CheckViolation), acme.transaction():
                    save(acme, kind.name, days)
            save(acme, kind.name, kind.least)
            assert days_of(acme)[kind.name] == kind.least


def test_the_audit_is_kept_by_default_as_long_as_the_core_says(acme: Connection) -> None:
    acme.execute(NOTED, {"days": DEFAULTS["audit"]})

    assert query_row(acme, "SELECT purge_audit(now(), 100)") == (1,)
    assert acme.execute("SELECT subject FROM audit").fetchall() == [("kept",)]
