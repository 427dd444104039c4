"""What a trigger is made of: every column of the catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from worker.core.contract.attributes import Field
from worker.core.contract.data import Data
from worker.core.contract.readers import Money
from worker.core.lanes import lane_of

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unless:
    """A fact of the record that makes a text untrue; `values` are as `record_statuses.folded` makes them."""

    field: Field[Any]
    values: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """When this event comes, these people are written to; attributes are those of the record it speaks of.

    Attributes:
        window: `day` waits for the account's hours, `now` does not.
        life: from the event to the moment when the text is too old.
        dedupe: the business identity and its bucket, by the names of `dedupe_key.PARTS`.
        texts: by language; none where the event brings its own text or names a custom template.
        commented_by: the side that a comment must come from.
        becomes: the meaning of the status that the position must just have got; its codes are a setting.
        until: the moment after which the text is senseless: `event.day` is the end of that day, `deadline` the end
            of the last day while it is not past, however long that is; others are in `match.MOMENTS`.
        is_of_the_past: whether the text is untrue while the deadline lies ahead.
        author: what may hold the id of the colleague who did it and need not be written to.
        asks_for: the money it asks for, the first that is known counts.
        falls_back: whether the phone on the record counts where nobody who was named has one.
    """

    id: str
    event: str
    label: str
    recipient_kinds: frozenset[str]
    dedupe: tuple[str, ...]
    sections: tuple[str, ...]
    message_class: str = "transactional"
    window: str = "day"
    life: timedelta = DAY
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    commented_by: str | None = None
    becomes: str | None = None
    until: str | None = None
    deadline: Field[date | None] | None = None
    is_of_the_past: bool = False
    dated: Field[date | None] | None = None
    author: tuple[Field[str], ...] = ()
    muted: Callable[[Data], bool] | None = None
    unless: tuple[Unless, ...] = ()
    asks_for: tuple[Field[Money | None], ...] = ()
    falls_back: bool = False

    @property
    def lane(self) -> str:
        return lane_of(self.id)

    @property
    def asked(self) -> frozenset[str]:
        return frozenset(field.name for field in (*(unless.field for unless in self.unless), *self.asks_for))

    @property
    def is_free(self) -> bool:
        return not self.texts
