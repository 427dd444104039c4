from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.examples import NOW
from tests.core.sending.test_eligibility import ROW
from tests.support.tries import tries
from worker.core.accounts.account import Limits
from worker.core.sending.eligibility import Allowed, Claimed, Decision, Dropped, Postponed
from worker.core.sending.frequency_cap import Contact, limit, sift_people, text_hash
from worker.core.sending.nudge import NotificationId

MONTH = date(2026, 11, 1)
HOUR, DAY, TICK = timedelta(hours=1), timedelta(hours=24), timedelta(microseconds=1)
LIMITS = Limits(hour_max=2, day_max=4, same_text=timedelta(minutes=10))
OLENA, PETRO = b"olena", b"petro"


def notification_id(number: int) -> NotificationId:
    return MONTH, number


def contact(ago: timedelta, *, text: str = "x", number: int = 99) -> Contact:
    return Contact(NOW - ago, text_hash(text), notification_id(number))


def contacts(*ago: timedelta) -> list[Contact]:
    return [contact(span, text=f"text {number}", number=100 + number) for number, span in enumerate(ago)]


def minutes(*ago: float) -> list[Contact]:
    return contacts(*(timedelta(minutes=value) for value in ago))


def asked(sent: Iterable[Contact], *, text: str = "news", limits: Limits = LIMITS) -> Decision:
    return limit(text, list(sent), limits, now=NOW)


def a_row(number: int, text: str | None = None, *, key: bytes = OLENA, month: date = MONTH) -> Claimed:
    return replace(
        ROW, notification_id=(month, number), recipient_key=key, text=text or f"text of {number}", record=None
    )


def sifted(*rows: Claimed, sent: Iterable[Contact] = (), limits: Limits = LIMITS) -> list[Decision]:
    decided = list(sift_people(rows, {OLENA: list(sent)}, limits, now=NOW))
    assert [row for row, _ in decided] == list(rows)
    return [decision for _, decision in decided]


def test_a_person_without_earlier_contacts_may_be_texted() -> None:
    assert asked([]) == Allowed()


@pytest.mark.parametrize(("ago", "is_repeated"), [(timedelta(minutes=10), False), (timedelta(minutes=10) - TICK, True)])
def test_the_same_text_is_dropped_until_its_time_is_over_to_the_moment(ago: timedelta, *, is_repeated: bool) -> None:
    expected = Dropped("cancelled", "same_text") if is_repeated else Allowed()

    assert asked([contact(ago, text="news")], text="news") == expected


def test_the_same_text_is_dropped_even_where_the_hour_is_full() -> None:
    sent = [contact(timedelta(minutes=1), text="news"), *minutes(2)]

    assert asked(sent, text="news") == Dropped("cancelled", "same_text")


def test_another_space_is_another_text() -> None:
    assert asked([contact(timedelta(minutes=1), text="news ")], text="news") == Allowed()


def test_no_time_for_the_same_text_is_no_limit() -> None:
    free = replace(LIMITS, same_text=timedelta())

    assert asked([contact(timedelta(), text="news")], text="news", limits=free) == Allowed()
    assert asked([contact(-TICK, text="news")], text="news", limits=free) == Allowed()


def test_a_full_hour_waits_for_the_oldest_text_that_fills_it() -> None:
    assert asked(minutes(59, 10)) == Postponed(NOW + timedelta(minutes=1), "person_hour")
    assert asked(minutes(59, 20, 10)) == Postponed(NOW + timedelta(minutes=40), "person_hour")


def test_an_hour_ends_to_the_moment() -> None:
    assert asked(contacts(HOUR, timedelta(minutes=1))) == Allowed()
    assert asked(contacts(HOUR - TICK, timedelta(minutes=1))) == Postponed(NOW + TICK, "person_hour")


def test_a_full_day_waits_for_the_oldest_text_that_fills_it() -> None:
    hours = (timedelta(hours=hour) for hour in (23, 9, 5, 4, 2))

    assert asked(contacts(*hours)) == Postponed(NOW + timedelta(hours=15), "person_day")


def test_a_day_ends_to_the_moment() -> None:
    three = timedelta(hours=9), timedelta(hours=5), timedelta(hours=2)

    assert asked(contacts(DAY, *three)) == Allowed()
    assert asked(contacts(DAY - TICK, *three)) == Postponed(NOW + TICK, "person_day")


def test_the_longer_wait_of_a_full_hour_and_a_full_day_counts() -> None:
    almost = DAY - timedelta(minutes=5)

    assert asked(contacts(almost, 5 * HOUR, *[timedelta(minutes=30)] * 2)) == Postponed(NOW + HOUR / 2, "person_hour")
    assert asked(minutes(10, 10, 10, 10)) == Postponed(NOW + timedelta(hours=23, minutes=50), "person_day")
    assert asked(contacts(DAY - HOUR / 2, 5 * HOUR, *[HOUR / 2] * 2)) == Postponed(NOW + HOUR / 2, "person_day")


def test_the_order_of_known_contacts_changes_no_decision() -> None:
    assert asked(minutes(10, 59)) == asked(minutes(59, 10))


def test_rows_of_a_claim_count_for_each_other() -> None:
    waits = Postponed(NOW + HOUR, "person_hour")

    assert sifted(a_row(1), a_row(2), a_row(3)) == [Allowed(), Allowed(), waits]
    assert sifted(a_row(1, "a"), a_row(2, "a"), a_row(3, "b")) == [
        Allowed(),
        Dropped("cancelled", "same_text"),
        Allowed(),
    ]


def test_earlier_contacts_count_for_a_claim() -> None:
    assert sifted(a_row(1), a_row(2), sent=minutes(59)) == [
        Allowed(),
        Postponed(NOW + timedelta(minutes=1), "person_hour"),
    ]


def test_texts_of_other_people_hold_nobody_back() -> None:
    rows = [a_row(1), a_row(2), a_row(3, key=PETRO), a_row(4, "text of 1", key=PETRO)]

    assert sifted(*rows) == [Allowed()] * 4


def test_a_retried_row_does_not_count_against_itself() -> None:
    sent = [contact(timedelta(minutes=1), text="text of 1", number=1), *minutes(5)]

    assert sifted(a_row(1), sent=sent) == [Allowed()]


def test_a_retried_text_counts_once_and_from_now() -> None:
    sent = [contact(timedelta(minutes=59), number=1)]

    assert sifted(a_row(1), a_row(2), a_row(3), sent=sent) == [
        Allowed(),
        Allowed(),
        Postponed(NOW + HOUR, "person_hour"),
    ]


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """A row's moment: when somebody asks whether it may go."""

    at: datetime
    number: int
    text: str
    fails: int


spans = st.integers(0, 3 * 24 * 60).map(lambda minute: NOW + timedelta(minutes=minute))
crowds = st.lists(st.tuples(spans, st.sampled_from("abcdefgh"), st.sampled_from([0, 0, 0, 1, 2])), max_size=40)
any_limits = st.builds(
    Limits, st.integers(1, 4), st.integers(1, 6), st.sampled_from([timedelta(), timedelta(minutes=10), 5 * HOUR])
)


def lived(crowd: list[tuple[datetime, str, int]], limits: Limits) -> list[Contact]:
    """The texts that a person got in the end, each row decided when it is due, some refused at first."""
    numbers = count()
    turns = [Turn(at, next(numbers), text, fails) for at, text, fails in crowd]
    heapify(turns)
    sent: dict[NotificationId, Contact] = {}
    while turns:
        turn = heappop(turns)
        row = a_row(turn.number, turn.text)
        [(_, decision)] = sift_people([row], {OLENA: list(sent.values())}, limits, now=turn.at)
        match decision:
            case Postponed(until, _):
                assert until > turn.at
                others = [other for other in sent.values() if other.notification_id != row.notification_id]
                assert not isinstance(limit(turn.text, others, limits, now=until), Postponed)
                assert isinstance(limit(turn.text, others, limits, now=until - TICK), Postponed)
                heappush(turns, replace(turn, at=until))
            case Dropped():
                sent.pop(row.notification_id, None)
            case Allowed():
                sent[row.notification_id] = Contact(turn.at, text_hash(turn.text), row.notification_id)
                if turn.fails:
                    heappush(turns, replace(turn, at=turn.at + timedelta(minutes=7), fails=turn.fails - 1))
    return sorted(sent.values(), key=lambda other: other.at)


@settings(max_examples=tries(300))
@given(crowds, any_limits)
def test_no_person_ever_gets_more_than_the_frequency_cap(
    crowd: list[tuple[datetime, str, int]], limits: Limits
) -> None:
    sent = lived(crowd, limits)

    for last in sent:
        assert sum(last.at - HOUR < other.at <= last.at for other in sent) <= limits.hour_max
        assert sum(last.at - DAY < other.at <= last.at for other in sent) <= limits.day_max
        assert not any(
            other is not last and other.text_hash == last.text_hash and last.at - limits.same_text < other.at <= last.at
            for other in sent
        )


@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.lists(st.integers(0, 1500), max_size=12), any_limits)
def test_a_claim_decides_as_its_rows_would_singly(texts: list[str], ago: list[int], limits: Limits) -> None:
    sent = minutes(*ago)
    rows = [a_row(number, text) for number, text in enumerate(texts)]
    expected: list[Decision] = []
    for row in rows:
        expected.append(limit(row.text, sent, limits, now=NOW))
        if expected[-1] == Allowed():
            sent = [*sent, Contact(NOW, text_hash(row.text), row.notification_id)]

    assert sifted(*rows, sent=minutes(*ago), limits=limits) == expected
