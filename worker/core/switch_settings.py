"""What an admin may set of one trigger beside its channel and texts: `triggers.settings`, as JSON and as values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from worker.core.account import SENT
from worker.core.rule import Trigger


def split(value: object) -> object:
    """Codes as a list, or in one string with commas between them, as people write them."""
    return [code.strip() for code in value.split(",")] if isinstance(value, str) else value


Code = Annotated[str, Field(min_length=1, max_length=100)]
Codes = Annotated[list[Code], Field(min_length=1, max_length=50), BeforeValidator(split)]


class SwitchSettings(BaseModel):
    """The settings of a trigger; what is not given keeps its default.

    Attributes:
        sent_proposal: the codes of a proposal's status that mean sent.
        sent_order: the codes of an order's status that mean sent.
        max_age_days: nobody is told of a document that is older.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sent_proposal: Codes | None = None
    sent_order: Codes | None = None
    max_age_days: Annotated[int, Field(ge=1, le=36_500)] | None = None

    @property
    def sent(self) -> Mapping[str, frozenset[str]]:
        """The codes that mean sent, by kind of record."""
        given = {"proposal": self.sent_proposal, "order": self.sent_order}
        codes = {kind: frozenset(code.casefold() for code in found) for kind, found in given.items() if found}
        return MappingProxyType({**SENT, **codes}) if codes else SENT

    @property
    def age_max(self) -> timedelta | None:
        """How old a document may be."""
        return None if self.max_age_days is None else timedelta(days=self.max_age_days)


def names_for(trigger: Trigger) -> frozenset[str]:
    """The settings that mean something for this trigger."""
    names = {"sent_proposal", "sent_order"} if trigger.becomes else set[str]()
    return frozenset(names | {"max_age_days"} if trigger.dated else names)


def read(settings: object) -> SwitchSettings:
    """The settings as they lie in the database; if they do not fit they count as not given, for texts must go on."""
    try:
        return SwitchSettings.model_validate(settings)
    except ValidationError:
        return SwitchSettings()
