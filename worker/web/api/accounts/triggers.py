"""`/triggers`: which events an account writes to people about, and how."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from worker.core.accounts.choices import Channel, IfUnconfirmed
from worker.core.accounts.setting_kinds import LARGE_MAX, MONEY, Money
from worker.core.reminders.schedule_words import format_schedule
from worker.core.triggers.catalogue import BY_ID
from worker.language import _
from worker.steps.accounts import triggers
from worker.steps.accounts.desk import Desk, open_desk
from worker.steps.accounts.triggers import Faulty, Setting, TriggerView
from worker.store.db.postgres import Connection, transaction
from worker.web.api.accounts.editing import IfMatch, changed, edited, etag_of, is_newest
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import NO_NUL, SEEN_MAX, Fields, Words, about
from worker.web.api.problems import (
    CHANGED,
    ETAG,
    NOT_FOUND,
    VERSION_NEEDED,
    Problem,
    WrongField,
    invalid,
    not_found,
    wrong_field,
)

TAG = "triggers"
Word = Annotated[str, Field(max_length=SEEN_MAX, pattern=NO_NUL)]
#: Settings that one change names, and values of one.
SETTINGS_MAX, VALUES_MAX = 20, 50
SettingValue = Word | int | Annotated[list[Word | int], Field(max_length=VALUES_MAX)] | None


def hryvnias(value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Money().parse(value)
    raise ValueError(_('must be a string of hryvnias such as "500.00"'))


Budget = Annotated[
    Decimal | None,
    BeforeValidator(hryvnias),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^{MONEY.pattern}$"}, {"type": "null"}]}),
]


class Which(Fields):
    trigger: Annotated[Words, about("The id of a trigger, as lists have it.", "booking_confirmed")]


class WhichToChange(Which):
    if_match: IfMatch = None


class TriggerChange(Fields):
    """What to change; the rest stays as it is. Workers notice within seconds."""

    enabled: Annotated[bool | None, about("Whether it plans texts; what is planned already goes all the same.")] = None
    channel: Annotated[Channel | None, about("How its texts travel.", "viber_then_sms")] = None
    if_unconfirmed: Annotated[
        IfUnconfirmed | None,
        about(
            "Of a text that TurboSMS never answered about: `keep`, rather never than twice, or `resend`, the other way."
        ),
    ] = None
    settings: Annotated[
        dict[str, SettingValue] | None,
        about(
            "What only some triggers have; null takes one back to its default.",
            {"before": "24h,2h"},
            max_length=SETTINGS_MAX,
        ),
    ] = None
    daily_budget: Annotated[Budget, about("Hryvnias that it may spend in a day; null: no limit.", "100.00")] = None
    daily_segments: Annotated[
        Annotated[int, Field(ge=1, le=LARGE_MAX)] | None, about("Segments of a day; null: no limit.")
    ] = None
    over_budget: Annotated[
        Literal["stop", "alert"] | None, about("What becomes of texts beyond it: they wait, or an alert is raised.")
    ] = None

    def wanted(self) -> dict[str, Any]:
        """What is given, by the attributes of settings; null means something for budgets alone."""
        budgets = {name: getattr(self, name) for name in ("daily_budget", "daily_segments") if name in self.given}
        others = {name: getattr(self, name) for name in ("channel", "if_unconfirmed", "over_budget")}
        return {**{name: value for name, value in others.items() if value is not None}, **budgets}

    @property
    def given(self) -> set[str]:
        return self.model_fields_set


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTrigger:
    """A trigger as the account uses it."""

    id: Annotated[str, about("Its id.", "booking_reminder")]
    label: Annotated[str, about("What the settings page calls it, in Ukrainian.")]
    event: Annotated[str, about("The type of event that sets it off.", "booking.reminder_due")]
    state: Annotated[
        str,
        about("`on`, `off`, or `blank`: it is on and has no text.", json_schema_extra={"enum": ["on", "off", "blank"]}),
    ]
    enabled: Annotated[bool, about("Whether it is switched on.")]
    channel: Annotated[str, about("How its texts are set to travel: `sms`, `viber`, `viber_then_sms`, `both`.")]
    channel_used: Annotated[str, about("How they travel, where the account tries Viber first whatever is set.")]
    if_unconfirmed: Annotated[str, about("`keep` or `resend`, of a text that TurboSMS never answered about.")]
    settings: Annotated[Mapping[str, Any], about("What only some triggers have, as far as it is not the default.")]
    schedule: Annotated[str | None, about("When our clock sets it off; null: no clock does.", "24h before the start")]
    daily_budget: Annotated[str | None, about("Hryvnias of a day; null: no limit.", "100.00")]
    daily_segments: Annotated[int | None, about("Segments of a day; null: no limit.")]
    over_budget: Annotated[str, about("`stop` or `alert`, of texts beyond the budget.")]
    recipients: Annotated[list[str], about("Kinds of people that it writes to.", ["booking"])]
    message_class: Annotated[str, about("`transactional`, `marketing` or `staff`.")]
    lane: Annotated[str, about("`urgent`, `normal` or `bulk`.")]
    sections: Annotated[list[str], about("Sections of shortcodes that its texts may hold.", ["booking"])]
    texts: Annotated[Mapping[str, str], about("Its texts that are not blank, by language.")]


@dataclass(frozen=True, slots=True)
class AccountTriggers:
    """Every trigger of the catalogue."""

    items: list[AccountTrigger]


@endpoint("GET", "/triggers", scope="read", tag=TAG, answer=AccountTriggers)
def list_triggers(call: Call[None, None]) -> Answer | Problem:
    """List all triggers.

    Each with whether it is on, its channel, its settings and its texts.
    """
    with transaction(call.pool) as connection:
        desk = open_desk(connection, call.account)
        items = [trigger_answer(view) for view in triggers.views(connection, desk)] if desk else []
    return Answer(AccountTriggers(items))


@endpoint(
    "GET",
    "/triggers/{trigger}",
    scope="read",
    tag=TAG,
    answer=AccountTrigger,
    statuses=(200, 304),
    headers=(ETAG,),
    problems=(NOT_FOUND,),
)
def show_trigger(call: Call[Which, None]) -> Answer | Problem:
    """Show one trigger."""
    trigger = BY_ID.get(call.parameters.trigger)
    with transaction(call.pool) as connection:
        desk = open_desk(connection, call.account)
        if trigger is None or desk is None:
            return no_trigger(call.parameters.trigger)
        return shown(triggers.view_of(connection, desk, trigger))


@endpoint(
    "PATCH",
    "/triggers/{trigger}",
    scope="settings",
    tag=TAG,
    answer=AccountTrigger,
    headers=(ETAG,),
    problems=(NOT_FOUND, CHANGED, VERSION_NEEDED),
)
def change_trigger(call: Call[WhichToChange, TriggerChange]) -> Answer | Problem:
    """Switch or set a trigger.

    What is not given stays as it is. A trigger that is switched on without a text gets the default one. Whatever but
    `enabled` is changed only with `If-Match` and the `ETag` that was read, if nobody else has changed it since.
    """
    trigger = BY_ID.get(call.parameters.trigger)
    if trigger is None:
        return no_trigger(call.parameters.trigger)

    def act(connection: Connection, desk: Desk) -> Answer | Problem:
        before = triggers.view_of(connection, desk, trigger)
        if problem := overtaken(before, call.parameters.if_match, call.body):
            return problem
        wanted = Setting(call.body.wanted(), call.body.settings or {}, call.body.enabled)
        outcome = triggers.set_up(connection, desk, trigger, wanted, author=call.key.as_operator)
        match outcome:
            case Faulty():
                return invalid(wrong_settings(outcome))
            case "no_price":
                return no_price()
            case _:
                return shown(outcome)

    return edited(call, act)


def overtaken(before: TriggerView, if_match: str | None, wanted: TriggerChange) -> Problem | None:
    """Whether what was read is what is there; to switch it nobody need have read it."""
    if if_match is None:
        is_only_switched = wanted.given <= {"enabled"}
        return None if is_only_switched else Problem(VERSION_NEEDED, _("Read it, and send its ETag as If-Match."))
    if is_newest(if_match, version_of(before)):
        return None
    return changed(_("{trigger} is set otherwise since.", trigger=before.trigger.id), version_of(before))


def wrong_settings(faulty: Faulty) -> Iterator[WrongField]:
    for path, problem in faulty.faults:
        yield WrongField(".".join(("settings", *path)), problem)


def no_trigger(name: str) -> Problem:
    return not_found(_("trigger {name}", name=name))


def no_price() -> Problem:
    fix = _("nobody knows what a segment costs, so that it would hold nothing: give daily_segments beside it")
    return wrong_field("daily_budget", fix)


def shown(view: TriggerView) -> Answer:
    return Answer(trigger_answer(view), etag=version_of(view))


def version_of(view: TriggerView) -> str:
    return etag_of(asdict(view.settings), view.texts, view.channel)


def trigger_answer(view: TriggerView) -> AccountTrigger:
    trigger, settings = view.trigger, view.settings
    return AccountTrigger(
        id=trigger.id,
        label=trigger.label,
        event=trigger.event,
        state=view.state,
        enabled=settings.switched_on,
        channel=settings.channel,
        channel_used=view.channel,
        if_unconfirmed=settings.if_unconfirmed,
        settings=settings.settings,
        schedule=format_schedule(trigger, settings.settings),
        daily_budget=None if settings.daily_budget is None else f"{settings.daily_budget:.2f}",
        daily_segments=settings.daily_segments,
        over_budget=settings.over_budget,
        recipients=sorted(trigger.recipient_kinds),
        message_class=trigger.message_class,
        lane=trigger.lane,
        sections=list(trigger.sections),
        texts=view.texts,
    )
