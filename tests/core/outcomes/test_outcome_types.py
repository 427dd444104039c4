import re
from pathlib import Path

from worker.core.accounts.outcome_names import OUTCOME_TYPES
from worker.core.outcomes.outcome_types import OF_STATES, TYPES
from worker.core.sending.notification_states import MOVES

SCHEMA = (Path(__file__).parents[3] / "sql/schema.sql").read_text()


def test_every_state_has_an_outcome_or_passes_by_itself() -> None:
    assert MOVES.keys() - OF_STATES.keys() == {"planned", "postponed", "sending", "sent"}
    assert OF_STATES.keys() <= MOVES.keys()


def test_every_outcome_of_a_state_is_a_type() -> None:
    of_texts = {name for name in TYPES if name.startswith("notification.")}

    assert set(OF_STATES.values()) == of_texts
    assert TYPES.keys() - of_texts == {"account.paused", "account.resumed", "budget.spent", "event.refused"}


def test_settings_and_schema_name_the_same_types() -> None:
    [known] = re.findall(r"outcomes_are_known CHECK (.*)", SCHEMA)

    assert tuple(TYPES) == OUTCOME_TYPES
    assert tuple(re.findall(r"'([a-z]+\.[a-z]+)'::text", known)) == OUTCOME_TYPES


def test_the_schema_writes_outcomes_of_the_same_states() -> None:
    [states] = re.findall(r"to_state IN \((.*?)\)", SCHEMA, re.DOTALL)

    assert set(re.findall(r"'(\w+)'", states)) == OF_STATES.keys()
    assert {state: type_ for state, type_ in OF_STATES.items() if type_ != f"notification.{state}"} == {
        "refused": "notification.failed"
    }
    assert "CASE m.to_state WHEN 'refused' THEN 'failed' ELSE m.to_state END" in SCHEMA
