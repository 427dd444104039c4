from hypothesis import given
from hypothesis import strategies as st

from worker.core.history.keywords import folded, keywords, terms, trigrams, words

LETTERS = st.text(alphabet="абвгґдеєжзиіїйклмнопрстуфхцчшщьюяАБВГҐЇЄ'’ʼINV09- \n.«»İßŉ", max_size=60)


def found(search: str, text: str, name: str | None = None, phone: str | None = None) -> bool:
    return keywords(search).are_in(words(text, name, phone))


def test_a_search_ignores_case_and_the_form_of_apostrophes() -> None:
    assert found("ҐАНОК", "наш ґанок")
    assert found("дем'янюк", "рахунок", "Олена Дем’янюк")
    assert found("Демʼянюк", "рахунок", "ОЛЕНА ДЕМ'ЯНЮК")
    assert found("й", "Київ: чай")
    assert not found("ганок", "наш ґанок")


def test_every_keyword_must_be_found_somewhere() -> None:
    assert found("ромашка прострочено", "Рахунок прострочено", "ТОВ «Ромашка»")
    assert not found("ромашка сплачено", "Рахунок прострочено", "ТОВ «Ромашка»")


def test_a_phone_is_found_in_any_form_and_by_its_end() -> None:
    for search in ("+380 67 123-45-67", "067 123 45 67", "(067)1234567", "4567"):
        assert found(search, "текст", None, "+380671234567")


def test_an_amount_or_a_day_is_looked_for_as_it_is_written() -> None:
    assert found("1250.00", "на суму 1250.00 грн")
    assert found("20.11.2026", "до 20.11.2026")


def test_signs_of_patterns_mean_themselves() -> None:
    assert found("100%", "знижка 100%")
    assert not found("100%", "знижка 1000")
    assert not found("а_б", "абб")


@given(LETTERS, LETTERS, LETTERS)
def test_whatever_holds_a_keyword_has_all_terms_of_it(before: str, keyword: str, after: str) -> None:
    text = before + keyword + after
    searched = keywords(keyword)

    if searched.are_in(folded(text)):
        assert set(terms("acme", searched.terms)) <= set(terms("acme", trigrams(words(text, None, None))))


@given(st.text(max_size=30))
def test_a_term_fits_the_column_of_the_index(text: str) -> None:
    assert all(-(2**31) <= term < 2**31 for term in terms("acme", trigrams(text)))


def test_terms_of_two_accounts_are_their_own() -> None:
    assert set(terms("acme", ["ром", "ома"])).isdisjoint(terms("beta", ["ром", "ома"]))
