"""Group D: PostgreSQL dies, refuses, collides, or has another schema than the code."""

from tests.faults.harness.row import Row
from tests.faults.postgresql.deaths import answers_lost, collided, killed, terminated
from tests.faults.postgresql.full_disks import really_full
from tests.faults.postgresql.migrating import migrated_beside
from tests.faults.postgresql.refusals import disk_full, exhausted, locked, read_only
from tests.faults.postgresql.restores import restored
from tests.faults.postgresql.rolling_upgrade import rolled
from tests.faults.postgresql.schemas import migrators_killed, versions_apart

GROWTH = "ten million rows take longer to write than all the other rows to run: they belong to the figures of growth"

ROWS: tuple[Row, ...] = (
    Row("D1", "SIGKILL of PostgreSQL under load", killed, full=10, quick=1),
    Row("D2", "every backend terminated, again and again", terminated, full=20),
    Row("D3", "a COMMIT is carried out, its answer lost", answers_lost, full=20),
    Row("D4", "serialisation failures and deadlocks", collided, full=2),
    Row("D5", "no connection is left", exhausted, full=1),
    Row("D6", "the disk is full (53100, placed)", disk_full, full=2),
    Row("D6 disk", "the disk is full, a small one of its own", really_full, full=2),
    Row("D7", "PostgreSQL suddenly only reads", read_only, full=1),
    Row("D8", "a table is locked for 7 s; a slow provider", locked, full=1),
    Row("D9", "a newer schema, an older schema, a changed one", versions_apart, full=1),
    Row("D10", "migrate killed half-way, two at once", migrators_killed, full=3),
    Row("D12", "migrate under load, and beside a pg_dump of 40 s", migrated_beside, full=1),
    Row("D13", "v0.2.0 is replaced by this release under load, and put back", rolled, full=3),
    Row("D14", "the database is lost, and restored from a dump under load", restored),
    Row("D11", "tables of ten million rows", reason=GROWTH),
)
