"""What can be measured, by name, and what `--only` asks for."""

import argparse
from collections.abc import Mapping

from tests.bench.peers.stage import PEERS

#: How ours POSTs: a text a request, or many in one, which is off by default.
MODES = ("send", "sendmulti")
FLOOR = "floor"
LATENCY, BURST, SCHEDULER, HISTORY, TENANTS = "latency", "burst", "scheduler", "history", "accounts"
API, CONSOLE, OUTCOMES = "api", "console", "outcomes"
#: In the order of a round: ours and the peers by turns, the floor behind `sendmulti`, whose rows it writes.
CONTENDERS = ("send", "dramatiq", "sendmulti", "celery_prefork", FLOOR, "celery_threads", "faststream")
PARTS = (*CONTENDERS, LATENCY, BURST, OUTCOMES, SCHEDULER, HISTORY, API, CONSOLE, TENANTS)
GROUPS: Mapping[str, tuple[str, ...]] = {"comparison": CONTENDERS, "peers": tuple(PEERS)}
assert set(CONTENDERS) == {*MODES, *PEERS, FLOOR}


def parts_of(text: str) -> tuple[str, ...]:
    """Names with commas between, as parts in the order in which they are measured.

    Raises:
        argparse.ArgumentTypeError: a name is none of them; the sentence has all.
    """
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in PARTS and name not in GROUPS:
            raise argparse.ArgumentTypeError(f"{name} is no part: use {', '.join((*PARTS, *GROUPS))}")
    asked = {part for name in names for part in GROUPS.get(name, (name,))}
    if FLOOR in asked:
        asked.add("sendmulti")
    return tuple(part for part in PARTS if part in asked)
