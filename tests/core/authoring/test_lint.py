from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.authoring.lint import LONGEST_TEMPLATE, Report, lint
from worker.core.texts.segments import segments
from worker.core.texts.shortcodes import SECTIONS, SHORTCODES, codes_of
from worker.core.texts.transliteration import Spelling
from worker.core.triggers.catalogue import TRIGGERS, Trigger

INVOICE = ("clients", "invoice", "requisites", "company")
PRICE = Decimal("1.28")
MANY = settings(max_examples=tries(200), deadline=None)
PIECES = [
    *(
        "{contact_firstname}",
        "{invoice_total:word}",
        "{invoice_totl}",
        "{lead_link}",
        "{contract_items}",
        "{",
        "}",
        "[",
    ),
    *("]", "|", ":", "Ж", "a", "№", "\u202e", "\u00a0", "😀", "https://a.ua/admin/5", " ", "\n", "{}", "{a b}", "{x|"),
    *("{{invoice_number}}", "<p>", "</p>", "&nbsp;", "<a href=x>"),
]


def look(text: str, *, is_staff: bool = False, sections: tuple[str, ...] = INVOICE, locale: str = "uk") -> Report:
    return lint(text, sections=sections, is_staff=is_staff, custom=["customers_manager"], price=PRICE, locale=locale)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.id)
@pytest.mark.parametrize("locale", ["uk", "en"])
def test_no_default_text_is_refused(trigger: Trigger, locale: str) -> None:
    is_staff = trigger.message_class == "staff"

    report = lint(trigger.texts.get(locale, ""), sections=trigger.sections, is_staff=is_staff, locale=locale)

    assert set(trigger.sections) <= SECTIONS.keys()
    assert not report.is_refused, report.findings


@pytest.mark.parametrize(
    ("text", "code", "excerpt", "hint"),
    [
        ("Рахунок {invoice_numbr}", "unknown_shortcode", "{invoice_numbr}", "{invoice_number} (Номер рахунку)"),
        ("Рахунок {Invoice_Number}", "unknown_shortcode", "{Invoice_Number}", "{invoice_number}"),
        ("Рахунок { invoice_number }", "unknown_shortcode", "{ invoice_number }", "{invoice_number}"),
        ("{ім'я клієнта}, рахунок", "unknown_shortcode", "{ім'я клієнта}", "{contact_firstname}"),
        ("{custmers_manager}", "unknown_shortcode", "{custmers_manager}", "{customers_manager}"),
        ("Рахунок {}", "unknown_shortcode", "{}", "perfectum-sms template shortcodes"),
        ("Рахунок {qqqqqqqqqqqq}", "unknown_shortcode", "{qqqqqqqqqqqq}", "perfectum-sms template shortcodes"),
        ("Пропозиція {proposal_number}", "wrong_section", "{proposal_number}", "«Рахунок на оплату»"),
        ("Рахунок {invoice_number", "stray_brace", "{", "take the brace away"),
        ("Рахунок invoice_number}", "stray_brace", "}", "take the brace away"),
        ("{invoice_total:words}", "unknown_filter", "{invoice_total:words}", "word"),
        ("{invoice_number:word}", "unfit_filter", "{invoice_number:word}", "«:word»"),
        ("{{invoice_numbr}}", "unknown_shortcode", "{{invoice_numbr}}", "{invoice_number} (Номер рахунку)"),
        ("<a href='https://a.ua'>тут", "lost_link", "<a href='https://a.ua'>", "into the text itself"),
        ("Див. https://crm.acme.ua/admin/i/5.", "staff_link", "https://crm.acme.ua/admin/i/5.", "open to clients"),
    ],
)
def test_a_text_unfit_for_a_client_is_refused_with_span_and_hint(text: str, code: str, excerpt: str, hint: str) -> None:
    report = look(text)

    [finding] = [finding for finding in report.findings if finding.is_error]
    assert (finding.code, text[finding.start : finding.end]) == (code, excerpt)
    assert hint in finding.hint
    assert report.is_refused


@pytest.mark.parametrize(
    "link",
    [
        "crm.acme.ua/admin/invoices/5",
        "CRM.acme.ua:8443/Admin",
        "10.0.0.1/crm/admin/",
        "https://crm.acme.ua/{invoice_number}/admin/x",
        "https://crm.acme.ua/{invoice_number|без номера}/admin/{invoice_number}",
        "crm.acme.ua/{invoice_number}/admin/x",
        "https://{company_name}.acme.ua/admin/x",
    ],
)
def test_an_admin_link_is_refused_however_it_is_written(link: str) -> None:
    text = f"Рахунок {link} чекає"

    [finding] = [finding for finding in look(text).findings if finding.is_error]

    assert (finding.code, text[finding.start : finding.end]) == ("staff_link", link)


@pytest.mark.parametrize(
    "text", ["https://acme.ua/administration", "acme.ua та user/admin", "admin.acme.ua/i/5", "логін/admin"]
)
def test_a_link_that_only_resembles_an_admin_link_passes(text: str) -> None:
    assert "staff_link" not in codes(look(text))


def test_a_staff_link_is_refused_in_a_clients_text_and_welcome_in_staffs() -> None:
    text = "{task_name}: {task_link} https://crm.acme.ua/admin/tasks"

    assert codes(look(text, sections=("task",))) == ["staff_link", "staff_link"]
    assert codes(look(text, sections=("task",), is_staff=True)) == []


@pytest.mark.parametrize(
    ("text", "code", "excerpt"),
    [
        ("", "blank", ""),
        (" \n", "blank", " \n"),
        ("Рахунок [готовий] {invoice_number}", "plain_bracket", "["),
        ("[зовні [{invoice_number}] тут]", "plain_bracket", "["),
        ("{invoice_number}]", "plain_bracket", "]"),
        ("Рахунок [{invoice_number}", "plain_bracket", "["),
        ("Рахунок <b>{invoice_number}", "markup", "<b>"),
        ("Рахунок&nbsp;{invoice_number}", "entity", "&nbsp;"),
        ("Рахунок {{ invoice_number }}", "double_braces", "{{ invoice_number }}"),
        ("Раху\u200bнок", "invisible", "\u200b"),
        ("Invoice №{invoice_number}", "wide_character", "№"),
        ("Рayment received", "wide_character", "Р"),
        ("Payment from {contact_firstname}", "wide_value", "{contact_firstname}"),
        ("{entities_dannye_o_rukovoditele}", "long_value", "{entities_dannye_o_rukovoditele}"),
    ],
)
def test_a_surprising_text_is_a_warning_and_not_refused(text: str, code: str, excerpt: str) -> None:
    report = look(text, locale="en")

    first = next(finding for finding in report.findings if finding.code == code)
    assert text[first.start : first.end] == excerpt
    assert not report.is_refused


@pytest.mark.parametrize(
    "text",
    [
        "[{contact_firstname}, ]рахунок {invoice_number|без номера}: {invoice_link}",
        "До сплати {invoice_amount_due:short} ({invoice_amount_due:word}), {customers_manager}",
        "Рахунок №5 «Ромашка» – до сплати…",
        "Знижка < 10 % & подарунок: https://acme.ua/?a=1&copy=2",
        "Invoice {invoice_number}: {invoice_amount_due}",
        "Invoice\u00a0ready",
        "Вітаємо, {contact_firstname} 👨\u200d👩\u200d👧",
    ],
)
def test_a_good_text_has_no_findings(text: str) -> None:
    assert codes(look(text, locale="en" if text.isascii() else "uk")) == []


def test_the_hint_for_a_wide_character_is_the_plain_character() -> None:
    [finding] = look("Invoice – {invoice_number}", locale="en").findings

    assert finding.hint == "Write -"


def test_a_text_is_priced_as_it_usually_is_and_at_its_worst() -> None:
    report = look("{contact_firstname}, рахунок {invoice_number} прострочено. До сплати {invoice_amount_due}")

    assert report.sample == "Олена, рахунок INV-000901 прострочено. До сплати 1 250,00 грн"
    assert (report.typical, report.worst.count) == (segments(report.sample), 3)
    assert (report.typical_cost, report.worst_cost) == (Decimal("1.28"), Decimal("3.84"))


def test_without_a_price_there_is_no_cost() -> None:
    report = lint("Рахунок", sections=INVOICE, is_staff=False)

    assert (report.typical_cost, report.worst_cost) == (None, None)


@pytest.mark.parametrize(
    ("text", "code", "is_refused"),
    [
        ("ж" * 661, None, False),
        ("ж" * 662, "too_long", True),
        ("x" * (LONGEST_TEMPLATE + 1), "too_long", True),
        ("ж" * 600 + "{company_name}", None, False),
        ("ж" * 620 + "{company_name}", "values_cut", False),
        ("{entities_dannye_o_rukovoditele:short}", None, False),
        ("{entities_dannye_o_rukovoditele}", "values_cut", False),
    ],
)
def test_a_text_longer_than_turbosms_takes_is_refused(text: str, code: str | None, *, is_refused: bool) -> None:
    report = look(text)

    assert [name for name in codes(report) if name != "long_value"] == ([code] if code else [])
    assert report.is_refused == is_refused


def test_money_that_another_spelling_saves_is_shown() -> None:
    report = look("Рахунок {invoice_number} прострочено, просимо сплатити {invoice_amount_due}. Дякуємо, «Акме»")

    [saving] = report.savings
    assert (saving.option, saving.typical, saving.money) == ("transliterate", 1, PRICE)
    assert saving.worst >= 1


def test_a_saving_that_the_account_has_already_is_in_the_price() -> None:
    text = "Invoice «{invoice_number}» is ready. " * 6

    before = lint(text, sections=INVOICE, is_staff=False, price=PRICE, locale="en")
    after = lint(text, sections=INVOICE, is_staff=False, locale="en", spelling=Spelling(is_plain=True))

    assert ("plain_punctuation", 1) in [(saving.option, saving.typical) for saving in before.savings]
    assert (before.typical.count, after.typical.count) == (3, 2)
    assert "plain_punctuation" not in [saving.option for saving in after.savings]


def test_every_shortcode_of_a_section_is_welcome_in_it() -> None:
    for section in SECTIONS:
        text = " ".join(f"{{{code}}}" for code in codes_of([section]))

        report = lint(text, sections=[section], is_staff=True)

        assert not [finding for finding in report.findings if finding.is_error and finding.code != "too_long"], section


@MANY
@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(max_size=100), st.booleans())
def test_every_text_gets_findings_whose_spans_lie_in_it(text: str, is_staff: bool) -> None:  # noqa: FBT001 (Hypothesis gives it)
    report = lint(text, sections=INVOICE, is_staff=is_staff, custom=["customers_manager"])

    assert all(0 <= finding.start <= finding.end <= len(text) for finding in report.findings)
    assert list(report.findings) == sorted(report.findings, key=lambda finding: finding.start)
    assert all(finding.message and finding.hint for finding in report.findings)


@MANY
@given(st.lists(st.sampled_from([*SHORTCODES, "nobody", "Invoice", "a b"]), max_size=4))
def test_an_accepted_text_leaves_no_brace_in_its_sample(names: list[str]) -> None:
    text = " ".join(f"{{{name}}}" for name in names)

    report = lint(text, sections=list(SECTIONS), is_staff=True)

    assert report.is_refused or not set("{}") & set(report.sample)
