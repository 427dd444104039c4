"""An account as its file holds it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from worker.core.accounts.setting import Setting
from worker.core.accounts.settings import BUDGET, SETTINGS, AccountSettings
from worker.core.accounts.yaml_text import written
from worker.core.triggers.catalogue import TRIGGERS
from worker.language import _, marked
from worker.store.accounts import templates, trigger_settings
from worker.store.accounts.templates import Kept
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection

HEAD = marked("""\
# Everything that is set of the account {account}, but for its TurboSMS token.
# Change it and give it back: perfectum-sms account import FILE
# What is left out stays as it is; the texts of a trigger, and the custom templates, are replaced as a whole.
# A trigger's text that is blank, or was there and is left out, is off for those who speak its language.
""")


def file_of(
    connection: Connection, account: str, settings: AccountSettings, *, left_out: Collection[str] = frozenset()
) -> str:
    """The file, without the settings that its reader may not see: what a file leaves out stays as it is."""
    fields = exported(connection, account, settings)
    triggers = {name: without(part, left_out) for name, part in fields["triggers"].items()}
    return _(HEAD, account=account) + written({**without(fields, left_out), "triggers": triggers})


def without(fields: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def exported(connection: Connection, account: str, settings: AccountSettings) -> dict[str, Any]:
    kept = templates.list_templates(connection, account)
    return {
        "account": account,
        **values_of(settings),
        "triggers": dict(triggers_of(trigger_settings.list_trigger_settings(connection, account), kept)),
        "templates": dict(customs_of(kept)),
    }


def values_of(settings: AccountSettings | TriggerSettings, of: Iterable[Setting] = SETTINGS) -> dict[str, Any]:
    return {setting.name: setting.plain(getattr(settings, setting.attribute)) for setting in of}


def triggers_of(set_: Mapping[str, TriggerSettings], kept: Iterable[Kept]) -> Iterator[tuple[str, dict[str, Any]]]:
    texts = list(kept)
    for trigger in TRIGGERS:
        settings = set_.get(trigger.id, TriggerSettings())
        part: dict[str, Any] = {
            "enabled": settings.switched_on,
            "channel": settings.channel,
            "if_unconfirmed": settings.if_unconfirmed,
        }
        if settings.settings:
            part["settings"] = dict(settings.settings)
        if values_of(settings, BUDGET) != values_of(TriggerSettings(), BUDGET):
            part |= values_of(settings, BUDGET)
        if not trigger.is_free:
            part["texts"] = dict(texts_of(kept for kept in texts if kept.trigger == trigger.id))
        yield trigger.id, part


def customs_of(kept: Iterable[Kept]) -> Iterator[tuple[str, dict[str, Any]]]:
    by_name: dict[str, list[Kept]] = {}
    for template in kept:
        if template.name is not None:
            by_name.setdefault(template.name, []).append(template)
    for name, texts in by_name.items():
        about = {"section": texts[0].section, "description": texts[0].description or ""}
        yield name, {**about, "texts": dict(texts_of(texts))}


def texts_of(kept: Iterable[Kept]) -> Iterator[tuple[str, Any]]:
    """Texts by language, a blank one (off there) too; one without options is alone."""
    for template in kept:
        missing = {} if template.missing == "drop" else {"missing": template.missing}
        viber = {"viber": dict(template.viber)} if template.viber else {}
        yield template.locale, {"text": template.text, **missing, **viber} if missing or viber else template.text
