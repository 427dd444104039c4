import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from worker.core.accounts.setting import Setting
from worker.core.accounts.setting_kinds import NONE, Money, Whole
from worker.core.accounts.settings import BY_NAME, LOCALES, SETTINGS
from worker.core.triggers.catalogue import TRIGGERS

ROOT = Path(__file__).parents[3]
#: Rooms that are made of the table, and the settings that a rule in them is about.
ROOMS = ("worker/cli/account", "worker/store/accounts", "worker/cli/setting_options.py")
RULES = {"sender", "viber_sender", "viber_instead", "custom_shortcodes", "segment_price"}
OF_TRIGGERS = {"daily_budget", "daily_segments", "over_budget"}
#: Words that mean other things there too.
COMMON = {"name", "zone", "locale", "hours", "rate", "outcomes"}
MADE_OF_THE_TABLE = [setting for setting in SETTINGS if setting.name not in COMMON | RULES | OF_TRIGGERS]
SET = [setting for setting in SETTINGS if setting.default not in {..., None}]


@pytest.mark.parametrize("setting", SET, ids=lambda value: value.name)
def test_a_default_is_typed_and_read_as_it_is_shown(setting: Setting) -> None:
    assert setting.parse(setting.format(setting.default)) == setting.default
    assert setting.read(setting.plain(setting.default)) == setting.default
    assert setting.setting_kind.from_columns(setting.setting_kind.to_columns(setting.default)) == setting.default


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda value: value.name)
def test_only_what_may_be_cleared_is_cleared_by_none(setting: Setting) -> None:
    if setting.is_optional:
        assert (setting.parse(NONE), setting.read(NONE), setting.format(None), setting.plain(None)) == (
            None,
            None,
            NONE,
            NONE,
        )
    else:
        assert setting.default is not None


def test_a_form_is_described_as_json() -> None:
    described = orjson.loads(orjson.dumps([setting.description() for setting in SETTINGS]))

    assert [item["name"] for item in described] == [*BY_NAME]
    assert all(item["label"] and item["help"] for item in described)
    assert described[[*BY_NAME].index("multi_max")] == {
        "name": "multi_max",
        "kind": "whole",
        "label": "Текстів у одному sendmulti",
        "help": "Texts in one sendmulti.",
        "unit": "texts",
        "default": 20,
        "is_required": False,
        "is_optional": False,
        "minimum": 1,
        "maximum": 100,
    }


def test_default_texts_are_in_every_language_that_may_be_set() -> None:
    assert all(trigger.texts.keys() == set(LOCALES) for trigger in TRIGGERS if trigger.texts)


@pytest.mark.parametrize("setting", MADE_OF_THE_TABLE, ids=lambda value: value.name)
def test_a_setting_is_spelled_in_the_table_and_by_the_rules_about_it(setting: Setting) -> None:
    text = re.compile(rf"\b({'|'.join({setting.name, setting.attribute, *setting.columns})})\b")
    files = [path for room in ROOMS for path in ([ROOT / room] if room.endswith(".py") else (ROOT / room).glob("*.py"))]
    spelled = [path.name for path in files if text.search(code_of(path))]

    assert spelled == []


def code_of(path: Path) -> str:
    """The file without its docstrings and comments, whose examples may name anything."""
    return re.sub(r"\"\"\"[A-Z].*?\"\"\"", "", path.read_text(), flags=re.DOTALL)


def test_a_setting_that_is_declared_has_its_option_keys_and_columns() -> None:
    nap = replace(Setting("nap_hours", Whole(1, 9), "Сон", "Hours of sleep.", "hours"), attribute="nap", default=8)
    dues = replace(Setting("dues", Money(), "Внески", "Dues.", is_optional=True), attribute="dues", default=None)

    assert (nap.option, nap.metavar, nap.columns, nap.parse("9")) == ("--nap-hours", "NUMBER", ["nap"], 9)
    assert (dues.metavar, dues.parse("none"), dues.format(dues.parse("1,50"))) == ("UAH|none", None, "1.5")
    with pytest.raises(ValueError, match="less than or equal to 9"):
        nap.parse("10")
