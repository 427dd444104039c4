from dataclasses import replace

import pytest

from tests.core.examples import NOW, account
from tests.core.sending.test_eligibility import ROW
from worker.core.accounts.account import Account, Limits
from worker.core.lanes import LANES
from worker.core.planning.channel import CHANNELS, Route, dedupe_channel, routes, segments_on
from worker.core.sending.eligibility import Allowed, Dropped, decide
from worker.core.sending.frequency_cap import sift_people
from worker.core.texts.viber_message import Options, Viber

ACME = replace(account(), viber_sender="Акме")
INSTEAD = replace(ACME, viber_instead=True)
TEXT = "Замовлення прийнято"


def ways(channel: str, *, by: Account = ACME, text: str = TEXT, options: Options | None = None) -> list[Route]:
    return list(routes(channel, by, text, lane="urgent", options=lambda: options or Options()))


def hybrid(ttl: int = LANES["urgent"].viber_wait_s) -> Route:
    return Route("viber_then_sms", "DemoShop", Viber("Акме", Options(ttl)))


SMS = Route("sms", "DemoShop")
VIBER = Route("viber", "Акме", Viber("Акме"))


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("sms", [SMS]), ("viber", [VIBER]), ("viber_then_sms", [hybrid()]), ("both", [SMS, VIBER])],
)
def test_each_channel_is_one_message_and_both_are_two(channel: str, expected: list[Route]) -> None:
    assert ways(channel) == expected


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("sms", [hybrid()]), ("viber", [VIBER]), ("viber_then_sms", [hybrid()]), ("both", [SMS, VIBER])],
)
def test_viber_instead_tries_viber_before_every_sms(channel: str, expected: list[Route]) -> None:
    assert ways(channel, by=INSTEAD) == expected


@pytest.mark.parametrize("sender", [None, ""])
@pytest.mark.parametrize("by", [ACME, INSTEAD])
def test_without_a_viber_sender_what_may_be_an_sms_is_one(by: Account, sender: str | None) -> None:
    bare = replace(by, viber_sender=sender)
    nothing = Route("viber", "", None, "viber_sender_not_set")

    viber_fallback = Route("sms", "DemoShop", viber_fallback="viber_sender_not_set")

    expected = [[viber_fallback if by.viber_instead else SMS], [nothing], [viber_fallback], [SMS, nothing]]
    assert [ways(channel, by=bare) for channel in CHANNELS] == expected


def test_a_text_too_long_for_viber_goes_as_sms_or_has_an_objection() -> None:
    fits, too_long = "ж" * 1_000, "ж" * 1_001

    assert [route.objection for route in ways("viber", text=fits)] == [None]
    assert ways("viber", text=too_long) == [Route("viber", "Акме", None, "viber_text_too_long")]
    assert ways("viber_then_sms", text=too_long) == [Route("sms", "DemoShop", viber_fallback="viber_text_too_long")]


def test_the_wait_of_a_hybrids_sms_is_of_its_template_or_of_its_lane() -> None:
    assert ways("viber_then_sms", options=Options(900)) == [hybrid(900)]
    assert [route.viber for route in ways("viber", options=Options(900))] == [Viber("Акме", Options(900))]
    waits = [
        route.viber.options.ttl
        for lane in LANES
        for route in routes("viber_then_sms", ACME, TEXT, lane=lane, options=Options)
        if route.viber
    ]
    assert waits == [120, 600, 3_600]


def test_an_sms_makes_no_viber_options() -> None:
    def never() -> Options:
        raise AssertionError

    assert list(routes("sms", ACME, TEXT, lane="bulk", options=never)) == [SMS]


def test_an_sms_is_the_same_message_with_and_without_viber_before_it() -> None:
    assert [dedupe_channel(channel) for channel in ("sms", "viber_then_sms", "viber")] == ["sms", "sms", "viber"]


def test_a_hybrid_counts_as_its_sms_and_viber_as_none() -> None:
    assert [segments_on(channel, "ж" * 71) for channel in ("sms", "viber_then_sms", "viber")] == [2, 2, 0]


def test_a_text_by_sms_and_by_viber_is_two_different_messages() -> None:
    rows = [
        replace(ROW, notification_id=(NOW.date(), number), channel=channel)
        for number, channel in enumerate(("sms", "viber", "viber_then_sms"))
    ]

    decisions = [decision for _, decision in sift_people(rows, {}, Limits(), now=NOW)]

    assert decisions == [Allowed(), Allowed(), Dropped("cancelled", "same_text")]


def test_a_text_that_has_grown_too_long_for_viber_is_not_sent_by_it() -> None:
    grown = replace(ROW, channel="viber", text="ж" * 1_001)

    assert decide(grown, ACME, now=NOW) == Dropped("cancelled", "viber_text_too_long")
    assert decide(replace(grown, text="ж" * 1_000), ACME, now=NOW) == Allowed()
    assert decide(replace(grown, channel="viber_then_sms"), ACME, now=NOW) == Allowed()
