import re
from string import Formatter

import pytest

from worker.logs.formatter import FORBIDDEN
from worker.logs.sentences import SENTENCES, sentence_of

#: What lines of the worker's own doings name.
OF_WORK = ("attempts", "erasure", "outcome", "outcomes")


@pytest.mark.parametrize("action", sorted(SENTENCES))
def test_each_sentence_names_values_that_a_line_may_have(action: str) -> None:
    names = {name for _, name, _, _ in Formatter().parse(SENTENCES[action]) if name}

    assert names & FORBIDDEN == set()
    assert names <= {*("event_id", "account", "type", "count", "notification", "trigger", "reason"), *OF_WORK}
    assert re.fullmatch(r"[A-Z].*\.", sentence_of(action, {}))


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("worker.started", "Worker started."),
        ("postgresql.away", "PostgreSQL away: connection refused."),
        ("message_id.repeated", "Message id repeated."),
        ("alone", "Alone."),
    ],
)
def test_an_action_without_a_sentence_is_said_in_its_words(action: str, said: str) -> None:
    values = {"reason": "connection refused"} if action == "postgresql.away" else {}

    assert sentence_of(action, values) == said


def test_a_value_that_lacks_is_left_open() -> None:
    values = {"reason": "schema", "event_id": None}

    assert sentence_of("dead_letter.event", values).startswith("Event - of - was refused: schema.")


def test_braces_of_a_value_are_no_names() -> None:
    said = sentence_of("event.repeated", {"event_id": "{account}", "account": "acme", "type": "x"})

    assert said.startswith("Event {account} of acme (x)")
