from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.examples import account
from tests.core.sending.test_eligibility import ROW
from worker.core.accounts.account import Account
from worker.core.lanes import LANES
from worker.core.sending.eligibility import Claimed
from worker.core.sending.rate_limiter import segments_max
from worker.core.sending.request_groups import MULTI, Group, posts
from worker.core.texts.viber_message import Button, Options, Viber

#: Channels and Viber parts that never share a body.
WAYS: list[dict[str, Any]] = [
    {},
    {"channel": "viber_then_sms", "viber": Viber("Акме", Options(600))},
    {"channel": "viber_then_sms", "viber": Viber("Акме", Options(900))},
    {"channel": "viber", "viber": Viber("Акме", Options(600))},
    {"channel": "viber", "viber": Viber("Акме", Options(600, Button("Сплатити", "https://crm.example.ua/i/901")))},
    {"channel": "viber", "viber": Viber("Акме", Options(600, Button("Сплатити", "https://crm.example.ua/i/902")))},
]


@st.composite
def crowds(draw: st.DrawFn) -> list[Claimed]:
    return [
        replace(
            ROW,
            phone=f"+38067{draw(st.integers(0, 30)):07d}",
            text=draw(st.sampled_from(["a", "b", "c"])),
            **draw(st.sampled_from(WAYS)),
            lane=draw(st.sampled_from(sorted(LANES))),
            segments=draw(st.sampled_from([1, 1, 1, 2, 7])),
        )
        for _ in range(draw(st.integers(0, 40)))
    ]


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    return replace(
        account(),
        post_mode=draw(st.sampled_from(["send", MULTI])),
        multi_max=draw(st.sampled_from([1, 3, 20])),
        segments_per_s=draw(st.sampled_from([None, 1.0, 7.0, 30.0])),
    )


def rows_of(post: Sequence[Group]) -> list[Claimed]:
    return [row for group in post for row in group]


@given(crowds(), accounts())
def test_every_row_travels_once(rows: list[Claimed], by: Account) -> None:
    carried = [row for post in posts(rows, by) for row in rows_of(post)]

    assert sorted(map(repr, carried)) == sorted(map(repr, rows))


@given(crowds(), accounts())
def test_a_group_has_one_text_channel_and_lane_and_distinct_phones(rows: list[Claimed], by: Account) -> None:
    for post in posts(rows, by):
        assert len({row.lane for row in rows_of(post)}) == 1
        for group in post:
            assert len({(row.trigger, row.sender, row.text, row.expires_at) for row in group}) == 1
            assert len({(row.channel, row.viber) for row in group}) == 1
            assert len({row.phone for row in group}) == len(group)


@given(crowds(), accounts())
def test_a_post_holds_no_more_than_its_mode_and_its_lanes_horizon_allow(rows: list[Claimed], by: Account) -> None:
    for post in posts(rows, by):
        claimed = rows_of(post)
        assert len(post) <= (by.multi_max if by.post_mode == MULTI else 1)
        assert len(claimed) == 1 or sum(row.segments for row in claimed) <= segments_max(by.rate, claimed[0].lane)


@given(crowds(), accounts())
def test_urgent_posts_come_first(rows: list[Claimed], by: Account) -> None:
    lanes = [tuple(LANES).index(post[0][0].lane) for post in posts(rows, by)]

    assert all(number <= other for number, other in pairwise(lanes))


def test_without_a_limit_of_segments_one_text_is_one_post() -> None:
    crowd = [replace(ROW, phone=f"+38067{number:07d}", lane="bulk") for number in range(500)]

    assert [len(rows_of(post)) for post in posts(crowd, account())] == [500]


def test_a_crowd_is_cut_where_its_segments_would_delay_others() -> None:
    crowd = [replace(ROW, phone=f"+38067{number:07d}", lane="bulk", segments=2) for number in range(500)]
    slow = replace(account(), segments_per_s=20.0)

    assert {len(rows_of(post)) for post in posts(crowd, slow)} == {5}


def test_one_text_to_one_person_on_two_channels_is_two_groups() -> None:
    sms, viber = ROW, replace(ROW, channel="viber", sender="Акме", viber=Viber("Акме"), segments=0)

    assert sorted(len(rows_of(post)) for post in posts([sms, viber], account())) == [1, 1]
