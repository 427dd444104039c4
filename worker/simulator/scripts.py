"""Scripts: what a test orders for requests or messages to come, for how many of them, and how often it has happened."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import NonNegativeInt, PositiveInt

from worker.simulator.settings import Strict


class Script(Strict):
    """For `times` matching requests or messages (null is until cleared), `after` so many have passed unharmed."""

    times: PositiveInt | None = 1
    after: NonNegativeInt = 0


S = TypeVar("S", bound=Script)


@dataclass(slots=True)
class Armed(Generic[S]):
    """A script with the number of matches it has seen and of those it has fired for."""

    script: S
    seen: int = 0
    fired: int = 0

    def to_json(self) -> Mapping[str, object]:
        return self.script.model_dump() | {"seen": self.seen, "fired": self.fired}


def first_to_fire(armed: Iterable[Armed[S]], matches: Callable[[S], bool]) -> S | None:
    """Count one more request or message with each live script that matches it, up to the first that fires."""
    for item in armed:
        script = item.script
        if (script.times is not None and item.fired >= script.times) or not matches(script):
            continue
        item.seen += 1
        if item.seen > script.after:
            item.fired += 1
            return script
    return None
