import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.texts.segments import OUTSIDE_GSM, segments
from worker.core.texts.transliteration import PLAIN, Spelling, latin, plain, spelled

MANY = settings(max_examples=tries(300), deadline=None)
UKRAINIAN = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
TEXT = st.text(UKRAINIAN + UKRAINIAN.upper() + "'’ʼ -.,№«»…abc015😀\n", max_size=300)
BOTH = Spelling(is_plain=True, is_latin=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The examples of the Resolution itself.
        ("Алушта Андрій Борщагівка Борисенко", "Alushta Andrii Borshchahivka Borysenko"),
        ("Вінниця Володимир Гадяч Богдан Згурський", "Vinnytsia Volodymyr Hadiach Bohdan Zghurskyi"),
        ("Ґалаґан Ґорґани Донецьк Рівне Єнакієве", "Galagan Gorgany Donetsk Rivne Yenakiieve"),
        ("Гаєвич Короп'є Житомир Жанна Жежелів", "Haievych Koropie Zhytomyr Zhanna Zhezheliv"),
        ("Закарпаття Медвин Михайленко Іванків Їжакевич", "Zakarpattia Medvyn Mykhailenko Ivankiv Yizhakevych"),
        ("Кадиївка Мар'їне Йосипівка Стрий Олексій", "Kadyivka Marine Yosypivka Stryi Oleksii"),
        ("Харків Хмельницький Білицерківка Шостка", "Kharkiv Khmelnytskyi Bilytserkivka Shostka"),
        ("Щербухи Гоща Гаращенко Юрій Корюківка", "Shcherbukhy Hoshcha Harashchenko Yurii Koriukivka"),
        ("Яготин Ярошенко Костянтин Знам'янка Феодосія", "Yahotyn Yaroshenko Kostiantyn Znamianka Feodosiia"),
        # What it does not show.
        ("Дем’янюк, Дем'янюк", "Demianiuk, Demianiuk"),
        ("ЮНЕСКО ЩЕ ЗГ Я Щ", "YUNESKO SHCHE ZGH Ya Shch"),
        ("ЗГурський", "ZGhurskyi"),
        ("Івано-Франківськ", "Ivano-Frankivsk"),
        ("Рахунок №5 «Ромашка» – 1 250,00 грн…", 'Rakhunok No.5 "Romashka" - 1 250,00 hrn...'),
        ("'слово' і o'clock", "'slovo' i o'clock"),
        ("мило, объект, эхо, ёлка", "mylo, obekt, ekho, yolka"),
    ],
)
def test_ukrainian_is_transliterated_to_latin(text: str, expected: str) -> None:
    assert latin(text) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://crm.acme.ua/рахунок/№5",
        "HTTPS://ромашка.укр/«5»",
        "www.ромашка.укр/5",
        "ромашка.укр",
        "олена@ромашка.укр",
        "(https://ромашка.укр/«5»",
        "див.:олена@ромашка.укр",
    ],
)
def test_links_and_addresses_stay_as_they_are(address: str) -> None:
    assert plain(f"«Це» {address} тут") == f'"Це" {address} тут'
    assert latin(f"«Це» {address} тут") == f'"Tse" {address} tut'


def test_every_plain_replacement_is_in_gsm_7() -> None:
    assert not OUTSIDE_GSM.search("".join(PLAIN.values()))
    assert all(OUTSIDE_GSM.fullmatch(mark) or mark == "`" for mark in PLAIN)


def test_a_text_is_left_alone_unless_the_account_asks() -> None:
    assert spelled("Рахунок " * 20, Spelling()) == "Рахунок " * 20


@pytest.mark.parametrize(
    ("text", "spelling", "expected"),
    [
        # Nothing is saved: one segment is one segment.
        ("Рахунок «5»", BOTH, "Рахунок «5»"),
        ("Invoice «5»", BOTH, "Invoice «5»"),
        # Plain punctuation is enough.
        ("Invoice «5» " * 7, BOTH, 'Invoice "5" ' * 7),
        ("Invoice «5» " * 7, Spelling(is_latin=True), 'Invoice "5" ' * 7),
        ("Рахунок «5» " * 7, Spelling(is_plain=True), "Рахунок «5» " * 7),
        ("Рахунок «5» " * 7, BOTH, 'Rakhunok "5" ' * 7),
        # An emoji stays, and so nothing is won.
        ("Рахунок 😀 " * 7, BOTH, "Рахунок 😀 " * 7),
    ],
)
def test_a_text_is_spelt_otherwise_only_where_that_takes_fewer_segments(
    text: str, spelling: Spelling, expected: str
) -> None:
    assert spelled(text, spelling) == expected


@MANY
@given(TEXT, st.builds(Spelling, is_plain=st.booleans(), is_latin=st.booleans()))
def test_no_spelling_takes_more_segments(text: str, spelling: Spelling) -> None:
    spelt = spelled(text, spelling)

    assert spelt == text or segments(spelt).count < segments(text).count


@MANY
@given(TEXT)
def test_transliteration_leaves_no_ukrainian_letter(text: str) -> None:
    spelt = latin(text)

    assert not re.search("[а-яґєії]", spelt, re.IGNORECASE)
    assert latin(spelt) == spelt
    assert spelt.count("\n") == text.count("\n")
