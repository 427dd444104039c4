"""Whether a pooler is between us and PostgreSQL that keeps no session: it is refused by name, at the start."""

import select
from contextlib import closing
from math import ceil

import psycopg
from psycopg.rows import TupleRow

from worker.language import _
from worker.store.db.session import POOLER, UnfitError

WHO = "SELECT pg_backend_pid()"
#: Other clients of the pooler may take a server from under our eyes; hardly so often.
ROUNDS = 5
#: A second connection may wait in vain for a server: where sessions are pooled, all may be taken.
SECOND_S = 2.0


def insist_on_own_server(connection: psycopg.Connection[TupleRow], url: str) -> None:
    """Prove that this idle connection keeps its server to itself.

    Without a pooler the server that answers is the one that greeted us. With one, a second connection asks who
    answers it: our own server, while we are still here? Or were we given another one meanwhile? Poolers take the
    server that was used last, or each in turn; either way one of the two comes to light.

    Raises:
        UnfitError: another transaction may get another server: what is set, prepared or locked would be lost.
        psycopg.OperationalError: PostgreSQL is away meanwhile.
    """
    if asked(connection) == connection.info.backend_pid:
        return
    ours = {asked(connection), asked(connection)}
    for _round in range(ROUNDS):
        theirs = asked_beside(url)
        ours.add(asked(connection))
        if len(ours) > 1 or theirs in ours:
            raise UnfitError(_(POOLER))
        if theirs is None:
            return


def asked(connection: psycopg.Connection[TupleRow]) -> int:
    usual, connection.autocommit = connection.autocommit, True
    try:
        return next(int(pid) for (pid,) in connection.execute(WHO))
    finally:
        connection.autocommit = usual


def asked_beside(url: str) -> int | None:
    try:
        with closing(psycopg.connect(url, connect_timeout=ceil(SECOND_S), autocommit=True)) as second:
            second.pgconn.send_query(WHO.encode())
            poller = select.poll()
            poller.register(second.fileno(), select.POLLIN)
            if not poller.poll(SECOND_S * 1000):
                return None
            answer = second.pgconn.get_result()
            value = answer.get_value(0, 0) if answer and answer.ntuples else None
            return int(value) if value else None
    except psycopg.OperationalError:
        return None
