"""The real client with a witness beside it: what leaves was stored before, and may leave."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import orjson
from psycopg.rows import class_row

from worker.store.db.postgres import Pool, transaction
from worker.turbosms.client import IsWanted, NoReply, Reply, TurboSms, always

STORED = """
SELECT account, body_hash, is_probe, created_at, cardinality(row_ids) AS width
FROM attempts WHERE key = %s
"""
PAUSED_ROWS = """
SELECT scope, since, probes FROM pauses WHERE account = %s AND scope IN ('account', 'provider')
"""


@dataclass(frozen=True, slots=True)
class Stored:
    account: str
    body_hash: bytes
    is_probe: bool
    created_at: datetime
    width: int


class Witness(TurboSms):
    """Looks at every POST before it leaves.

    Attributes:
        booked_at: when the repeats that are being made were booked; None where it is an attempt's first POST.
        posted: how many POSTs left since somebody looked.
        probes: how many of them were made while an account was paused, for each of its pauses.
    """

    def __init__(self, url: str, pool: Pool) -> None:
        super().__init__(url, deadline_s=20)
        self.booked_at: datetime | None = None
        self.posted = 0
        self.probes: Counter[tuple[str, str, datetime]] = Counter()
        self._ledger = pool

    def send(self, body: bytes, *, token: str, is_wanted: IsWanted = always) -> Reply | NoReply:
        self._look(body)
        return super().send(body, token=token, is_wanted=is_wanted)

    def send_multi(self, body: bytes, *, token: str, is_wanted: IsWanted = always) -> Reply | NoReply:
        # Built here again to look at each item; both sides of the comparison come from one program.
        items = [orjson.dumps(item) for item in orjson.loads(body).values()]
        self._look(*items)
        return super().send_multi(body, token=token, is_wanted=is_wanted)

    def _look(self, *bodies: bytes) -> None:
        self.posted += 1
        stored = [self._stored(body) for body in bodies]
        booked_at = self.booked_at or stored[0].created_at
        with transaction(self._ledger) as connection:
            rows = connection.execute(PAUSED_ROWS, [stored[0].account]).fetchall()
        for scope, since, probes in rows:
            if since > booked_at:
                continue
            assert [item.is_probe for item in stored] == [True], f"POSTed while {scope} is paused"
            assert self.booked_at or stored[0].width == 1, "probed with more than one row"
            pause = (stored[0].account, scope, since)
            self.probes[pause] += 1
            assert self.probes[pause] <= probes, f"probed {scope} more often than it was due"

    def _stored(self, body: bytes) -> Stored:
        with transaction(self._ledger) as connection, connection.cursor(row_factory=class_row(Stored)) as cursor:
            stored = cursor.execute(STORED, [orjson.loads(body)["sequence_id"]]).fetchone()
        assert stored is not None, "POSTed before its attempt was stored"
        assert stored.body_hash == hashlib.sha256(body).digest(), "POSTed other bytes than were stored"
        return stored
