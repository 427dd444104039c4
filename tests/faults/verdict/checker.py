"""Joins the evidence and judges what was lost, doubled or came out wrong; a pure function of the evidence.

- I1: every confirmed event is sent to each of its people, ends as its fate allows, or is a dead letter.
- I2: the provider has at most one message for each event and person.
- I3: every message of the provider belongs to an attempt that we stored under its key.
- I5: every dead letter has a reason, a detail, times and the head of its bytes.
- Nothing still waits, in rows or in queues.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.harness.events import MARK, POSTED_STATES, Publication
from tests.faults.verdict.evidence import Evidence, Message, Notification, SeenDeadLetter

#: Sentences of a kind that are shown.
SHOWN = 10

WAITING = frozenset({"planned", "postponed", "sending"})
#: The provider may have it or not.
IN_DOUBT = frozenset({"unconfirmed"})

Person = tuple[str, str]


@dataclass(slots=True)
class Verdict:
    """Sentences of what is not as promised; marks name the events, and no phone is in them."""

    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def summary_lines(self, bound: int | None = None) -> list[str]:
        """The first sentences of each kind; doubles within the bound are no faults."""
        sentences = {"lost": self.lost, "doubled": self.doubled, "wrong": self.wrong}
        if bound is not None and len(self.doubled) <= bound:
            del sentences["doubled"]
        return [f"{name}: {sentence}" for name, every in sentences.items() for sentence in every[:SHOWN]]


@dataclass(frozen=True, slots=True)
class Joined:
    """The evidence by event and person: a mark and a phone."""

    notifications: Mapping[Person, Sequence[Notification]]
    messages: Mapping[Person, Sequence[Message]]
    dead_letters: Mapping[str | bytes, Sequence[SeenDeadLetter]]


def judge(evidence: Evidence) -> Verdict:
    """Everything that is not as promised."""
    verdict = Verdict()
    joined = join(evidence)
    for publication in evidence.confirmed:
        if publication.fate.dead:
            judge_dead(publication, evidence, joined, verdict)
        else:
            judge_posts(publication, evidence, joined, verdict)
    judge_doubled(evidence, joined, verdict)
    verdict.wrong += strangers(evidence, joined)
    verdict.wrong += leftovers(evidence)
    return verdict


def join(evidence: Evidence) -> Joined:
    """Index it."""
    notifications: dict[Person, list[Notification]] = defaultdict(list)
    messages: dict[Person, list[Message]] = defaultdict(list)
    dead_letters: dict[str | bytes, list[SeenDeadLetter]] = defaultdict(list)
    for row in evidence.notifications:
        notifications[mark_of(row.text), row.phone].append(row)
    for message in evidence.messages:
        messages[mark_of(message.text), message.recipient].append(message)
    for dead_letter in evidence.dead_letters:
        dead_letters[dead_letter.hash].append(dead_letter)
        if dead_letter.event_id:
            dead_letters[dead_letter.event_id].append(dead_letter)
    return Joined(notifications, messages, dead_letters)


def mark_of(text: str) -> str:
    """The event that a text speaks of; empty if it bears no mark."""
    match = MARK.search(text)
    return match[0] if match else ""


def judge_dead(publication: Publication, evidence: Evidence, joined: Joined, verdict: Verdict) -> None:
    """It must be a dead letter, for the reason it has."""
    dead_letters = dead_letters_of(publication, joined)
    if any(dead_letter.reason in publication.fate.dead for dead_letter in dead_letters):
        return
    if dead_letters:
        verdict.wrong.append(f"{publication.mark}: a dead letter, but {dead_letters[0].reason}")
    elif publication.id in evidence.events:
        verdict.wrong.append(f"{publication.mark}: accepted, and should be a dead letter")
    else:
        verdict.lost.append(f"{publication.mark}: no dead letter")


def judge_posts(publication: Publication, evidence: Evidence, joined: Joined, verdict: Verdict) -> None:
    """Each of its people must have a message, or a row that ended as it may."""
    if dead_letters := dead_letters_of(publication, joined):
        verdict.wrong.append(f"{publication.mark}: a dead letter, {dead_letters[0].reason}")
        return
    if publication.id not in evidence.events:
        verdict.lost.append(f"{publication.mark}: confirmed, and nobody knows it")
        return
    for index, phone in enumerate(publication.phones):
        person = (publication.mark, phone)
        rows = joined.notifications.get(person, ())
        if not rows:
            verdict.lost.append(f"{publication.mark}: no notification of person {index}")
        for row in rows:
            judge_row(publication, row, joined, verdict)


def judge_row(publication: Publication, row: Notification, joined: Joined, verdict: Verdict) -> None:
    """Its state must be allowed, and the provider must agree with it."""
    has_message = bool(joined.messages.get((publication.mark, row.phone)))
    what = f"{publication.mark}: notification {row.id} is {row.state} {row.reason}".rstrip()
    if row.state not in publication.fate.states:
        verdict.wrong.append(what)
    elif row.state in POSTED_STATES and not has_message:
        verdict.lost.append(f"{what}, and the provider does not know it")
    elif row.state not in POSTED_STATES | IN_DOUBT and has_message:
        verdict.wrong.append(f"{what}, and the provider has sent it")


def judge_doubled(evidence: Evidence, joined: Joined, verdict: Verdict) -> None:
    """Nobody may get the same text twice, nor have two rows for it."""
    known = {publication.mark for publication in evidence.confirmed}
    for item in (joined.messages, joined.notifications):
        for (mark, _), same in item.items():
            if mark in known and len(same) > 1:
                verdict.doubled += [f"{mark}: {type(same[0]).__name__} {number}" for number in range(2, len(same) + 1)]


def strangers(evidence: Evidence, joined: Joined) -> Iterator[str]:
    """Messages without an attempt, or for a person whom no event names."""
    expected = {(publication.mark, phone) for publication in evidence.confirmed for phone in publication.phones}
    for (mark, phone), sent in joined.messages.items():
        if (mark, phone) not in expected:
            yield f"{mark or 'no mark'}: the provider has a message that nobody asked for"
        for message in sent:
            if message.key not in evidence.attempts:
                yield f"{mark}: the provider has a message without an attempt of ours"


def leftovers(evidence: Evidence) -> Iterator[str]:
    """What still waits, and incomplete dead letters."""
    allowed = {publication.mark: publication.fate.states for publication in evidence.confirmed}
    waiting = Counter(
        row.state
        for row in evidence.notifications
        if row.state in WAITING and row.state not in allowed.get(mark_of(row.text), ())
    )
    yield from (f"{count} notifications still {state}" for state, count in waiting.items())
    yield from (f"{count} messages lie in {queue}" for queue, count in evidence.queues.items())
    if not waiting and (total := sum(evidence.attempts.values())):
        yield f"{total} attempts wait for an answer though no notification does"
    yield from (
        f"dead letter {dead_letter.reason} does not say enough"
        for dead_letter in evidence.dead_letters
        if not dead_letter.is_whole
    )
    known = {publication.id for publication in evidence.confirmed if publication.id} | {
        publication.hash for publication in evidence.confirmed
    }
    unknown = [
        dead_letter
        for dead_letter in evidence.dead_letters
        if dead_letter.letter_kind != "job" and not known & {dead_letter.event_id, dead_letter.hash}
    ]
    yield from (f"dead letter {dead_letter.reason} of nothing that was published" for dead_letter in unknown)


def dead_letters_of(publication: Publication, joined: Joined) -> Sequence[SeenDeadLetter]:
    """Dead letters of an event, by its id or by its bytes."""
    by_id = joined.dead_letters.get(publication.id, ()) if publication.id else ()
    return by_id or joined.dead_letters.get(publication.hash, ())


def recovery_s(messages: Iterable[Message], faults_ended: Iterable[float]) -> float | None:
    """The longest time from the end of a fault to the next message that the provider took; None if none came."""
    taken = sorted(message.at for message in messages)
    waits = [next((at - end for at in taken if at >= end), None) for end in faults_ended]
    known = [wait for wait in waits if wait is not None]
    return max(known, default=None)
