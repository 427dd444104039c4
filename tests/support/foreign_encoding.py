"""Databases that are not in UTF-8."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import closing, contextmanager

import psycopg
from psycopg import sql


@contextmanager
def encoded_database(server: str, encoding: str) -> Generator[str]:
    """One of this encoding, gone afterwards."""
    name = f"sms_test_{encoding.lower()}_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE 'C' LC_CTYPE 'C'")
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(create.format(sql.Identifier(name), sql.Literal(encoding)))
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
