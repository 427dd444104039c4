"""What a trigger is made of: every column of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unless:
    """A fact of the record that makes a text untrue: never sent, with this reason.

    `values` are as `core.statuses.folded` makes them.
    """

    field: str
    values: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """When this event, tell these people. Paths lead into an event's `data`.

    Attributes:
        record: the record the event speaks of, or the path where the event names its kind; None where it has none.
        hears: kinds of recipients.
        kind: `transactional`, `staff` or `marketing`.
        window: `day` waits for the account's hours, `now` does not.
        life: from the event to the moment when the text is too old.
        dedupe: paths of the business identity and its bucket; core.identity knows the ones that are no plain paths.
        texts: by language; none where the event brings its own text or names a custom template.
        when: a path and the value it must have.
        becomes: the meaning of the status that the position must just have got; its codes are a setting.
        until: the moment after which the text is senseless; `event.day` is the end of that day, and `deadline` the end
            of the last day while it is not past, however long that is.
        deadline: a day that the wording follows.
        is_of_the_past: whether the text is untrue while the deadline lies ahead.
        dated: the day of the document, for accounts that do not write about old ones.
        author: where the id of the colleague may stand who did it and need not be told.
        muted: a flag by which the CRM asks to tell nobody.
        asks_for: fields of the record that hold the money it asks for, the first that is known counts.
        falls_back: whether the phone on the record counts where nobody who was named has one.
    """

    id: str
    event: str
    record: str | None
    label: str
    hears: frozenset[str]
    kind: str
    lane: str
    window: str
    life: timedelta
    dedupe: tuple[str, ...]
    sections: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    when: tuple[str, str] | None = None
    becomes: str | None = None
    until: str | None = None
    deadline: str | None = None
    is_of_the_past: bool = False
    dated: str | None = None
    author: tuple[str, ...] = ()
    muted: str | None = None
    unless: tuple[Unless, ...] = ()
    asks_for: tuple[str, ...] = ()
    falls_back: bool = False

    @property
    def asked(self) -> frozenset[str]:
        """The fields of the record that may make its text untrue."""
        return frozenset({unless.field for unless in self.unless} | {*self.asks_for})

    @property
    def is_free(self) -> bool:
        """Whether its text comes with the event."""
        return not self.texts
