"""What rows look like: a table where it is read, else cards; ids and moments whole, codes as words, zones named."""

from datetime import UTC, datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from worker.cli.moments import Zones, shown, wants_utc
from worker.cli.tables import Row, drawn
from worker.cli.words import WORDS
from worker.core.audit.action import ACTIONS
from worker.core.lanes import LANES
from worker.core.planning.channel import CHANNELS
from worker.core.planning.suppression import SCOPES
from worker.core.sending.notification_states import MOVES
from worker.language import speaking

KYIV, WARSAW = ZoneInfo("Europe/Kyiv"), ZoneInfo("Europe/Warsaw")
AT = datetime(2026, 12, 1, 9, 0, 5, tzinfo=UTC)
ROW: Row = {
    "id": "2026-12/1234567",
    "account": "acme",
    "created": AT,
    "state": "postponed",
    "reason": "quiet_hours",
    "channel": "viber_then_sms",
    "text": "Олено, рахунок №7 очікує оплати",
}


def printed(*rows: Row, width: int, zones: Zones = KYIV) -> str:
    output = StringIO()
    Console(file=output, width=width, highlight=False).print(drawn(rows, list(rows[0]), width=width, zones=zones))
    return output.getvalue()


def test_a_wide_terminal_shows_a_table_with_words_and_the_zone_in_its_heading() -> None:
    first, second, row, *_ = printed(ROW, width=190).splitlines()

    assert (first.split(), second.split()[2]) == (["created"], "Europe/Kyiv")
    assert row.startswith("2026-12/1234567  acme     2026-12-01 11:00:05  waits  it is outside the hours in which ")
    assert "Viber, then SMS" in row


def test_a_narrow_terminal_shows_a_card_for_each_row() -> None:
    assert [line.rstrip() for line in printed(ROW, ROW, width=80).splitlines()][:9] == [
        "id 2026-12/1234567",
        "  account  acme",
        "  created  2026-12-01 11:00:05 Europe/Kyiv",
        "  state    waits",
        "  reason   it is outside the hours in which people may be written to",
        "  channel  Viber, then SMS",
        "  text     Олено, рахунок №7 очікує оплати",
        "",
        "id 2026-12/1234567",
    ]


def test_moments_of_several_zones_name_each() -> None:
    zones = {"acme": KYIV, "other": WARSAW}
    shown_rows = printed(ROW, {**ROW, "account": "other"}, {**ROW, "account": "gone"}, width=200, zones=zones)

    for text in ("2026-12-01 11:00:05 Europe/Kyiv", "2026-12-01 10:00:05 Europe/Warsaw", "2026-12-01 09:00:05 UTC"):
        assert text in shown_rows


def test_utc_is_shown_where_it_was_asked_for() -> None:
    token = wants_utc.set(True)
    try:
        assert shown(AT, KYIV) == "2026-12-01 09:00:05 UTC"
        assert "2026-12-01 09:00:05" in printed(ROW, width=190)
    finally:
        wants_utc.reset(token)


def test_headings_and_codes_are_said_in_ukrainian() -> None:
    with speaking("uk"):
        card = printed(ROW, width=80)

    for text in ("обліковий запис", "очікує", "зараз не час для повідомлень", "Viber, потім SMS"):
        assert text in card


@pytest.mark.parametrize("width", [80, 100, 120, 160])
@given(
    rows=st.lists(st.tuples(st.text("abc-/:0123456789", min_size=1, max_size=60), st.text(max_size=200)), min_size=1)
)
def test_no_id_is_ever_cut(width: int, rows: list[tuple[str, str]]) -> None:
    output = printed(*({"id": id_, "account": "acme", "at": AT, "text": text} for id_, text in rows), width=width)

    assert all(id_ in output for id_, _text in rows)
    assert max(map(cell_len, output.splitlines())) <= width


def test_every_code_of_a_closed_set_has_a_word() -> None:
    sets = {"action": ACTIONS, "state": MOVES, "channel": CHANNELS, "lane": LANES, "scope": SCOPES}

    assert {(column, code) for column, codes in sets.items() for code in codes if code not in WORDS[column]} == set()
