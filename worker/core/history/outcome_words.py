"""What a dry run came to, in words."""

from collections.abc import Iterator, Mapping

from worker.core.history.sentences.reason import words_of
from worker.language import _, marked, of_pair

#: What the states of a claimed text mean before it has gone.
BEGINNINGS: Mapping[str, str] = {
    "sending": marked("would go at once"),
    "planned": marked("would wait until the account goes on"),
    "postponed": marked("would wait"),
    "cancelled": marked("would be cancelled"),
    "expired": marked("would be too late"),
    "skipped": marked("would not go"),
    "failed": marked("would fail"),
    "sent_before": marked("got the same words today: left alone (--again sends to them too)"),
}


def outcome_lines(counts: Mapping[str, int]) -> Iterator[str]:
    """`12 would wait: it waits for the hours of day`, the most first."""
    for outcome, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        state, _slash, reason = outcome.partition("/")
        beginning = _(BEGINNINGS.get(state, state))
        why = of_pair(words_of(state, reason, {})) if reason and state != "sending" else ""
        yield f"{count} {beginning}{': ' if why else ''}{why}"
