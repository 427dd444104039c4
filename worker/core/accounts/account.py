"""One CRM installation as the rules see it: its hours, senders, switches and texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from worker.core.accounts.price import Prices
from worker.core.accounts.settings import AccountSettings
from worker.core.texts.transliteration import AS_WRITTEN, Spelling
from worker.core.texts.viber_message import Options


@dataclass(frozen=True, slots=True)
class Rate:
    requests_per_s: float = 10.0
    segments_per_s: float | None = None


#: The codes of a proposal's and of an order's status that mean sent: in the ancestor of the CRM it is 4 for proposals.
SENT: Mapping[str, frozenset[str]] = {
    "proposal": frozenset({"4", "sent", "надіслано"}),
    "order": frozenset({"sent", "надіслано"}),
}


@dataclass(frozen=True, slots=True)
class Text:
    """The newest version of a template; `fails_on_holes` fails rows that lack a value outside of groups."""

    template: int
    version: int
    text: str
    fails_on_holes: bool = False
    viber: Options = field(default_factory=Options)


def text_in(texts: Mapping[str, Text], *locales: str) -> Text | None:
    """The text in the first of these languages that is there, a blank one (off) too; else any that is not blank."""
    for locale in locales:
        if locale in texts:
            return texts[locale]
    return next((text for text in texts.values() if text.text.strip()), None)


@dataclass(frozen=True, slots=True)
class Switch:
    """How an account uses one trigger; no text means off, and a blank one means off in its language.

    `is_resent_if_unconfirmed`: rather twice than never. Nobody gets texts about documents older than `age_max`.
    """

    channel: str
    texts: Mapping[str, Text]
    is_resent_if_unconfirmed: bool = False
    sent: Mapping[str, frozenset[str]] = field(default_factory=lambda: SENT)
    age_max: timedelta | None = None

    def text_in(self, *locales: str) -> Text | None:
        return text_in(self.texts, *locales)


@dataclass(frozen=True, slots=True)
class Custom:
    section: str
    texts: Mapping[str, Text]

    def text_in(self, *locales: str) -> Text | None:
        return text_in(self.texts, *locales)


@dataclass(frozen=True, slots=True)
class Limits:
    hour_max: int = 15
    day_max: int = 40
    same_text: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Timing:
    """When the clock sets off a trigger; each reads some of these.

    `before` are minutes, longest first; a record's own `remind_before` wins. `every_days` 0: one notice once the day is
    past, of `at_most` in all.
    """

    before: tuple[int, ...] = ()
    hour: int = 9 * 60
    days_before: tuple[int, ...] = ()
    after_days: int = 0
    every_days: int = 0
    at_most: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a day in hryvnias and segments; None is none. Texts beyond it wait if `is_stop`, else only alert."""

    cost: Decimal | None = None
    segments: int | None = None
    is_stop: bool = True


def budget_of(cost: Decimal | None, segments: int | None, over: str) -> Budget | None:
    return None if cost is None and segments is None else Budget(cost, segments, over == "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(AccountSettings):
    """Settings of an account and what is stored beside them.

    `timings` has the triggers that our clock sets off, those without a text too.
    """

    id: str
    switches: Mapping[str, Switch]
    prices: Prices = field(default_factory=Prices)
    customs: Mapping[str, Custom] = field(default_factory=dict[str, Custom])
    timings: Mapping[str, Timing] = field(default_factory=dict[str, Timing])
    budgets: Mapping[str, Budget] = field(default_factory=dict[str, Budget])

    @property
    def rate(self) -> Rate:
        return Rate(self.requests_per_s, self.segments_per_s)

    @property
    def limits(self) -> Limits:
        return Limits(self.person_hour_max, self.person_day_max, self.same_text)

    @property
    def budget(self) -> Budget | None:
        return budget_of(self.daily_budget, self.daily_segments, self.over_budget)

    @property
    def has_budgets(self) -> bool:
        return self.budget is not None or bool(self.budgets)

    def spelling_for(self, channel: str) -> Spelling:
        """Which spelling a text of this channel may have: in Viber a segment costs nothing."""
        return AS_WRITTEN if channel == "viber" else Spelling(self.plain_punctuation, self.transliterate)

    def is_resent_if_unconfirmed(self, trigger: str) -> bool:
        switch = self.switches.get(trigger)
        return switch is not None and switch.is_resent_if_unconfirmed
