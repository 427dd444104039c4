"""Group B: schedulers that die, freeze, are many or are away, and what they publish that nobody takes."""

from tests.faults.harness.row import Row
from tests.faults.schedulers import hearing
from tests.faults.schedulers.missed_moments import blocked, crowded, down, moved, refused, unroutable
from tests.faults.schedulers.schedulers import at_once, cut_off, flapping, frozen, hung, killed

ROWS: tuple[Row, ...] = (
    Row("B1", "five schedulers at once, 10,000 moments at once", at_once, full=10),
    Row("B2", "SIGKILL of any of five at any boundary, 200 moments for each kill", killed, full=50, quick=2),
    Row("B3", "PostgreSQL ends every session of five schedulers", cut_off, full=15),
    Row("B3 frozen", "SIGSTOP of four of five past their leases, SIGCONT", frozen, full=4),
    Row("B4", "a statement hangs on a lock for 8 s", hung, full=2),
    Row("B5", "no scheduler for 6 hours", down),
    Row("B6", "meetings moved or cancelled once their reminders wait", moved),
    Row("B7 unroutable", "the event queue is deleted, and only schedulers can declare it", unroutable, full=3),
    Row("B7 refused", "the event queue is full and refuses", refused),
    Row("B7 blocked", "a memory alarm blocks whoever publishes", blocked, full=2),
    Row("B8", "20,000 moments at once for one scheduler", crowded, full=20),
    Row("B9", "the only scheduler is killed every 2 s", flapping, full=15),
    Row("B10 killed", "SIGKILL of a scheduler between an outcome's confirm and its delete", hearing.killed, full=20),
    Row("B10 frozen", "SIGSTOP of two schedulers of three past their locks, SIGCONT", hearing.frozen, full=10),
    Row("B10 cut off", "RabbitMQ is cut off while CRMs are told", hearing.cut_off, full=10),
    Row("B10 full", "a queue of one CRM is full and refuses", hearing.full),
)
