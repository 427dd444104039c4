from worker.core.accounts.outcome_names import OUTCOME_TYPES
from worker.core.outcomes.outcome_types import OF_STATES, TYPES
from worker.core.sending.notification_states import MOVES


def test_every_state_has_an_outcome_or_passes_by_itself() -> None:
    assert MOVES.keys() - OF_STATES.keys() == {"planned", "postponed", "sending", "sent"}
    assert OF_STATES.keys() <= MOVES.keys()


def test_every_outcome_of_a_state_is_a_type() -> None:
    of_texts = {name for name in TYPES if name.startswith("notification.")}

    assert set(OF_STATES.values()) == of_texts
    assert TYPES.keys() - of_texts == {"account.paused", "account.resumed", "budget.spent", "event.refused"}


def test_settings_name_the_same_types_without_reading_all_of_this() -> None:
    assert tuple(TYPES) == OUTCOME_TYPES
