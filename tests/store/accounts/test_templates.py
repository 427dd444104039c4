from worker.store.accounts import templates, trigger_settings
from worker.store.accounts.templates import Kept, Template
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection, Pool, transaction

CUSTOM = Template(None, "Знижка", "До свят", "clients", "uk")


def order(connection: Connection) -> Kept:
    [template] = [item for item in templates.list_templates(connection, "acme") if item.trigger == "order_created"]
    return template


def test_a_version_is_written_once_however_many_write(acme_pool: Pool) -> None:
    with transaction(acme_pool) as connection:
        seen = order(connection)
    with transaction(acme_pool) as connection:
        first = templates.write(connection, seen.id, "перший", author="a", after=seen.version)
    with transaction(acme_pool) as connection:
        second = templates.write(connection, seen.id, "другий", author="b", after=seen.version)
        kept = order(connection)

    assert (first, second) == (2, None)
    assert (kept.version, kept.text, kept.author) == (2, "перший", "a")


def test_the_newest_version_is_listed(acme_pool: Pool) -> None:
    with transaction(acme_pool) as connection:
        seen = order(connection)
        templates.write(connection, seen.id, "перший", author="a", after=1)
        templates.write(connection, seen.id, "другий", author="b", after=2)

        kept = order(connection)
        versions = templates.versions(connection, seen.id)

    assert (kept.version, kept.text) == (3, "другий")
    assert [(version.version, version.author) for version in versions] == [(1, "perfectum-sms"), (2, "a"), (3, "b")]


def test_a_template_is_added_once_in_each_language(acme_pool: Pool) -> None:
    with transaction(acme_pool) as connection:
        added = [
            templates.add(connection, "acme", template, "текст", author="a")
            for template in (CUSTOM, CUSTOM, Template(None, "Знижка", None, "clients", "en"))
        ]
        rows = [
            (template.locale, template.version)
            for template in templates.list_templates(connection, "acme")
            if template.name
        ]

    assert added == [True, False, True]
    assert rows == [("en", 1), ("uk", 1)]


def test_settings_of_a_template_leave_another_unchanged(acme_pool: Pool) -> None:
    with transaction(acme_pool) as connection:
        templates.add(connection, "acme", CUSTOM, "текст", author="a")
        templates.ask(connection, "acme", CUSTOM, missing="fail", viber={"ttl": 600})
        results = {
            template.called: (template.missing, dict(template.viber))
            for template in templates.list_templates(connection, "acme")
        }

    assert results.pop("Знижка") == ("fail", {"ttl": 600})
    assert set(map(str, results.values())) == {"('drop', {})"}


def test_a_custom_template_is_taken_away_with_its_versions(acme_pool: Pool) -> None:
    with transaction(acme_pool) as connection:
        before = templates.list_templates(connection, "acme")
        templates.add(connection, "acme", CUSTOM, "текст", author="a")

        purged = templates.delete(connection, "acme", "Знижка")

        assert (purged, templates.list_templates(connection, "acme")) == (1, before)


def test_a_triggers_settings_are_kept_as_they_were_given(acme_pool: Pool) -> None:
    wanted = TriggerSettings(
        switched_on=True,
        channel="viber",
        if_unconfirmed="resend",
        settings={"statuses": ["sent", "надіслано"], "days": 3},
    )
    with transaction(acme_pool) as connection:
        trigger_settings.save(connection, "acme", "order_created", wanted)
        trigger_settings.save(connection, "acme", "brand_new", TriggerSettings())
        results = trigger_settings.list_trigger_settings(connection, "acme")

    assert (results["order_created"], results["brand_new"]) == (wanted, TriggerSettings())
