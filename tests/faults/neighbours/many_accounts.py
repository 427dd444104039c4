"""Ten thousand accounts, with constant edits of some."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import count

from tests.faults.harness.environment import Stage
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.neighbours.neighbours import HOSTILE, beside
from tests.support.crm import execute
from tests.support.waiting import repeated

ACCOUNTS = 10_000
#: One copy of what so many set is 133 MB; with two of them a process would be over this.
MOST_KB = 400 * 1024
EDIT_EVERY_S = 0.5
PREFIX = "shop-"

EDITED = ("triggers", "templates", "template_versions")
#: As many accounts as asked for, each with everything that the first has.
CROWD = (
    "SET LOCAL statement_timeout = '5min'",
    # Each row of theirs would count as an edit of its account.
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in EDITED),
    """
INSERT INTO accounts (id, name, token, sms_sender, created_at)
SELECT %(prefix)s || nth, name, token, sms_sender, created_at
FROM accounts CROSS JOIN generate_series(1, %(count)s) AS nth
WHERE id = %(like)s
""",
    """
INSERT INTO triggers (account, trigger, switched_on)
SELECT %(prefix)s || nth, trigger, switched_on
FROM triggers CROSS JOIN generate_series(1, %(count)s) AS nth
WHERE account = %(like)s
""",
    """
WITH known AS (
    SELECT t.trigger, t.locale, v.version, v.text, v.author, v.created_at
    FROM templates AS t INNER JOIN template_versions AS v ON t.id = v.template
    WHERE t.account = %(like)s
),
added AS (
    INSERT INTO templates (account, trigger, locale)
    SELECT %(prefix)s || nth, trigger, locale FROM known CROSS JOIN generate_series(1, %(count)s) AS nth
    RETURNING id, trigger, locale
)
INSERT INTO template_versions (template, version, text, author, created_at)
SELECT added.id, version, text, author, created_at FROM added INNER JOIN known USING (trigger, locale)
""",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in EDITED),
    "ANALYZE",
)
EDIT = "UPDATE accounts SET name = 'Edited ' || %s WHERE id = %s"


def edited_all_the_time(stage: Stage, runs: int) -> Result:
    """Urgent texts of an account among ten thousand, alone and while others are edited."""
    crowd(stage, ACCOUNTS)
    stage.most_kb = MOST_KB
    return beside(stage, runs, attack=edits)


def crowd(stage: Stage, count: int) -> None:
    """So many accounts beside those that are there."""
    with stage.pool.connection() as connection:
        for statement in CROWD:
            named = {"prefix": PREFIX, "count": count, "like": HOSTILE}
            connection.execute(statement.encode(), named if "%(" in statement else None)


@contextmanager
def edits(stage: Stage, _fleet: Fleet) -> Generator[None]:
    """An edit of somebody else's account every now and then."""
    numbers = count(1)

    def edit() -> None:
        nth = next(numbers)
        execute(stage.pool, EDIT, nth, f"{PREFIX}{nth % ACCOUNTS + 1}")

    with repeated(edit, every_s=EDIT_EVERY_S, name="editor"):
        yield
