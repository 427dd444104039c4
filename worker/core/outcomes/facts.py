"""What outcomes hold: each of these is the `data` of a CloudEvent, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from worker.core.outcomes.reason import Reason
from worker.core.spending.alert import AccountAlert

Channel = Literal["sms", "viber", "viber_then_sms"]
Unit = Literal["UAH", "segments"]
By = Literal["operator", "system"]
#: As JSON spells an amount of hryvnias: a string, so that no program rounds it.
HRYVNIAS = r"^\d+(\.\d+)?$"
#: Given only where the account says so; left out otherwise.
DETAILS = frozenset({"phone", "text"})


@dataclass(frozen=True, slots=True)
class Named:
    """A person or a record as the CRM calls them."""

    kind: Annotated[str, Field(description="`contact`, `lead`, `invoice`, `booking` …")]
    id: Annotated[str, Field(description="The CRM's own id.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOutcome:
    """What became of one notification."""

    version: Annotated[
        int, Field(description="Grows with each change of this notification: what has a smaller one is older.")
    ]
    notification: Annotated[str, Field(description="Its id, as commands and the API take it.")]
    event: Annotated[str, Field(description="The id of the event that it was made for.")]
    record: Annotated[Named | None, Field(description="The record that it is about.")]
    recipient: Annotated[Named, Field(description="The person that it is for.")]
    client: Annotated[str | None, Field(description="The client of the CRM that the person belongs to.")]
    trigger: Annotated[str, Field(description="The trigger that wrote it.")]
    channel: Annotated[Channel, Field(description="How it was to go.")]
    segments: Annotated[int, Field(description="How many segments its SMS has.")]
    price: Annotated[
        Decimal | None,
        Field(description="Hryvnias that TurboSMS took for it; null where it has not said by then: ask the API later."),
    ]
    reason: Annotated[Reason | None, Field(description="Why, where it did not go as it should.")]
    phone: Annotated[str | None, Field(description="In E.164 form, only where the account says so.")] = None
    text: Annotated[str | None, Field(description="Only where the account says so.")] = None

    @property
    def subject(self) -> str:
        return self.notification


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseOutcome:
    """Something of the account stands still, or goes on."""

    scope: Annotated[
        str,
        Field(
            description="`account`, `provider`, `viber`, `trigger/…`, `person`; what a person paused: `hand…`, "
            "of every account `all…`. Each is resumed alone."
        ),
    ]
    reason: Annotated[Reason, Field(description="Why it was paused.")]
    until: Annotated[
        datetime | None, Field(description="When it ends by itself, where that is known; or did, where it did.")
    ]
    by: Annotated[By | None, Field(description="Who did it, where that is known.")]

    @property
    def subject(self) -> str:
        return self.scope


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOutcome:
    """A budget of one day is spent."""

    trigger: Annotated[str | None, Field(description="The trigger whose budget it is; null: the account's.")]
    budget: Annotated[Decimal, Field(description="How much it is, a whole number where it is of segments.")]
    unit: Annotated[Unit, Field(description="What it is counted in.")]
    day: Annotated[date, Field(description="The day, by the account's clocks.")]

    @property
    def subject(self) -> str:
        return f"trigger/{self.trigger}" if self.trigger else "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalOutcome:
    """An event was refused; a person looks at its dead letter."""

    event: Annotated[str | None, Field(description="Its id, where one could be read.")]
    event_type: Annotated[str | None, Field(description="Its type, where one could be read.")]
    reason: Annotated[Reason, Field(description="Why it was refused.")]
    dead_letter: Annotated[int, Field(description="The number of its dead letter: perfectum-sms dead show.")]

    @property
    def subject(self) -> str:
        return self.event or f"dead-letter/{self.dead_letter}"


Facts = TextOutcome | PauseOutcome | BudgetOutcome | RefusalOutcome


def budget_outcome(alert: AccountAlert) -> BudgetOutcome:
    """The outcome of an alert that a budget is spent: of two limits the one that more is spent of."""
    facts = alert.facts
    limits: dict[Unit, tuple[str, str]] = {
        "UAH": ("budget", "spent"),
        "segments": ("budget_segments", "spent_segments"),
    }
    unit = max(limits, key=lambda unit: share(facts, *limits[unit]))
    trigger = facts.get("trigger")
    return BudgetOutcome(
        trigger=str(trigger) if trigger else None,
        budget=amount(facts, limits[unit][0]) or Decimal(0),
        unit=unit,
        day=date.fromisoformat(alert.subject.partition(" ")[0]),
    )


def share(facts: Mapping[str, object], limit: str, spent: str) -> Decimal:
    """How much of a limit is spent; less than nothing where there is no such limit."""
    most = amount(facts, limit)
    return (amount(facts, spent) or Decimal(0)) / most if most else Decimal(-1)


def amount(facts: Mapping[str, object], name: str) -> Decimal | None:
    value = facts.get(name)
    return None if value is None else Decimal(str(value))
