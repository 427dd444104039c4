"""`perfectum-sms account set`: what may be changed of an account, option by option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from worker.cli.account.callbacks import CallbackSecret, CallbackSecretFile, set_callback_key
from worker.cli.account.provider_checks import Unchecked, insist_on_sender
from worker.cli.account.setting_formats import (
    NO_LIMIT,
    NO_VIBER,
    Id,
    codes,
    hours,
    key_life,
    locale_known,
    named,
    rate,
    rate_or_none,
    same_text,
    zone_known,
)
from worker.cli.account.view import options_of
from worker.cli.account_argument import no_account
from worker.cli.budget import BeyondBudget, DailyBudget, DailySegments, insist_on_price, wake
from worker.cli.connections import ledger
from worker.cli.money import NOTHING, hours_or_none, money_or_none, phone_or_none, price_or_none
from worker.cli.terminal import Exit, say, stop
from worker.store.accounts import account_settings, trigger_settings

#: The largest numbers that the columns hold.
SMALL_MAX = 32_767
LARGE_MAX = 2_147_483_647
#: Longer is for ever.
REACH_DAYS_MAX = 3_650
#: What takes away a setting that an account need not have, by its column.
TAKEN_AWAY: Mapping[str, str] = {
    "segments_per_s": NO_LIMIT,
    "viber_sender": NO_VIBER,
    **dict.fromkeys(
        ("segment_price", "daily_budget", "daily_segments", "low_balance", "low_hours", "alert_phone"), NOTHING
    ),
}


class PostMode(StrEnum):
    """How texts travel to TurboSMS."""

    SEND = "send"
    SENDMULTI = "sendmulti"


class Switched(StrEnum):
    """Whether something is so."""

    ON = "on"
    OFF = "off"


def set_(  # noqa: PLR0913 (one option for each thing that can be set)
    id_: Id,
    *,
    name: Annotated[str | None, typer.Option(parser=named, metavar="TEXT", help="What people call it.")] = None,
    sender: Annotated[
        str | None,
        typer.Option(parser=named, metavar="TEXT", help="The SMS sender name; for texts planned from now on."),
    ] = None,
    zone: Annotated[str | None, typer.Option(parser=zone_known, metavar="ZONE", help="Its time zone.")] = None,
    locale: Annotated[
        str | None, typer.Option(parser=locale_known, metavar="LOCALE", help="Language of its texts: uk or en.")
    ] = None,
    opening: Annotated[
        str | None, typer.Option("--hours", help="When people may be disturbed, as 9:00-20:00; 0:00-24:00 is always.")
    ] = None,
    post_mode: Annotated[
        PostMode | None,
        typer.Option(
            help="send: a request for each text. sendmulti: many texts in one, of which TurboSMS documents less."
        ),
    ] = None,
    multi_max: Annotated[int | None, typer.Option(min=1, max=100, help="Texts in one sendmulti.")] = None,
    rate_: Annotated[
        float | None, typer.Option("--rate", parser=rate, metavar="NUMBER", help="Requests a second, over all workers.")
    ] = None,
    segment_rate: Annotated[
        str | None,
        typer.Option(parser=rate_or_none, metavar="NUMBER|none", help="Segments of SMS a second, or none: no limit."),
    ] = None,
    in_flight: Annotated[
        int | None, typer.Option(min=1, max=SMALL_MAX, help="Requests under way at once, over all workers.")
    ] = None,
    key_life_: Annotated[
        timedelta | None,
        typer.Option(
            "--key-life",
            parser=key_life,
            metavar="DURATION",
            help="How long TurboSMS is trusted to remember a key: how long it is asked about a text it did not answer.",
        ),
    ] = None,
    person_hour: Annotated[int | None, typer.Option(min=1, max=SMALL_MAX, help="Texts to one person an hour.")] = None,
    person_day: Annotated[int | None, typer.Option(min=1, max=SMALL_MAX, help="Texts to one person a day.")] = None,
    same_text_: Annotated[
        timedelta | None,
        typer.Option(
            "--same-text",
            parser=same_text,
            metavar="DURATION",
            help="How long the same text does not go to the same person again; 0 is no limit.",
        ),
    ] = None,
    brake_from: Annotated[
        int | None,
        typer.Option(min=1, max=LARGE_MAX, help="A trigger that sends fewer in an hour is never stopped as a runaway."),
    ] = None,
    viber_sender: Annotated[
        str | None,
        typer.Option(parser=named, metavar="TEXT|none", help="The Viber sender, as TurboSMS approved it, or none."),
    ] = None,
    viber_instead: Annotated[
        Switched | None, typer.Option(help="on: what would go as an SMS is tried by Viber first, then sent as the SMS.")
    ] = None,
    viber_reach_days: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=REACH_DAYS_MAX,
            help="For so many days Viber is not tried where TurboSMS said that nobody has it; 0: always try.",
        ),
    ] = None,
    custom_shortcodes: Annotated[
        str | None,
        typer.Option(parser=codes, metavar="CODES|none", help="Shortcodes of its own, which its CRM sends ready-made."),
    ] = None,
    plain_punctuation: Annotated[
        Switched | None, typer.Option(help="on: plain quotes and dashes where a text costs less with them.")
    ] = None,
    transliterate: Annotated[
        Switched | None, typer.Option(help="on: Ukrainian in Latin letters where a text costs less so.")
    ] = None,
    segment_price: Annotated[
        str | None,
        typer.Option(
            parser=price_or_none, metavar="UAH|none", help="What a segment costs, as 0.95; none: as TurboSMS tells."
        ),
    ] = None,
    daily_budget: DailyBudget = None,
    daily_segments: DailySegments = None,
    over_budget: BeyondBudget = None,
    low_balance: Annotated[
        str | None, typer.Option(parser=money_or_none, metavar="UAH|none", help="Less money than this is told of.")
    ] = None,
    low_hours: Annotated[
        str | None,
        typer.Option(
            parser=hours_or_none, metavar="NUMBER|none", help="So is money that lasts for fewer hours, as lately spent."
        ),
    ] = None,
    alert_phone: Annotated[
        str | None,
        typer.Option(
            parser=phone_or_none,
            metavar="PHONE|none",
            help="Who gets an SMS of what is told of budgets, money and stops.",
        ),
    ] = None,
    callback_secret: CallbackSecret = None,
    callback_secret_file: CallbackSecretFile = None,
    unchecked: Unchecked = False,
) -> None:
    """Change what is given of an account and leave the rest. Workers notice by themselves.

    Durations are written as `90s`, `10m`, `24h` or `7d`.

    - `perfectum-sms account set acme --rate 25 --in-flight 10`
    - `perfectum-sms account set acme --hours 10:00-19:00 --person-day 10 --same-text 1h`
    - `perfectum-sms account set acme --viber-sender "Акме" --viber-instead on`
    - `perfectum-sms account set acme --callback-secret` asks for the key, as `account token` does for the token
    - `perfectum-sms account set acme --custom-shortcodes customers_kod,customers_bonus --segment-price 0.95`
    - `perfectum-sms account set acme --daily-budget 500 --low-balance 200 --low-hours 24 --alert-phone 0671234567`
    """
    insist_on_sender(sender, is_unchecked=unchecked)
    window = None if opening is None else hours(opening)
    given: Mapping[str, object] = {
        "name": name,
        "sms_sender": sender,
        "zone": zone,
        "locale": locale,
        "window_opens": window and window.opens,
        "window_closes": window and window.closes,
        "post_mode": post_mode and post_mode.value,
        "multi_max": multi_max,
        "requests_per_s": rate_,
        "segments_per_s": segment_rate,
        "in_flight": in_flight,
        "key_life": key_life_,
        "person_hour_max": person_hour,
        "person_day_max": person_day,
        "same_text": same_text_,
        "brake_from": brake_from,
        "viber_sender": viber_sender,
        "viber_instead": viber_instead and viber_instead is Switched.ON,
        "viber_reach_days": viber_reach_days,
        "custom_shortcodes": custom_shortcodes,
        "plain_punctuation": plain_punctuation and plain_punctuation is Switched.ON,
        "transliterate": transliterate and transliterate is Switched.ON,
        "segment_price": segment_price,
        "daily_budget": daily_budget,
        "daily_segments": daily_segments,
        "over_budget": over_budget and over_budget.value,
        "low_balance": low_balance,
        "low_hours": low_hours,
        "alert_phone": alert_phone,
    }
    changes = {column: value for column, value in given.items() if value is not None}
    if not set_callback_key(id_, callback_secret, callback_secret_file) or changes:
        change(id_, changes)


def change(account: str, changes: Mapping[str, object]) -> None:
    """Write the changes down, and say of each what it was and what it is."""
    if not changes:
        raise stop(f"Say what to change, as --rate 25. Look: perfectum-sms account show {account}", Exit.USAGE)
    values = {column: None if value == TAKEN_AWAY.get(column) else value for column, value in changes.items()}
    with ledger() as connection:
        before = account_settings.lock(connection, account)
        if before is None:
            raise no_account(connection, account)
        after = replace(before, **values)
        if after.viber_instead and after.viber_sender is None:
            raise stop(f"{account} has no Viber sender: give --viber-sender too, or --viber-instead off.", Exit.USAGE)
        account_settings.save(connection, account, after)
        insist_on_price(connection, account, after, *trigger_settings.listed(connection, account).values())
        wake(connection, account, before, after)
    was, is_ = options_of(before), options_of(after)
    for option in [option for option in was if was[option] != is_[option]]:
        say(f"{option}: was {was[option]}, is {is_[option]} now")
    if before.viber_sender not in {None, after.viber_sender}:
        say(f"If Viber was stopped for the old sender: perfectum-sms account resume {account} --scope viber")
    if was == is_:
        say(f"{account} was set so already: nothing changed.")
