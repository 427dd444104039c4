"""Alerts of an account and their SMS: one an hour at most, of a subject once, and no budget holds it up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

#: What rows of alerts are called where others name their trigger.
ALERT = "alert"
#: Later than this it would be about what is over.
LIFE = timedelta(hours=1)
#: An alert of one account is sent once in such a span at most.
SILENCE = timedelta(hours=1)

BUDGET_NEARLY_SPENT = "budget.nearly_spent"
BUDGET_SPENT = "budget.spent"
BALANCE_LOW = "balance.low"
ACCOUNT_PAUSED = "account.paused"
VIBER_STOPPED = "viber.stopped"
TRIGGER_STOPPED = "trigger.stopped"
PERSON_STOPPED = "person.stopped"

#: The SMS by name and language.
TEXTS: Mapping[str, Mapping[str, str]] = {
    BUDGET_NEARLY_SPENT: {"uk": "витрачено 80% денного бюджету", "en": "80% of the daily budget is spent"},
    BUDGET_SPENT: {"uk": "денний бюджет витрачено", "en": "the daily budget is spent"},
    BALANCE_LOW: {"uk": "на рахунку TurboSMS мало грошей", "en": "money at TurboSMS runs low"},
    ACCOUNT_PAUSED: {"uk": "надсилання зупинено", "en": "sending is paused"},
    VIBER_STOPPED: {"uk": "Viber зупинено", "en": "Viber is paused"},
    TRIGGER_STOPPED: {"uk": "тригер зупинено: надто багато SMS", "en": "a trigger was stopped: too many texts"},
    PERSON_STOPPED: {"uk": "людині йде надто багато SMS", "en": "somebody was to get too many texts"},
}
#: Why an account is paused, where it can still send an SMS of its own.
REASONS: Mapping[str, Mapping[str, str]] = {
    "provider_failing": {"uk": "TurboSMS не відповідає", "en": "TurboSMS fails"}
}


@dataclass(frozen=True, slots=True)
class AccountAlert:
    """An alert; `name` may end in `/trigger`, the same `subject` is not sent again, `facts` hold nothing personal."""

    account: str
    name: str
    subject: str
    facts: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def base_name(self) -> str:
        return self.name.partition("/")[0]


def account_alert_of(event: str, facts: Mapping[str, object], *, subject: str) -> AccountAlert | None:
    if event not in TEXTS:
        return None
    trigger = facts.get("trigger")
    # A person's key helps nobody who reads an SMS.
    fields = {key: value for key, value in facts.items() if key not in {"account", "scope"}}
    return AccountAlert(str(facts["account"]), f"{event}/{trigger}" if trigger else event, subject, fields)


def text_of(alert: AccountAlert, account_name: str, locale: str) -> str:
    language = "uk" if locale == "uk" else "en"
    texts = [f"{account_name}: {TEXTS[alert.base_name][language]}"]
    trigger = alert.facts.get("trigger")
    texts += [f" ({trigger})"] if trigger else []
    reason = REASONS.get(str(alert.facts.get("reason")), {}).get(language)
    texts += [f", {reason}"] if reason else []
    texts += details(alert, language)
    return "".join(texts)


def details(alert: AccountAlert, language: str) -> list[str]:
    figures: list[str] = []
    hryvnia = "грн" if language == "uk" else "UAH"
    if alert.base_name == BALANCE_LOW:
        figures.append(f": {alert.facts['balance']} {hryvnia}")
        if (hours := alert.facts.get("hours")) is not None:
            figures.append(f", вистачить на {hours} год" if language == "uk" else f", enough for {hours} h")
    elif "budget" in alert.facts:
        figures.append(f": {alert.facts['budget']} {hryvnia}")
    elif "budget_segments" in alert.facts:
        segments = alert.facts["budget_segments"]
        figures.append(f": {segments} сегм." if language == "uk" else f": {segments} segments")
    return figures
