from itertools import product

import pytest

from tests.cli.account.account_files import export, give
from tests.cli.conftest import Command

#: A file, and what is said of its fault.
WRONG = [
    ("rat: 5", "line 1, rat: there is no such key; did you mean rate?"),
    ("rate: 5\nzzzzzz: 1", "line 2, zzzzzz: there is no such key; known: account, name"),
    (
        "triggers:\n  order_created:\n    chanel: sms",
        "line 3, triggers.order_created.chanel: there is no such key; did you mean channel?",
    ),
    (
        "triggers:\n  order_craeted: {}",
        "line 2, triggers.order_craeted: there is no such trigger; did you mean order_created?",
    ),
    (
        "triggers:\n  order_created:\n    texts:\n      uk:\n        txt: x",
        "triggers.order_created.texts.uk.txt: there is no such key; did you mean text?",
    ),
    (
        "templates:\n  А:\n    secton: clients",
        "line 3, templates.А.secton: there is no such key; did you mean section?",
    ),
    (
        "templates:\n  А:\n    section: client\n    texts: {uk: x}",
        "line 3, templates.А.section: client is none: did you mean clients?",
    ),
    ("templates:\n  order_created:\n    section: clients\n    texts: {uk: x}", "is a trigger's name"),
    ("templates:\n  А:\n    section: clients\n    texts: {}", "line 4, templates.А.texts"),
    ("rate: fast", "line 1, rate: write a number"),
    ("rate: 0", "0.01"),
    ("in_flight: '5'", "line 1, in_flight: Input should be a valid integer"),
    ("hours: 20:00-9:00", "line 1, hours: write them as 9:00-20:00"),
    ("zone: Europe/Atlantis", "IANA"),
    ("key_life: 10s", "2m"),
    ("name: 5", "in quotes"),
    ("segment_price: -1", "0.95"),
    ("viber_instead: maybe", "line 1, viber_instead: Input should be a valid boolean"),
    ("triggers:\n  order_created:\n    texts: {ukr: x}", "two letters"),
    ("triggers:\n  order_created:\n    texts:\n      uk:\n        text: x\n        viber: {ttl: 5}", "ttl"),
    (
        "triggers:\n  order_created:\n    settings: {days: 5}",
        "order_created has no such setting; it has none at all",
    ),
    ("triggers:\n  position_status_sent:\n    settings: {sent_propsal: x}", "did you mean sent_proposal?"),
    ("triggers:\n  sms_send_requested:\n    texts: {uk: x}", "each of its events brings its text"),
    ("rate: 5\nrate: 6", 'line 2: it is not YAML: found duplicate key "rate"'),
    ("rate:", "line 1, rate: is empty"),
    ("rate: [", "not YAML"),
    ("viber_instead: true", "viber_instead needs a viber_sender"),
]


def test_a_wrong_setting_is_named_with_its_line_and_changes_nothing(shop: Command, subtests: pytest.Subtests) -> None:
    before = export(shop)

    for text, sentence in WRONG:
        with subtests.test(text):
            result = give(shop, text)

            assert (result.code, sentence in result.err) == (1, True), result.err
            assert "nothing was changed" in result.err
    assert export(shop) == before


def test_every_fault_of_a_file_is_reported_at_once(shop: Command) -> None:
    result = give(shop, "rat: 5\nin_flight: 0\nzone: x\n")

    assert len(result.err.splitlines()) == 4


LINKED = """\
triggers:
  order_created:
    texts:
      uk:
        text: {text}
        viber:
          button:
            caption: Далі
            link: '{link}'
"""


def test_a_refused_viber_link_is_named_and_changes_nothing(shop: Command, subtests: pytest.Subtests) -> None:
    give(shop, LINKED.format(text="Прийнято", link="https://example.com"))
    before = export(shop)

    for text, link in product(
        ("Прийнято", "'{stock_orders_number_order_id}'"),
        ("{task_link}", "{invoice_lnk}", "https://crm.acme.ua/admin/5"),
    ):
        with subtests.test(text=text, link=link):
            result = give(shop, LINKED.format(text=text, link=link))

            assert result.code == 1
            assert "line 9, triggers.order_created.texts.uk.viber.button.link: the address is refused" in result.err
    assert export(shop) == before


CUSTOM = """\
custom_shortcodes: {codes}
templates:
  Знижка:
    section: {section}
    texts:
      uk: '{{contact_firstname}}, {{customers_kod}}'
"""


@pytest.mark.parametrize(("codes", "section"), [("[customers_kod]", "orders"), ("[]", "clients")])
def test_a_lost_section_or_shortcode_refuses_the_texts_that_use_it(shop: Command, codes: str, section: str) -> None:
    kept = give(shop, CUSTOM.format(codes="[customers_kod]", section="clients"))
    before = export(shop)

    result = give(shop, CUSTOM.format(codes=codes, section=section))

    assert (kept.code, result.code) == (0, 1)
    assert "line 6, templates.Знижка.texts.uk: the text is refused" in result.err
    assert export(shop) == before


def test_a_refused_text_is_marked_and_changes_nothing(shop: Command) -> None:
    before = export(shop)

    result = give(
        shop, "rate: 5\ntriggers:\n  order_created:\n    texts:\n      uk: 'Дякуємо, {stock_orders_firstnam}!'\n"
    )

    assert result.code == 1
    assert "line 5, triggers.order_created.texts.uk: the text is refused" in result.err
    assert "^" * len("{stock_orders_firstnam}") in result.err
    assert export(shop) == before
