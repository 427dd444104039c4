import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.examples import drafted, happened
from tests.support.crm import person
from tests.support.tries import tries
from worker.core.contract.data import Data, Person
from worker.core.texts.html_markup import as_meant
from worker.core.texts.render import write
from worker.core.texts.shortcodes import Values

MANY = settings(max_examples=tries(200), deadline=None)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("<p>Вітаємо, {{contact_firstname}}!</p><p>Знижка&nbsp;10%</p>", "Вітаємо, Олена!\nЗнижка 10%"),
        ("{{ contact_firstname }}, {{{contact_firstname}}}", "Олена, Олена"),
        ("{{stock_orders_number_order_id|пані}} {{contact_firstname:short}}", "пані Олена"),
        ("{<b>contact_firstname</b>}<br/>Ваш <i>рах</i>унок", "Олена\nВаш рахунок"),
        ("<div>\n<ul><li>раз</li>\n<li>два</li></ul>\n</div>", "раз\nдва"),
        ("<td>1</td><td>2</td><!-- <p>ні</p> -->", "1 2"),
        ("Дем&amp;#039;янюк &laquo;Акме&raquo; &amp; Ко", "Дем'янюк «Акме» & Ко"),
        ("&#123;contact_firstname&#125;", "Олена"),
        ("Ціна < 100 і > 50, пишіть на <info@acme.ua>", "Ціна < 100 і > 50, пишіть на <info@acme.ua>"),
        ("https://acme.ua/?a=1&region=5&copy=2", "https://acme.ua/?a=1&region=5&copy=2"),
        ("перший\n\nдругий <b>рядок</b>", "перший\n\nдругий рядок"),
        ("{{ім'я}} {{7*7}} {{}}", "{{ім'я}} {{7*7}} {{}}"),
    ],
)
def test_a_text_written_by_hand_is_sent_as_it_was_meant(text: str, sent: str) -> None:
    [draft] = drafted(happened("sms.send_requested", recipients=[person()], text=text))

    assert draft.text == sent


def test_a_value_that_looks_like_a_shortcode_stays_as_it_is() -> None:
    values = Values(Data({"company": {"name": "{{company_mfo}}"}}), Person(), "uk", "Europe/Kyiv")

    assert write("<b>{{company_name}}</b>", values).text == "{{company_mfo}}"


@MANY
@given(st.lists(st.sampled_from(["Ж", " ", "\n", "{a}", "[", "]", "<", ">", "&", ";", "100", "<3", "&c"])).map("".join))
def test_a_text_without_markup_stays(text: str) -> None:
    assert as_meant(text).split() == text.split()


@MANY
@given(st.text("<>&;{}!-pbaж/ \n", max_size=200))
def test_every_text_is_read_and_none_grows(text: str) -> None:
    assert len(as_meant(text)) <= len(text)


@pytest.mark.parametrize("piece", ["<", "<!--", "<b ", "&amp;", "{{", "{{a|", "<b>"])
def test_a_hostile_text_is_read_in_one_pass(piece: str) -> None:
    assert len(as_meant(piece * 2_000)) <= len(piece) * 2_000
