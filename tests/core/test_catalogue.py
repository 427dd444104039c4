from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.examples import drafted, happened
from tests.crm import DATA
from worker.core.catalogue import BY_EVENT, BY_ID, TRIGGERS, Trigger
from worker.core.contract import TYPES
from worker.core.segment import segments
from worker.core.shortcode import SHORTCODES
from worker.core.template import compile_template
from worker.core.trigger import meets

PAGE = (Path(__file__).parents[1] / "data" / "perfectum-sms-settings.uk.txt").read_text()
EVERY = pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.id)


def test_ids_are_unique_and_found() -> None:
    assert len(BY_ID) == len(TRIGGERS)
    assert all(BY_ID[trigger.id] is trigger for trigger in TRIGGERS)


def test_every_type_of_the_contract_has_its_triggers() -> None:
    assert BY_EVENT.keys() == TYPES.keys()
    assert sum(map(len, BY_EVENT.values())) == len(TRIGGERS)


@EVERY
def test_a_trigger_stands_on_the_settings_page_under_its_label(trigger: Trigger) -> None:
    assert trigger.label.replace("«", '"').replace("»", '"') in PAGE


@EVERY
def test_a_trigger_speaks_of_its_events_record(trigger: Trigger) -> None:
    assert trigger.record == TYPES[trigger.event].record
    assert trigger.dedupe[0].split(".")[0] in {trigger.record, "payment", "comment"}


@EVERY
def test_lanes_kinds_and_windows_are_known(trigger: Trigger) -> None:
    assert trigger.lane in {"urgent", "normal", "bulk"}
    assert trigger.kind in {"transactional", "staff", "marketing"}
    assert trigger.window in {"day", "now"}
    assert (trigger.kind == "staff") == (trigger.hears == {"staff"})


@EVERY
def test_a_text_has_time_to_wait_out_a_night(trigger: Trigger) -> None:
    assert trigger.window == "now" or trigger.life >= timedelta(hours=12)


@EVERY
@pytest.mark.parametrize("locale", ["uk", "en"])
def test_a_default_text_uses_known_shortcodes_only(trigger: Trigger, locale: str) -> None:
    codes = compile_template(trigger.texts[locale]).codes

    assert codes
    assert set(codes) <= SHORTCODES.keys()


@EVERY
def test_both_languages_say_what_the_event_holds_in_two_segments_at_most(trigger: Trigger) -> None:
    event = happened(trigger.event, comment={"id": "1", "author": (trigger.when or ("", "staff"))[1]})
    assert meets(trigger, event.facts)

    [written] = [one for one in drafted(event) if one.trigger == trigger.id]

    assert not re.search(r"[{}\[\]]", written.text)
    assert 1 <= segments(written.text).count <= 2


def test_the_examples_cover_every_type() -> None:
    assert DATA.keys() == TYPES.keys()
