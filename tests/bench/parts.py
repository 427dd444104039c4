"""What can be measured, by name, and what `--only` asks for."""

import argparse
from collections.abc import Mapping

from tests.bench.peers.stage import PEERS

#: How ours POSTs: a text a request, or many in one, which is off by default.
MODES = ("send", "sendmulti")
FLOOR, FLOOR_SINGLE = "floor", "floor_single"
#: Loops without a framework, and whose way of POSTing each has.
FLOORS: Mapping[str, str] = {FLOOR: "sendmulti", FLOOR_SINGLE: "send"}
LATENCY, BURST, SCHEDULER, HISTORY, TENANTS = "latency", "burst", "scheduler", "history", "accounts"
API, CONSOLE, OUTCOMES = "api", "console", "outcomes"
#: In the order of a round: ours and the peers by turns, the floors behind `sendmulti`, whose rows they write.
CONTENDERS = ("send", "dramatiq", "sendmulti", "celery_prefork", *FLOORS, "celery_threads", "faststream")
PARTS = (*CONTENDERS, LATENCY, BURST, OUTCOMES, SCHEDULER, HISTORY, API, CONSOLE, TENANTS)
GROUPS: Mapping[str, tuple[str, ...]] = {"comparison": CONTENDERS, "peers": tuple(PEERS)}
assert set(CONTENDERS) == {*MODES, *PEERS, *FLOORS}


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
    asked |= {mode for floor, mode in FLOORS.items() if floor in asked}
    if asked & FLOORS.keys():
        asked.add("sendmulti")
    return tuple(part for part in PARTS if part in asked)
