"""Bodies as one parameter: bytes travel as they are, where a text is escaped here and read letter by letter there."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

BYTEA = psycopg.adapters.types["bytea"]


class Bodies(bytes):
    """An array of bytes in PostgreSQL's binary form."""


class BodiesDumper(Dumper):
    """https://www.psycopg.org/psycopg3/docs/advanced/adapt.html."""

    format = Format.BINARY
    oid = BYTEA.array_oid

    def dump(self, obj: Bodies) -> bytes:
        return obj


psycopg.adapters.register_dumper(Bodies, BodiesDumper)


def as_bodies(bodies: Iterable[bytes]) -> Bodies:
    """Bodies in the binary form of `bytea []`, for unnest beside their rows.

    It is what `array_recv` of PostgreSQL's arrayfuncs.c reads: how many dimensions, whether there are nulls, the type,
    the number and the first index of the elements; then each of them after its length.
    """
    elements = list(bodies)
    head = struct.pack("!5i", 1, 0, BYTEA.oid, len(elements), 1)
    return Bodies(head + b"".join(len(body).to_bytes(4, "big") + body for body in elements))
