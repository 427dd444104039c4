"""Whoever checks an event or a file reads sentences of ours, in either language, whatever pydantic says of it."""

import copy
import re
from typing import Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.contract.test_event import paths, replaced
from worker.core.account_files.model import AccountFile
from worker.core.authoring.event_check import diagnose
from worker.core.authoring.event_examples import SHOWN_AT, shown
from worker.core.contract.event_types import TYPES, Envelope
from worker.core.contract.validation_errors import SENTENCES, WANTED
from worker.core.reminders.trigger_settings import SwitchSettings
from worker.language import Language, speaking

#: What each kind of schema may find wrong in a value of JSON, and what each limit adds.
FINDS = {
    "bool": {"bool_type", "bool_parsing"},
    "date": {"date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"},
    "datetime": {"datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"},
    "dict": {"dict_type"},
    "float": {"float_type", "float_parsing", "finite_number"},
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "list": {"list_type"},
    "literal": {"literal_error"},
    "model": {"model_type"},
    "model-fields": {"missing"},
    "str": {"string_type", "string_unicode"},
    **{kind: {"value_error"} for kind in ("function-after", "function-before", "function-wrap")},
}
#: Kinds that only hold others.
HOLDERS = {"any", "default", "definition-ref", "definitions", "model-field", "nullable", "union"}
LIMITS = {
    "ge": {"greater_than_equal"},
    "le": {"less_than_equal"},
    "lt": {"less_than"},
    "max_length": {"string_too_long", "too_long"},
    "min_length": {"string_too_short", "too_short"},
    "pattern": {"string_pattern_mismatch"},
    "tz_constraint": {"timezone_aware"},
}
#: What of a schema says nothing of values.
ASIDE = {"cls", "config", "function", "metadata", "serialization", "expected"}
THEIRS = re.compile("should|Field required|Unable to|Value error|valid ")
WORDS = (
    *("", "x" * 3000, "завтра", "2026-02-30", "2026-02-30T10:15:00+02:00", "2026-11-23T10:15:00+99:00"),
    *("2026-11-23T10:15:00", "1.5", "12", "UAH", "robot"),
)
VALUES = st.sampled_from(WORDS) | st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda some: st.lists(some, max_size=12) | st.dictionaries(st.text(max_size=5), some, max_size=3),
    max_leaves=12,
)


def found_by(schema: object) -> set[str]:
    """The types of errors that a schema of pydantic can find."""
    if isinstance(schema, list | tuple):
        return set[str]().union(*map(found_by, cast("list[object]", schema)))
    if not isinstance(schema, dict):
        return set()
    parts = cast("dict[str, object]", schema)
    kind = parts.get("type")
    own = FINDS[kind] if isinstance(kind, str) and kind not in HOLDERS else set[str]()
    limits = [LIMITS[name] for name in LIMITS if parts.get(name) is not None]
    return own.union(*limits, *(found_by(part) for name, part in parts.items() if name not in ASIDE))


def test_every_error_that_our_models_can_find_has_a_sentence() -> None:
    models = (Envelope, *(type_.model for type_ in TYPES.values()), AccountFile, SwitchSettings)

    found = found_by([model.__pydantic_core_schema__ for model in models])

    assert found - WANTED.keys() - SENTENCES.keys() == set()


@given(st.data(), st.sampled_from(sorted(TYPES)), st.sampled_from(["en", "uk"]))
def test_no_sentence_of_pydantics_reaches_whoever_checks_an_event(
    data: st.DataObject, event_type: str, language: Language
) -> None:
    event: Any = copy.deepcopy(dict(shown(event_type)))
    for _ in range(3):
        path = data.draw(st.sampled_from([path for path in paths(event) if path]))
        event = replaced(event, path, data.draw(VALUES))

    with speaking(language):
        remarks = diagnose(orjson.dumps(event), now=SHOWN_AT, example=shown)

    wrong = [remark.problem for remark in remarks if remark.is_error]
    assert [problem for problem in wrong if THEIRS.search(problem)] == []
    if language == "uk":
        assert [problem for problem in wrong if not re.search("[а-яіїєґ]", problem)] == []


@pytest.mark.parametrize(
    ("field", "value", "en", "uk"),
    [
        ("id", "", "must have 1 or more characters", "символів має бути не менше ніж 1"),
        ("specversion", "0.3", "must be '1.0'", "має бути '1.0'"),
        ("time", "2026-02-30T10:15:00+02:00", "names a day or an hour", "називає день або годину"),
        ("data", [], "must be an object", "має бути об’єкт"),
    ],
)
def test_a_wrong_value_is_named_in_both_languages(field: str, value: object, en: str, uk: str) -> None:
    body = orjson.dumps({**shown("order.created"), field: value})
    problems: list[str] = []
    for language in ("en", "uk"):
        with speaking(language):
            [remark] = [each for each in diagnose(body, now=SHOWN_AT, example=shown) if each.field == field]
            problems.append(remark.problem)

    assert [problems[0][: len(en)], problems[1][: len(uk)]] == [en, uk]
