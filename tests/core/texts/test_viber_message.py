import re
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.texts.viber_message import (
    CAPTION_MAX,
    TTL_MAX,
    TTL_MIN,
    Button,
    Options,
    Viber,
    as_json,
    faults,
    filled,
    options_as_json,
    read_options,
    viber_of,
)

PAY = Button("Сплатити", "https://crm.example.ua/i/901")
PICTURE = "https://crm.example.ua/logo.png"

buttons = st.builds(Button, st.text("Сплати", min_size=1, max_size=CAPTION_MAX), st.just("{invoice_link}"))
ttls = st.none() | st.integers(TTL_MIN, TTL_MAX)
rich = st.builds(Options, ttl=ttls, button=buttons, picture=st.none() | st.just(PICTURE))
sound = rich | st.builds(Options, ttl=ttls, transactional=st.booleans())


@given(sound)
def test_valid_viber_options_are_read_as_they_were_written(options: Options) -> None:
    assert list(faults(options)) == []
    assert read_options(orjson.loads(orjson.dumps(options_as_json(options)))) == options


@given(sound, st.text())
def test_a_row_keeps_its_viber_part(options: Options, sender: str) -> None:
    viber = Viber(sender, options)

    assert viber_of(orjson.loads(orjson.dumps(as_json(viber)))) == viber


def test_absent_viber_options_are_not_written() -> None:
    assert options_as_json(Options()) == {}
    assert options_as_json(Options(600, PAY)) == {
        "ttl": 600,
        "button": {"caption": "Сплатити", "link": "https://crm.example.ua/i/901"},
    }


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ([], "viber: "),
        ("ttl", "viber: "),
        ({"colour": "red"}, "colour: "),
        ({"ttl": "600"}, "ttl: "),
        ({"ttl": True}, "ttl: "),
        ({"ttl": 59}, "ttl: give 60 to 86400 seconds"),
        ({"ttl": 86_401}, "ttl: give 60 to 86400 seconds"),
        ({"button": {"caption": "Сплатити"}}, "button.link: "),
        ({"button": {"link": "https://a.ua"}}, "button.caption: "),
        ({"button": {"caption": "С" * 31, "link": "https://a.ua"}}, "button.caption: give 1 to 30 characters"),
        ({"button": {"caption": "  ", "link": "https://a.ua"}}, "button.caption: give 1 to 30 characters"),
        ({"button": {"caption": "{invoice_number}", "link": "https://a.ua"}}, "button.caption: write it without"),
        ({"button": {"caption": "Сплатити", "link": "a.ua"}}, "button.link: give an address"),
        ({"button": {"caption": "Сплатити", "link": "javascript:alert(1)"}}, "button.link: give an address"),
        ({"picture": PICTURE}, "picture: give a button as well"),
        ({"button": {"caption": "Так", "link": "https://a.ua"}, "picture": "logo.png"}, "picture: give an address"),
        ({"button": {"caption": "Так", "link": "https://a.ua"}, "transactional": True}, "transactional: leave button"),
        ({"transactional": 1}, "transactional: "),
    ],
)
def test_invalid_viber_options_are_refused_by_the_fields_name(asked: object, named: str) -> None:
    with pytest.raises(ValueError, match=re.escape(named)) as refused:
        read_options(asked)

    assert str(refused.value).startswith(named)


def test_all_wrong_viber_options_are_reported_at_once() -> None:
    with pytest.raises(ValueError, match=r"ttl: .*; transactional: "):
        read_options({"ttl": 1, "button": {"caption": "Так", "link": "https://a.ua"}, "transactional": True})


def test_each_person_gets_their_own_viber_links() -> None:
    asked = Options(button=Button("Сплатити", "{invoice_link}"), picture="{picture}")
    values = {"{invoice_link}": "https://crm.example.ua/i/901", "{picture}": PICTURE}

    assert filled(asked, values.__getitem__) == Options(button=PAY, picture=PICTURE)


@pytest.mark.parametrize("link", ["", "рахунок 901", "ftp://a.ua", "https://a.ua/two words", "https://" + "a" * 3_000])
def test_a_button_that_leads_nowhere_is_left_out_with_the_picture_above_it(link: str) -> None:
    asked = Options(600, Button("Сплатити", "{invoice_link}"), PICTURE)

    assert filled(asked, lambda text: link if "{" in text else text) == Options(600)


def test_a_picture_that_is_nowhere_is_left_out_alone() -> None:
    asked = Options(button=PAY, picture="{picture}")

    assert filled(asked, lambda text: "" if "{" in text else text) == Options(button=PAY)


@pytest.mark.parametrize(
    ("asked", "left", "ttl"),
    [
        (None, timedelta(days=2), None),
        (None, timedelta(minutes=30), 1_800),
        (600, timedelta(hours=1), 600),
        (600, timedelta(minutes=5), 300),
        (600, timedelta(seconds=1), TTL_MIN),
        (None, timedelta(seconds=-5), TTL_MIN),
    ],
)
def test_the_ttl_of_viber_ends_with_the_worth_of_the_text(asked: int | None, left: timedelta, ttl: int | None) -> None:
    viber = Viber("Акме", Options(asked, PAY))

    assert viber.within(left) == replace(viber, options=Options(ttl, PAY))


@given(sound, st.timedeltas())
def test_however_little_time_is_left_turbosms_takes_it(options: Options, left: timedelta) -> None:
    assert list(faults(Viber("Акме", options).within(left).options)) == []
