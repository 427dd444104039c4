"""Any outcome, for properties."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from worker.core.outcomes.facts import BudgetOutcome, Facts, Named, PauseOutcome, RefusalOutcome, TextOutcome
from worker.core.outcomes.outcome import Outcome
from worker.core.outcomes.outcome_types import TYPES
from worker.core.outcomes.reason import Reason

#: Of PostgreSQL, which takes neither NUL nor half a character.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NAMES = TEXTS.filter(bool)
NAMED = st.builds(Named, NAMES, NAMES)
REASONS = st.builds(Reason, st.from_regex(r"[a-z_]+", fullmatch=True), NAMES, NAMES)
AMOUNTS = st.integers(0, 10**12).map(lambda number: Decimal(number).scaleb(-4))
MILLISECONDS = st.integers(0, 4 * 10**12).map(lambda number: timedelta(milliseconds=number))
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=3))])
MOMENTS = st.tuples(MILLISECONDS, ZONES).map(
    lambda pair: (datetime(1990, 1, 1, tzinfo=UTC) + pair[0]).astimezone(pair[1])
)
FACTS: dict[type[Facts], st.SearchStrategy[Facts]] = {
    TextOutcome: st.builds(
        TextOutcome,
        version=st.integers(1, 2**53),
        notification=st.just("2026-11/56"),
        event=NAMES,
        record=st.none() | NAMED,
        recipient=NAMED,
        client=st.none() | NAMES,
        trigger=NAMES,
        channel=st.sampled_from(["sms", "viber", "viber_then_sms"]),
        segments=st.integers(0, 20),
        price=st.none() | AMOUNTS,
        reason=st.none() | REASONS,
        phone=st.none() | st.just("+380671234567"),
        text=st.none() | TEXTS,
    ),
    PauseOutcome: st.builds(
        PauseOutcome,
        scope=st.sampled_from(["account", "trigger/order_created", "hand/lane/bulk"]),
        reason=REASONS,
        until=st.none() | MOMENTS,
        by=st.sampled_from(["operator", "system", None]),
    ),
    BudgetOutcome: st.builds(
        BudgetOutcome,
        trigger=st.none() | NAMES,
        budget=AMOUNTS,
        unit=st.sampled_from(["UAH", "segments"]),
        day=st.dates(),
    ),
    RefusalOutcome: st.builds(
        RefusalOutcome,
        event=st.none() | NAMES,
        event_type=st.none() | NAMES,
        reason=REASONS,
        dead_letter=st.integers(1, 2**53),
    ),
}


def outcomes_of(name: str) -> st.SearchStrategy[Outcome]:
    return st.builds(
        Outcome,
        id=st.integers(1, 2**53),
        account=st.just("acme"),
        type=st.just(name),
        at=MOMENTS,
        facts=FACTS[TYPES[name].data],
    )


OUTCOMES = st.sampled_from(list(TYPES)).flatmap(outcomes_of)
