import pytest

from tests.cli.conftest import Command
from tests.steps.ledger import planned
from tests.support.crm import add_account, event, execute, row, rows
from worker.core.triggers.catalogue import TRIGGERS
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, transaction

HELD_OR_DROPPED = (
    "To hold: perfectum-sms pause acme --trigger order_created."
    " To drop: perfectum-sms cancel --account acme --trigger order_created"
)


def switches(pool: Pool) -> set[str]:
    """The switches that workers have now."""
    with transaction(pool) as connection:
        return set(ConfigurationCache().look(connection)[0].accounts["acme"].switches)


def test_every_trigger_of_the_catalogue_is_listed_with_its_ukrainian_name(shop: Command) -> None:
    body = shop("trigger", "list", "acme", "--json").json

    assert {item["trigger"]: item["label"] for item in body} == {trigger.id: trigger.label for trigger in TRIGGERS}


def test_one_trigger_is_shown_with_its_text_and_nature(shop: Command) -> None:
    body = shop("trigger", "show", "acme", "booking_confirmed", "--json").json

    assert (body["state"], body["event"], body["recipients"]) == ("on", "booking.confirmed", "booking")
    assert body["texts"]["uk"].startswith("Запис підтверджено")
    assert "Запис підтверджено" in shop("trigger", "show", "acme", "booking_confirmed").out


def test_a_trigger_that_is_switched_off_plans_nothing_until_it_is_on_again(shop: Command, pool: Pool) -> None:
    off = shop("trigger", "off", "acme", "order_created", "booking_confirmed")
    between = switches(pool)
    on = shop("trigger", "on", "acme", "order_created")

    assert off.err.splitlines() == ["order_created: is off now", "booking_confirmed: is off now"]
    assert on.err == "order_created: is on now\n"
    assert not between & {"order_created", "booking_confirmed"}
    assert switches(pool) == between | {"order_created"}


def test_what_is_planned_goes_though_its_trigger_is_off_and_is_counted(shop: Command, intake: Intake) -> None:
    planned(intake, event("order.created"), event("order.created"), event("invoice.overdue"))

    off = shop("trigger", "off", "acme", "order_created", COLUMNS="300")

    assert off.err.splitlines() == [
        "order_created: is off now",
        "order_created: 2 texts that are planned already go all the same",
        HELD_OR_DROPPED,
    ]
    cancelled = shop("cancel", "--account", "acme", "--trigger", "order_created", "--yes", "--json")
    again = shop("trigger", "off", "acme", "order_created")
    assert (cancelled.json["cancelled"], again.err) == (2, "order_created: is off already\n")


def test_switching_on_a_trigger_that_is_on_changes_nothing(shop: Command) -> None:
    assert shop("trigger", "on", "acme", "order_created").err == "order_created: is on already\n"


def test_all_triggers_are_switched_together(shop: Command, pool: Pool) -> None:
    shop("trigger", "off", "acme", "--all")

    assert switches(pool) == set()


def test_a_trigger_newer_than_the_account_gets_its_default_text(shop: Command, pool: Pool) -> None:
    execute(pool, "DELETE FROM triggers WHERE trigger = 'order_created'")
    execute(pool, "DELETE FROM templates WHERE trigger = 'order_created'")
    before = shop("trigger", "show", "acme", "order_created", "--json").json

    result = shop("trigger", "on", "acme", "order_created")

    assert before["state"] == "off"
    assert "got the default one: Замовлення №" in result.err
    assert "order_created" in switches(pool)


def test_a_blank_text_is_shown_as_off_in_the_list(shop: Command) -> None:
    shop("template", "edit", "acme", "order_created", "--text", "")

    results = {item["trigger"]: item["state"] for item in shop("trigger", "list", "acme", "--json").json}
    assert (results["order_created"], results["order_approved"]) == ("blank", "on")


def test_the_channel_that_is_shown_is_that_of_the_texts(shop: Command) -> None:
    shop("trigger", "set", "acme", "booking_confirmed", "--channel", "viber")
    shop("account", "set", "acme", "--viber-sender", "Acme", "--viber-instead", "on")

    results = {item["trigger"]: item for item in shop("trigger", "list", "acme", "--json").json}
    shown = shop("trigger", "show", "acme", "order_created", "--json").json

    assert (results["order_created"]["channel"], results["booking_confirmed"]["channel"]) == ("viber_then_sms", "viber")
    assert (shown["channel"], shown["channel_set"]) == ("viber_then_sms", "sms")


def test_a_channel_and_what_happens_if_unconfirmed_are_set_together(shop: Command, pool: Pool) -> None:
    result = shop(
        "trigger", "set", "acme", "booking_confirmed", "--channel", "viber_then_sms", "--if-unconfirmed", "resend"
    )

    assert result.err.splitlines() == [
        "booking_confirmed, channel: was sms, is viber_then_sms now",
        "booking_confirmed, if_unconfirmed: was keep, is resend now",
    ]
    assert rows(pool, "SELECT channel, if_unconfirmed FROM triggers WHERE trigger = 'booking_confirmed'") == [
        ("viber_then_sms", "resend")
    ]
    assert row(pool, "SELECT count(*) FROM triggers WHERE channel <> 'sms' OR if_unconfirmed <> 'keep'") == (1,)
    shown = shop("account", "show", "acme", "--json").json["triggers"]
    assert [item["trigger"] for item in shown if item["if_unconfirmed"] == "resend"] == ["booking_confirmed"]


def test_the_preference_if_unconfirmed_is_of_one_account(shop: Command, pool: Pool) -> None:
    add_account(pool, "other")

    shop("trigger", "set", "acme", "booking_confirmed", "--if-unconfirmed", "resend")

    assert rows(pool, "SELECT account FROM triggers WHERE if_unconfirmed = 'resend'") == [("acme",)]


def test_the_help_explains_what_happens_if_unconfirmed(bare: Command) -> None:
    output = bare("trigger", "set", "--help", COLUMNS="300").out

    assert "nobody gets it twice, somebody perhaps never" in output
    assert "under a fresh key: somebody perhaps gets it twice" in output


def test_a_setting_of_some_triggers_is_set_and_removed(shop: Command, pool: Pool) -> None:
    change = ("trigger", "set", "acme", "position_status_sent", "--setting")

    results = [shop(*change, item).err for item in ("sent_proposal=5, надіслано", "sent_proposal=")]

    assert results == [
        "position_status_sent, settings: was none, is sent_proposal=5,надіслано now\n",
        "position_status_sent, settings: was sent_proposal=5,надіслано, is none now\n",
    ]
    assert row(pool, "SELECT settings FROM triggers WHERE trigger = 'position_status_sent'") == ({},)


@pytest.mark.parametrize(
    ("trigger", "setting", "text"),
    [
        ("position_status_sent", "sent_propsal=5", "did you mean sent_proposal?"),
        ("order_created", "sent_proposal=5", "none at all"),
        ("position_status_sent", "sent_proposal", "NAME=VALUE"),
        ("invoice_overdue_notice", "max_age_days=soon", "max_age_days"),
        ("invoice_overdue_notice", "max_age_days=0", "greater than or equal to 1"),
    ],
)
def test_a_setting_that_cannot_be_is_named_and_nothing_is_set(
    shop: Command, pool: Pool, trigger: str, setting: str, text: str
) -> None:
    result = shop("trigger", "set", "acme", trigger, "--setting", setting, "--channel", "viber")

    assert (result.code, text in result.err) == (2, True), result.err
    assert row(pool, "SELECT count(*) FROM triggers WHERE channel <> 'sms'") == (0,)


def test_setting_equal_values_changes_nothing(shop: Command) -> None:
    result = shop("trigger", "set", "acme", "booking_confirmed", "--channel", "sms")

    assert (result.code, result.err) == (0, "booking_confirmed was set so already: nothing changed.\n")


@pytest.mark.parametrize("command", ["on", "off"])
def test_switching_nothing_or_everything_and_something_is_wrong_usage(shop: Command, command: str) -> None:
    codes = [shop("trigger", command, "acme", *more).code for more in ((), ("order_created", "--all"))]

    assert codes == [2, 2]


@pytest.mark.parametrize("command", [("show",), ("on",), ("off",), ("set", "--channel", "sms")])
def test_an_unknown_trigger_is_exit_code_3_and_the_nearest_is_named(shop: Command, command: tuple[str, ...]) -> None:
    result = shop("trigger", command[0], "acme", "order_craeted", *command[1:])

    assert (result.code, "did you mean order_created?" in result.err) == (3, True)


@pytest.mark.parametrize(
    "command",
    [("list",), ("show", "order_created"), ("off", "order_created"), ("set", "order_created", "--channel", "sms")],
)
def test_an_unknown_account_is_exit_code_3(run: Command, command: tuple[str, ...]) -> None:
    result = run("trigger", command[0], "nobody", *command[1:])

    assert (result.code, "account list" in result.err) == (3, True)


def test_setting_nothing_is_wrong_usage_with_a_hint(shop: Command) -> None:
    result = shop("trigger", "set", "acme", "order_created")

    assert (result.code, "--channel" in result.err) == (2, True)


def test_an_unknown_channel_is_wrong_usage_and_names_the_four(shop: Command) -> None:
    result = shop(
        "trigger", "set", "acme", "order_created", "--channel", "telegram", NO_COLOR="1", TERM="dumb", COLUMNS="300"
    )

    assert (result.code, "viber_then_sms" in result.err) == (2, True)


BY_DEFAULT = {
    "meeting_reminder": "24h and 2h before the start; a meeting's own remind_before goes before it",
    "staff_reminder": "at its moment",
    "contract_expiration_reminder": "4 days before the last day, on that day, at 9:00; by the account's clocks",
    "order_created": None,
}


def test_the_reminder_times_of_a_trigger_are_shown(shop: Command) -> None:
    for trigger, text in BY_DEFAULT.items():
        assert shop("trigger", "show", "acme", trigger, "--json").json["when"] == text


@pytest.mark.parametrize(
    ("trigger", "settings", "text"),
    [
        ("booking_reminder", ["before=30m,2d"], "2d and 30m before the start"),
        ("contact_birthday", ["hour=10:30"], "on the day at 10:30"),
        ("proposal_expiration_reminder", ["days_before=1,7"], "7 and 1 days before the last day, at 9:00"),
        (
            "contract_expiration_reminder",
            ["days_before=0", "every_days=7", "at_most=2"],
            "on the last day, after it every 7 days, 2 times at most, at 9:00",
        ),
        (
            "invoice_overdue_notice",
            ["after_days=2"],
            "2 days after the due day, then every 3 days, 10 times at most, at 9:00",
        ),
        ("invoice_overdue_notice", ["every_days=0", "hour=8:05"], "1 day after the due day, at 8:05"),
        ("meeting_reminder", ["timing=off"], "by the CRM's own clock"),
    ],
)
def test_the_reminder_times_of_a_trigger_are_settings(
    shop: Command, trigger: str, settings: list[str], text: str
) -> None:
    given = [name for setting in settings for name in ("--setting", setting)]
    shop("trigger", "set", "acme", trigger, *given)

    results = {item["trigger"]: item["when"] for item in shop("trigger", "list", "acme", "--json").json}
    assert results[trigger] == text


def test_a_trigger_without_reminder_times_shows_how_to_set_them(shop: Command) -> None:
    shop("trigger", "set", "acme", "meeting_reminder", "--setting", "timing=off")

    shown = shop("trigger", "show", "acme", "meeting_reminder", "--json").json["when"]
    _, asked = shown.split("perfectum-sms ")
    shop(*asked.replace("ACCOUNT", "acme").split())

    assert shop("trigger", "show", "acme", "meeting_reminder", "--json").json["when"] == BY_DEFAULT["meeting_reminder"]


@pytest.mark.parametrize(
    ("trigger", "setting", "named"),
    [
        ("meeting_reminder", "before=1440", "before: write how long before, such as 24h, 90m or 2d"),
        ("meeting_reminder", "before=0h", "before"),
        ("meeting_reminder", "hour=9:00", "hour"),
        ("contact_birthday", "hour=25:00", "hour: write the time of day, such as 9:00"),
        ("contract_expiration_reminder", "days_before=-1", "days_before"),
        ("invoice_overdue_notice", "at_most=1000", "at_most"),
        ("staff_reminder", "timing=maybe", "timing"),
    ],
)
def test_a_time_that_is_none_is_refused_and_named(shop: Command, trigger: str, setting: str, named: str) -> None:
    result = shop("trigger", "set", "acme", trigger, "--setting", setting)

    assert result.code == 2
    assert named in result.err
