"""Try texts before anybody gets them: the linter's word, and how one reads with real or sample values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from worker.core.accounts.account import Text
from worker.core.authoring.carried import absent, gained
from worker.core.authoring.lint import Report, examined
from worker.core.authoring.preview import Trial, on_events, on_samples, trigger_of
from worker.core.authoring.template_scope import Subject
from worker.core.texts.masked_values import MaskedValues
from worker.core.texts.shortcodes import Values
from worker.core.texts.viber_message import addresses, read_options
from worker.steps.accounts.desk import Desk
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.templates import Kept
from worker.store.db.postgres import Connection
from worker.store.ingest.events import last

#: Events of the type that are looked at for one that concerns somebody.
EVENTS_TRIED = 20
#: How far back, and how many of them, are asked for the value of a shortcode that a text gains.
ASKED_BACK = timedelta(days=7)
EVENTS_ASKED = 50
#: Texts that are shown of them: one event may be about hundreds of people.
TRIALS_MAX = 100
TEXT = "text"


@dataclass(frozen=True, slots=True)
class Examined:
    """A text, or an address for Viber (`field` is `viber.button.link` or `viber.picture`), and the linter's report."""

    name: str
    locale: str
    text: str
    report: Report
    field: str = TEXT


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text to be tried: one that is kept, or one that is given and not saved.

    It goes by this channel, or else by the one that its trigger is set to. Phones of an event are masked in it, unless
    `phones` wants them whole.
    """

    subject: Subject
    text: Kept | str
    locale: str
    channel: str | None = None
    with_events: bool = True
    phones: bool = False

    @property
    def words(self) -> str:
        return self.text if isinstance(self.text, str) else self.text.text


@dataclass(frozen=True, slots=True)
class Tried:
    """What people would get of a text, and what the linter says of it."""

    trials: Sequence[Trial]
    report: Report


@dataclass(frozen=True, slots=True)
class Week:
    """What the newest events of a week would have sent; `is_cut` where there were more of them."""

    trials: Sequence[Trial]
    events: int
    is_cut: bool


def examined_as(desk: Desk, subject: Subject, locale: str, text: str, *, field: str = TEXT) -> Examined:
    return Examined(subject.name, locale, text, examined(text, subject, desk.settings, locale=locale), field)


def examined_texts(desk: Desk, name: str | None = None, locale: str | None = None) -> Iterator[Examined]:
    """Every text that is not blank, or those of a name, of a language; and what they ask of Viber."""
    for kept in desk.kept:
        subject = desk.subject(kept.called)
        is_meant = name in {None, kept.called} and locale in {None, kept.locale}
        if subject is None or not is_meant:
            continue
        if kept.text.strip():
            yield examined_as(desk, subject, kept.locale, kept.text)
        for path, address in addresses(kept.viber):
            field = ".".join(("viber", *path))
            yield examined_as(desk, subject, kept.locale, address, field=field)


def try_text(connection: Connection, cache: ConfigurationCache, desk: Desk, wanted: Wanted) -> Tried:
    """What people would get of a text, by the last event that concerned anybody or by samples."""
    subject, locale, channel = wanted.subject, wanted.locale, wanted.channel
    report = examined(wanted.words, subject, desk.settings, locale=locale)
    configuration, now = cache.look(connection)
    account, text = configuration.accounts[desk.account], as_text(wanted)
    if wanted.with_events:
        bodies = last(connection, desk.account, trigger_of(subject).event, limit=EVENTS_TRIED)
        values = Values if wanted.phones else MaskedValues
        trials = on_events(bodies, subject, account, text, locale, now=now, channel=channel, values=values)
        if trials:
            return Tried(trials, report)
    return Tried([on_samples(report.sample, text, locale, account, channel)], report)


def absent_shortcodes(
    connection: Connection, cache: ConfigurationCache, desk: Desk, wanted: Wanted, before: str
) -> list[str]:
    """The shortcodes that a text gains, and that none of the newest events of a week had a value for."""
    codes = gained(before, wanted.words)
    if not codes:
        return []
    configuration, now = cache.look(connection)
    event_type, since = trigger_of(wanted.subject).event, now - ASKED_BACK
    bodies = last(connection, desk.account, event_type, limit=EVENTS_ASKED, since=since)
    return absent(bodies, codes, wanted.subject, configuration.accounts[desk.account], now=now)


def try_week(connection: Connection, cache: ConfigurationCache, desk: Desk, wanted: Wanted) -> Week:
    """Who would have got a text of the newest events of the last week."""
    configuration, now = cache.look(connection)
    account, text = configuration.accounts[desk.account], as_text(wanted)
    event_type = trigger_of(wanted.subject).event
    bodies = last(connection, desk.account, event_type, limit=EVENTS_ASKED, since=now - ASKED_BACK)
    values = Values if wanted.phones else MaskedValues
    trials = [
        trial
        for body in bodies
        for trial in on_events([body], wanted.subject, account, text, wanted.locale, now=now, values=values)
    ]
    return Week(trials[:TRIALS_MAX], len(bodies), is_cut=len(bodies) == EVENTS_ASKED or len(trials) > TRIALS_MAX)


def as_text(wanted: Wanted) -> Text:
    kept = wanted.text
    if isinstance(kept, str):
        return Text(0, 0, kept, viber=read_options({}))
    return Text(kept.id, kept.version, kept.text, viber=read_options(kept.viber))
