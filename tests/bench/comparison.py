"""Ours and the peers by turns, and the hand-written floors: each turn on a stage of its own, in every round anew."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.floor.rows import keep, per_event, rows_of, tally_of
from tests.bench.floor.stage import floor_stage
from tests.bench.measure import MemoryFigures, Throughput, memory_of, throughput, warm
from tests.bench.parts import FLOOR, FLOORS, MODES
from tests.bench.peers.stage import peer_stage
from tests.bench.servers import Servers
from tests.bench.stage import Layout, Stage, busy, stage_of

Watch = Callable[[Stage, str, int], AbstractContextManager[object] | None]


@dataclass(slots=True)
class Comparison:
    """Who takes part, with how many events, and what came of it, round by round."""

    servers: Servers
    layout: Layout
    folder: Path
    events: Mapping[str, int]
    warm: int
    watch: Watch
    rounds: dict[str, list[Throughput]] = field(default_factory=dict[str, list[Throughput]])
    memory: dict[str, list[MemoryFigures]] = field(default_factory=dict[str, list[MemoryFigures]])
    rows: Mapping[str, object] = field(default_factory=dict[str, object])
    faults: list[str] = field(default_factory=list[str])

    def run(self, names: Sequence[str], rounds: int, echo: Callable[[str], None]) -> None:
        """Every second round begins with whom the one before ended with, but the floors follow their rows."""
        for nth in range(rounds):
            for name in names if nth % 2 == 0 else reversed(names):
                result = self.turn(name)
                self.rounds.setdefault(name, []).append(result)
                figures = f"{result.events_per_s:.0f} events/s, {result.own_cpu_ms:.3f} ms an event"
                echo(f"round {nth + 1}, {name}: {figures}, others {result.others_share:.0%}")

    def turn(self, name: str) -> Throughput:
        """One backlog of one of them."""
        with self.stage(name) as stage:
            before = tally_of(stage.pool)
            warm(stage, self.warm)
            events = self.events[name]
            result = throughput(stage, events, watch=self.watch(stage, name, events))
            self.faults += [f"{name}: {fault}" for fault in stage.faults()]
            if name in MODES:
                self.memory.setdefault(name, []).append(memory_of(stage.ours))
            if name == "sendmulti" and not self.rows:
                tables = rows_of(stage, before, self.warm + self.events[FLOOR])
                self.rows = per_event(tables)
                keep(tables, self.rows_file)
        return result

    @property
    def rows_file(self) -> Path:
        return self.folder / "rows.json"

    def stage(self, name: str) -> AbstractContextManager[Stage]:
        """Its stage."""
        if name in MODES:
            return stage_of(self.servers, name, self.layout, self.folder, prepare=busy(name, self.layout))
        if name in FLOORS:
            return floor_stage(self.servers, self.rows_file, self.folder, mode=FLOORS[name])
        return peer_stage(self.servers, name, self.folder)
