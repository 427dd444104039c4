import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.call_counts import calls
from tests.support.tries import tries
from worker.core.contract.data import Data, Person
from worker.core.texts.render import TIGHTER, Asked, write
from worker.core.texts.segments import is_too_long, segments
from worker.core.texts.shortcodes import SHORTCODES, Values
from worker.core.texts.template import READ_AT_MOST, compile_template, render
from worker.core.texts.transliteration import Spelling

CODES = sorted(SHORTCODES)


def values(**company: object) -> Values:
    return Values(Data({"company": company}), Person(), "uk", "Europe/Kyiv")


def test_a_rendered_text_counts_segments_and_cleaned_and_cut_values() -> None:
    written = write("{company_name}, {company_state}{company_mfo}", values(name="Ром<b>аш</b>ка", state="ж" * 2000))

    assert written.text.startswith("Ромашка, жжж")
    assert written.segments == segments(written.text)
    assert (written.cleaned, written.cut, written.holes) == (1, 1, ())


@pytest.mark.parametrize(
    ("value", "text", "counts"),
    [
        ("<script>alert(1)</script><b>Ол</b>ена", "alert(1) Олена", (1, 0)),
        ("&lt;b&gt;Дем&amp;#039;янюк&lt;/b&gt;", "Дем'янюк", (1, 0)),
        ("\u202eОлена\u202c\u2066", "Олена", (1, 0)),
        ("Олена\r\n\tІванівна\x07", "Олена Іванівна", (1, 0)),
        ("مرحبا בוקר", "مرحبا בוקר", (0, 0)),
        ("👩\u200d🎤 Олена 🇺🇦", "👩\u200d🎤 Олена 🇺🇦", (0, 0)),
        ("{company_mfo} [x] {a|b}", "{company_mfo} [x] {a|b}", (0, 0)),
        ("слово " * 170_000, "слово " * 32 + "слово…", (0, 1)),
        ("<br>" * 250_000 + "Олена", "", (1, 0)),
    ],
    ids=["markup", "escapes", "bidi", "controls", "rtl", "emoji", "shortcodes", "1 MB", "1 MB of tags"],
)
def test_a_hostile_value_is_cleaned_or_cut_by_rule_and_counted(value: str, text: str, counts: tuple[int, int]) -> None:
    written = write("{company_name}", values(name=value))

    assert written.text == text
    assert (written.cleaned, written.cut) == counts


def test_a_text_that_would_be_too_long_has_its_values_cut() -> None:
    written = write("{company_name}: {company_state}", values(name="Ромашка", state="слово " * 150))

    assert len(written.text) <= TIGHTER[0] + len("Ромашка: ")
    assert written.text.endswith("слово…")
    assert (written.cleaned, written.cut) == (0, 1)


def test_many_long_values_are_cut_to_the_tightest_limit() -> None:
    written = write(
        "{company_name} {company_state} {company_mfo} " * 2, values(name="а" * 900, state="б" * 900, mfo="в")
    )

    assert not is_too_long(written.segments)
    assert max(map(len, written.text.split(" "))) == TIGHTER[-1]


def test_a_link_is_never_cut() -> None:
    link = f"https://acme.ua/{'x' * 100}"
    facts = {"invoice": {"link": link}, "company": {"name": "а" * 900}}

    written = write("{company_name} {invoice_link}", Values(Data(facts), Person(), "uk", "Europe/Kyiv"))

    assert written.text.endswith(link)


def test_a_hole_counts_only_where_the_template_does_not_forgive_it() -> None:
    text = "{company_name}, {company_state}[, {company_mfo}]"

    assert write(text, values(name="Ромашка")).holes == ()
    assert write(text, values(name="Ромашка"), fails_on_holes=True).holes == ("company_state",)


def test_a_text_is_spelt_as_the_account_wants() -> None:
    written = write("Рахунок {company_name} " * 5, values(name="Ромашка"), Spelling(is_latin=True))

    assert written.text.startswith("Rakhunok Romashka")
    assert written.segments.encoding == "GSM-7"


def test_a_value_is_made_once_however_often_a_text_has_it() -> None:
    asked = Asked(lambda blank: made.append(blank.code) or "ж" * 10)
    made: list[str] = []

    assert render(compile_template("{a}[{a} {b}]" * 50), asked)
    assert made == ["a", "b"]


@pytest.mark.parametrize("template", ["{a}" * 660, "[{a}]" * 400, "[" + "{a}" * 600 + "]", "{a} {b} " * 200])
def test_a_text_is_read_no_further_than_it_may_go(template: str) -> None:
    value, spelling = "є-—." * 250, Spelling(is_plain=True, is_latin=True)

    def work(text: str) -> int:
        facts = {"shortcodes": {"a": value, "b": value}}
        return calls(lambda: write(text, Values(Data(facts), Person(), "uk", "Europe/Kyiv"), spelling))

    written = write(template, Values(Data({"shortcodes": {"a": value}}), Person(), "uk", "Europe/Kyiv"), spelling)

    assert is_too_long(written.segments)
    assert len(written.text) == READ_AT_MOST + 1
    assert work(template) < 2 * work(template[: len(template) // 2]) + 500


def test_a_text_shared_by_recipients_is_transliterated_once() -> None:
    def work(people: int) -> int:
        text = " ".join(f"слово-{people}-{chr(0x430 + number % 32)}{'а' * number}" for number in range(50))
        return calls(lambda: [write(text, values(), Spelling(is_latin=True)) for _ in range(people)])

    assert work(20) < 10 * work(1)


@settings(max_examples=tries(100), deadline=None)
@given(
    st.lists(st.sampled_from(CODES), max_size=10),
    st.text("ж<b>&amp;\u202e😀 شx", max_size=2000),
    st.builds(Spelling, is_plain=st.booleans(), is_latin=st.booleans()),
)
def test_a_text_of_ten_shortcodes_is_never_too_long(codes: list[str], value: str, spelling: Spelling) -> None:
    facts = {"shortcodes": dict.fromkeys(codes, value)}
    template = " ".join(f"{{{code}}}" for code in codes)

    written = write(template, Values(Data(facts), Person(), "uk", "Europe/Kyiv"), spelling)

    assert not is_too_long(written.segments)
