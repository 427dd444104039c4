"""Templates: how pages are put together, and how phones, moments and money are written in them."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel.dates import format_datetime, get_timezone_name
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2_fragments import render_block
from markupsafe import Markup

from worker.core.access.operator_name import name_of
from worker.core.contract.phone_mask import masked
from worker.language import _, ngettext, of_pair, spoken
from worker.web.pages.assets import address_of

HTML = Path(str(files("worker").joinpath("web/pages/html")))

MOMENT = "d MMM yyyy, HH:mm"


def render(template: str, block: str | None, values: Mapping[str, Any]) -> str:
    """A page, or one block of it."""
    if block:
        return render_block(environment(), template, block, **values)
    return environment().get_template(template).render(**values)


@cache
def environment() -> Environment:
    result = Environment(
        loader=FileSystemLoader(HTML),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    result.globals.update(GLOBALS)
    result.filters.update(FILTERS)
    return result


@pass_context
def moment(
    context: Context, value: datetime | None, zone: tzinfo | None = None, form: str = "d MMM yyyy, HH:mm"
) -> str:
    """`1 груд. 2026, 11:00`, in the page's zone; the title names the zone and the second."""
    if value is None:
        return "–"
    local = value.astimezone(zone or context["zone"])
    shown = format_datetime(local, form, locale=spoken())
    exact = f"{format_datetime(local, 'd MMMM yyyy, HH:mm:ss', locale=spoken())}, {zone_name(local.tzinfo)}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(local.isoformat(timespec="seconds"), exact, shown)


@pass_context
def day(context: Context, value: datetime | None) -> str:
    """`1 груд. 2026`."""
    return moment(context, value, form="d MMM yyyy")


def zone_name(zone: tzinfo | None) -> str:
    return get_timezone_name(zone, width="long", locale=spoken(), return_zone=False) if zone else "UTC"


def money(value: Decimal | None, *, unknown: str = "–") -> str:
    """`1 250,50 грн`; a price of a segment may have more than two places."""
    if value is None:
        return unknown
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    exact = rounded if rounded == value or abs(value) >= 1 else value.normalize()
    places = max(2, -int(exact.as_tuple().exponent))
    figures = format_decimal(exact, f"#,##0.{'0' * places}", locale=spoken())
    return _("{amount} UAH", amount=figures)


def number(value: Decimal | float | None) -> str:
    return "–" if value is None else format_decimal(value, locale=spoken())


@pass_context
def phone(context: Context, value: str | None) -> str:
    """Whole for who may see it, else masked."""
    if not value:
        return "–"
    user = context["user"]
    return value if user and user.sees_phones else masked(value)


GLOBALS: Mapping[str, Any] = {
    "_": _,
    "ngettext": ngettext,
    "asset": address_of,
    "language": spoken,
    "of_pair": of_pair,
}
FILTERS: Mapping[str, Any] = {
    "moment": moment,
    "day": day,
    "money": money,
    "number": number,
    "phone": phone,
    "operator": name_of,
}
