import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.examples import account, drafted, happened, switch
from tests.support.crm import DATA, Json, person
from worker.core.contract.event_types import KEPT, TYPES
from worker.core.lanes import BULK, LANES, URGENT
from worker.core.texts.segments import segments
from worker.core.texts.shortcodes import SHORTCODES
from worker.core.texts.template import compile_template
from worker.core.triggers.catalogue import BY_EVENT, BY_ID, TRIGGERS
from worker.core.triggers.dedupe_key import PARTS
from worker.core.triggers.trigger import Trigger

PAGE = (Path(__file__).parents[2] / "data" / "perfectum-sms-settings.uk.txt").read_text()
#: The page's list of triggers: `Label - when it fires`, under a bullet.
LABELS = re.findall(r"  • (.+?) [-–] спрацьовує", PAGE)
EVERY = pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.id)
WITH_TEXTS = [trigger for trigger in TRIGGERS if not trigger.is_free]
EVERY_TEXT = pytest.mark.parametrize("trigger", WITH_TEXTS, ids=lambda trigger: trigger.id)
IN_BOTH = pytest.mark.parametrize("locale", ["uk", "en"])


def test_trigger_ids_are_unique() -> None:
    assert len(BY_ID) == len(TRIGGERS)
    assert all(BY_ID[trigger.id] is trigger for trigger in TRIGGERS)


def test_every_trigger_listens_to_a_type_of_the_contract() -> None:
    assert BY_EVENT.keys() == TYPES.keys()
    assert sum(map(len, BY_EVENT.values())) == len(TRIGGERS)


def test_the_catalogue_has_the_pages_triggers_in_their_order() -> None:
    labels = [trigger.label.replace("«", '"').replace("»", '"') for trigger in TRIGGERS]

    assert len(LABELS) == 19
    assert labels[:19] == LABELS
    assert [trigger.id for trigger in TRIGGERS[19:]] == ["sms_send_requested"]


def test_only_what_keeps_records_true_sets_nothing_off() -> None:
    silent = {name for name, triggers in BY_EVENT.items() if not triggers}

    assert silent == {f"{record}.{verb}" for record in KEPT for verb in ("saved", "deleted")}


@EVERY
def test_a_dedupe_key_has_known_parts(trigger: Trigger) -> None:
    assert trigger.dedupe[0].split(".")[0] in {"record", "payment", "comment", "position", "event"}
    assert set(trigger.dedupe) <= PARTS.keys()


@EVERY
def test_lanes_kinds_and_windows_are_known(trigger: Trigger) -> None:
    assert trigger.lane in LANES
    assert trigger.message_class in {"transactional", "staff", "marketing"}
    assert trigger.window in {"day", "now"}
    assert (trigger.message_class == "staff") == (trigger.recipient_kinds == {"staff"})


def test_every_urgent_or_bulk_id_is_a_trigger() -> None:
    assert BY_ID.keys() >= URGENT | BULK
    assert not URGENT & BULK


@EVERY
def test_a_text_has_time_to_wait_out_a_night(trigger: Trigger) -> None:
    assert trigger.window == "now" or trigger.life >= timedelta(hours=12)


@EVERY_TEXT
@IN_BOTH
def test_a_default_text_uses_shortcodes_of_its_sections_only(trigger: Trigger, locale: str) -> None:
    codes = compile_template(trigger.texts[locale]).codes

    assert codes
    assert set(codes) <= SHORTCODES.keys()
    assert {SHORTCODES[code].section for code in codes} <= set(trigger.sections)


def by_default(trigger: Trigger, locale: str, **data: Any) -> str:
    """The default text for the type's example."""
    author = {"comment": {"id": "1", "author": trigger.commented_by}} if trigger.commented_by else {}
    facts: Json = {"recipients": [person(min(trigger.recipient_kinds), locale=locale)], **author, **data}
    event = happened(trigger.event, **facts)
    by = account(switches={trigger.id: switch(**{locale: trigger.texts[locale]})})
    [written] = drafted(event, by=by)
    return written.text


@EVERY_TEXT
@IN_BOTH
def test_default_texts_have_at_most_two_segments_in_both_languages(trigger: Trigger, locale: str) -> None:
    text = by_default(trigger, locale)

    assert not re.search(r"[{}\[\]]", text)
    assert 1 <= segments(text).count <= 2


@EVERY_TEXT
@IN_BOTH
def test_a_text_of_an_event_with_few_fields_is_still_a_sentence(trigger: Trigger, locale: str) -> None:
    data = happened(trigger.event).data
    record_kind = TYPES[trigger.event].record_kind_of(data) or ""
    needed = {name: value for name, value in data.record(record_kind).json.items() if name in NEEDED}
    nameless = {"kind": min(trigger.recipient_kinds), "id": "17", "phonenumber": "0671234567", "consent": True}

    text = by_default(trigger, locale, recipients=[nameless], client=None, **{record_kind: needed})

    assert text[0].isupper() or text[0].isdigit(), text
    assert not re.search(r"[,;:«(] *$|  | [,.;:!?]|[,:] *[.,:!]|«»|\(\)", text), text


#: What the default texts cannot do without.
NEEDED = {"id", "number", "start", "date", "open_till", "dateend", "duedate", "name", "description", "amount_due"}


def test_the_examples_cover_every_type() -> None:
    assert DATA.keys() == TYPES.keys()
