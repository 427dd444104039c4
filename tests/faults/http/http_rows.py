"""Group H: silent connections to the servers of callbacks and of health."""

from functools import partial

from tests.faults.harness.row import Row
from tests.faults.http.silent_crowds import AT_44, AT_1024, CALLERS, at_callbacks, at_health

ROWS: tuple[Row, ...] = (
    Row("H1", "2,000 silent connections to the door of callbacks", partial(at_callbacks, size=CALLERS)),
    Row("H2", "1,300 of them where 1,024 files may be open", partial(at_callbacks, size=AT_1024, files=1_024)),
    Row("H3", "40 silent connections to a door of health", partial(at_health, size=AT_44)),
    Row("H4", "the same where 44 files may be open", partial(at_health, size=AT_44, files=44)),
)
