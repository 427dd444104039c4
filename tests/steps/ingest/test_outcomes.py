from tests.support.crm import Json, delivery, event, execute, person, row
from worker.steps.effects import Accounted, Buried, Ended, Reported
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake


def reported(intake: Intake, *bodies: Json) -> list[Reported]:
    results = accept(intake, [delivery(body) for body in bodies])
    return [reported for result in results for reported in result.reported]


def test_an_event_is_reported_with_the_ids_of_its_texts(intake: Intake) -> None:
    body = event("order.created")

    [accounted] = reported(intake, body)

    [*text] = row(intake.pool, "SELECT month, id FROM notifications")
    assert accounted == Accounted("acme", str(body["id"]), "order.created", "planned", (tuple(text),))


def test_a_text_that_ends_at_once_is_reported_with_its_event(intake: Intake) -> None:
    body = event("order.created", recipients=[person("order", None)])

    accounted, ended = reported(intake, body)

    assert isinstance(accounted, Accounted)
    assert ended == Ended("acme", "order_created", accounted.texts[0], str(body["id"]), "skipped", "no_phone")


def test_each_way_of_an_event_is_reported(intake: Intake) -> None:
    execute(intake.pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'order_approved'")
    first, other = event("order.created"), event("order.approved")
    again = {**first, "id": "again"}
    wrong = {**event("order.created"), "type": "no.such"}

    results = [effect for body in (first, first, other, again, wrong) for effect in reported(intake, body)]

    assert [each.outcome for each in results if isinstance(each, Accounted)] == [
        *("planned", "repeated", "switched_off", "already_planned"),
    ]
    assert results[-1] == Buried("event", "unknown_type", "acme", str(wrong["id"]), "no.such")


def test_a_failed_text_is_reported_with_its_letter(intake: Intake) -> None:
    execute(
        intake.pool,
        "UPDATE templates SET missing = 'fail' WHERE trigger = 'order_created'",
    )
    execute(
        intake.pool,
        "UPDATE template_versions SET text = 'Код: {stock_orders_delivery_method}' WHERE template IN"
        " (SELECT id FROM templates WHERE trigger = 'order_created')",
    )

    accounted, ended, buried = reported(intake, event("order.created"))

    assert isinstance(accounted, Accounted)
    assert isinstance(ended, Ended)
    assert isinstance(buried, Buried)
    assert (ended.state, ended.reason, buried.reason) == ("failed", "missing_value", "missing_value")
    assert ended.notification_id == buried.notification_id == accounted.texts[0]
