from dataclasses import replace

import orjson

from tests.core.examples import NOW
from worker.core.hands.people import Addressee
from worker.core.hands.send_request import Message, delivery

MESSAGE = Message("acme", text="Магазин зачинено", day=NOW.date())
OLENA = Addressee(1, "+380671234567")


def id_of(message: Message = MESSAGE, person: Addressee = OLENA, *, salt: bytes = b"salt") -> str:
    return orjson.loads(delivery(message, person, salt=salt, now=NOW).body)["id"]


def test_the_same_words_to_one_person_on_one_day_are_one_event() -> None:
    others = [
        id_of(replace(MESSAGE, text="Магазин відчинено")),
        id_of(replace(MESSAGE, again="2")),
        id_of(person=Addressee(1, "+380671234568")),
    ]

    assert id_of() == id_of()
    assert len({id_of(), *others}) == 4


def test_without_the_salt_nobody_finds_the_phone_of_an_event_id() -> None:
    assert id_of(salt=b"one") != id_of(salt=b"another")
