"""What a dry run came to, in words."""

from collections.abc import Iterator, Mapping

from worker.core.history.reason_words import words_of
from worker.language import of_pair

#: What the states of a claimed text mean before it has gone.
BEGINNINGS: Mapping[str, str] = {
    "sending": "would go at once",
    "planned": "would wait until the account goes on",
    "postponed": "would wait",
    "cancelled": "would be cancelled",
    "expired": "would be too late",
    "skipped": "would not go",
    "failed": "would fail",
    "sent_before": "got the same words today: left alone (--again sends to them too)",
}


def outcome_lines(counts: Mapping[str, int]) -> Iterator[str]:
    """`12 would wait: it waits for the hours of day`, the most first."""
    for outcome, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        state, _, reason = outcome.partition("/")
        beginning = BEGINNINGS.get(state, state)
        why = of_pair(words_of(state, reason, {})) if reason and state != "sending" else ""
        yield f"{count} {beginning}{': ' if why else ''}{why}"
