import pytest

from tests.cli.conftest import Command
from tests.support.crm import comment, delivery, event, execute, person
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

PREVIEW = ("template", "preview", "acme")
LINT = ("template", "lint", "acme")


def test_the_default_texts_lint(shop: Command) -> None:
    result = shop(*LINT, "--json")

    assert result.code == 0
    assert {item["name"] for item in result.json if item["is_refused"]} == set()
    assert all(1 <= item["typical"]["segments"] <= item["worst"]["segments"] for item in result.json)


def test_a_text_that_is_given_is_judged_and_not_saved(shop: Command) -> None:
    result = shop(*LINT, "order_created", "--text", "Дякуємо, {stock_orders_firstnam}!", "--json")

    [value] = result.json
    [finding] = [finding for finding in value["findings"] if finding["is_error"]]
    assert result.code == 1
    assert value["is_refused"]
    assert value["text"][finding["start"] : finding["end"]] == "{stock_orders_firstnam}"
    assert (finding["line"], finding["column"]) == (1, 10)
    assert "{stock_orders_firstname}" in f"{finding['message']} {finding['hint']}"
    assert shop(*LINT, "order_created").code == 0


def test_lint_of_all_texts_shows_the_refused_one(shop: Command, pool_texts: None) -> None:  # noqa: ARG001
    result = shop(*LINT)

    assert result.code == 1
    assert "order_created (uk): refused" in result.out
    assert "order_approved (uk): all right" in result.out
    assert "^^^" in result.out


def test_an_address_for_viber_is_judged_as_its_text(shop: Command, intake: Intake) -> None:
    viber = '{"button": {"caption": "Далі", "link": "{task_link}"}, "picture": "https://example.com/a.png"}'
    execute(intake.pool, "UPDATE templates SET viber = %s WHERE trigger = 'order_created'", viber)

    shown, result = shop(*LINT, "order_created"), shop(*LINT, "order_created", "--json")

    assert (shown.code, result.code) == (1, 1)
    assert "order_created (uk), viber.button.link: refused" in shown.out
    assert {item["place"]: item["is_refused"] for item in result.json} == {
        "text": False,
        "viber.button.link": True,
        "viber.picture": False,
    }


@pytest.fixture
def pool_texts(intake: Intake) -> None:
    """A text that an older version took, or another program wrote."""
    execute(
        intake.pool,
        "UPDATE template_versions SET text = '{no_such}' WHERE template IN"
        " (SELECT id FROM templates WHERE trigger = 'order_created')",
    )


def test_a_text_without_a_name_cannot_be_judged(shop: Command) -> None:
    result = shop(*LINT, "--text", "x")

    assert (result.code, "NAME" in result.err) == (2, True)


def test_markup_is_named_wherever_a_text_is_tried_or_saved(shop: Command) -> None:
    given = ("order_created", "--text", "<p>{{stock_orders_firstname}}, готово&nbsp;!</p>")

    shown, saved = shop(*PREVIEW, *given, "--samples"), shop("template", "edit", "acme", *given)

    assert (shown.code, saved.code) == (0, 0)
    assert "Максим, готово !" in shown.out
    for result in (shown, saved):
        assert all(f"{text} is HTML" in result.err for text in ("<p>", "</p>", "&nbsp;"))
        assert "{{stock_orders_firstname}} has double braces" in result.err


def test_a_preview_takes_the_last_real_event_of_the_type(shop: Command, intake: Intake) -> None:
    for number in ("1001", "1002"):
        order = {"id": number, "number": number, "version": 1}
        accept(intake, [delivery(event("order.created", recipients=[person("order")], order=order))])
    accept(intake, [delivery(event("order.approved", order={"id": "1003", "number": "1003", "version": 1}))])

    [value] = shop(*PREVIEW, "order_created", "--json").json

    assert value["source"] == "event"
    assert value["text"] == "Замовлення №1002 прийнято. Дякуємо! ТОВ Ромашка"
    assert (value["recipient"], value["phone"], value["segments"]) == ("order", "+38067***4567", 1)


def test_a_preview_shows_everybody_who_would_get_it(shop: Command, intake: Intake) -> None:
    two = [person(), person(phone="0501112233", id="18", firstname="Тарас")]
    accept(intake, [delivery(event("invoice.overdue", recipients=two))])

    body = shop(*PREVIEW, "invoice_overdue_notice", "--json").json

    assert [item["text"].split(",")[0] for item in body] == ["Олена", "Тарас"]


def test_a_preview_takes_the_last_event_that_concerns_somebody(shop: Command, intake: Intake) -> None:
    proposal = {"id": "5", "number": "КП-5", "addressee": "Ромашка"}
    for author in ("client", "staff"):
        accept(intake, [delivery(event("proposal.comment_added", proposal=proposal, comment=comment(author)))])

    [value] = shop(*PREVIEW, "proposal_comment_to_staff", "--json").json

    assert (value["source"], value["recipient"]) == ("event", "staff")


def test_a_preview_without_an_event_takes_samples(shop: Command) -> None:
    [value] = shop(*PREVIEW, "order_created", "--json").json
    shown = shop(*PREVIEW, "order_created")

    assert (value["source"], value["recipient"]) == ("samples", None)
    assert "{" not in value["text"]
    assert value["text"].startswith("Замовлення №")
    assert shown.out.strip().startswith(value["text"])
    assert "sample values" in shown.err


def test_samples_are_taken_on_request(shop: Command, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created"))])

    assert shop(*PREVIEW, "order_created", "--samples", "--json").json[0]["source"] == "samples"


def test_a_preview_of_a_text_that_is_given_saves_nothing(shop: Command, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created", order={"id": "7", "number": "1007", "version": 1}))])

    [value] = shop(*PREVIEW, "order_created", "--text", "Ваше №{stock_orders_number_order_id}", "--json").json

    assert value["text"] == "Ваше №1007"
    assert shop("template", "show", "acme", "order_created").out.startswith("Замовлення №")


def test_a_preview_of_a_trigger_that_is_off_still_shows_it(shop: Command, intake: Intake) -> None:
    shop("trigger", "off", "acme", "order_created")
    accept(intake, [delivery(event("order.created"))])

    assert shop(*PREVIEW, "order_created", "--json").json[0]["source"] == "event"


def test_a_preview_never_shows_a_phone(shop: Command, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order", "067 765 43 21")]))])

    shown = [shop(*PREVIEW, "order_created", *more).out for more in ((), ("--json",))]

    assert not any("7654321" in name or "67654321" in name for name in shown)


def test_a_custom_template_is_shown_as_it_was_last_sent(shop: Command, intake: Intake) -> None:
    for name, text in (("Знижка", "{contact_firstname}, знижка"), ("Інша", "Інша")):
        shop("template", "add", "acme", name, "--section", "clients", "--text", text)
        request = shop("event", "example", "sms.send_requested", "--account", "acme").json
        accept(intake, [delivery({**request, "data": {**request["data"], "template": name, "text": None}})])

    [value] = shop(*PREVIEW, "Знижка", "--json").json

    assert (value["source"], value["text"]) == ("event", "Олена, знижка")


def test_each_channel_of_a_text_is_shown(shop: Command, intake: Intake) -> None:
    shop("account", "set", "acme", "--viber-sender", "Акме")
    shop("trigger", "set", "acme", "order_created", "--channel", "both")
    accept(intake, [delivery(event("order.created"))])

    assert [item["channel"] for item in shop(*PREVIEW, "order_created", "--json").json] == ["sms", "viber"]


def test_a_custom_template_is_shown_with_samples(shop: Command) -> None:
    shop("template", "add", "acme", "Знижка", "--section", "clients", "--text", "{contact_firstname}, знижка")

    [value] = shop(*PREVIEW, "Знижка", "--json").json

    assert value["source"] == "samples"
    assert value["text"].endswith(", знижка")


def test_a_preview_of_a_refused_text_warns_that_it_cannot_be_saved(shop: Command) -> None:
    result = shop(*PREVIEW, "order_created", "--text", "Замовлення {nope}")

    assert (result.code, "^^^^^^" in result.err, "could not be saved" in result.err) == (0, True, True)
