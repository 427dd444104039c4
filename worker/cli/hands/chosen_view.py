"""What a command is about to act on, as a person reads it before they agree."""

from collections.abc import Mapping
from decimal import Decimal

from worker.cli.moments import localized, zone_name
from worker.cli.period import zone_of
from worker.cli.terminal import format_price, shortened
from worker.core.accounts.price import Prices
from worker.core.hands.chosen import Chosen
from worker.language import _, ngettext
from worker.store.db.postgres import Connection
from worker.store.hands.chosen import prices_of, some_texts


def summary(connection: Connection, chosen: Chosen) -> dict[str, object]:
    """The true number, the oldest and the newest, and the price at most."""
    prices = prices_of(connection, chosen)
    cost = chosen.cost(prices)
    return {
        "texts": len(chosen),
        "accounts": chosen.accounts,
        "oldest": chosen.oldest,
        "newest": chosen.newest,
        "segments": cost.segments,
        "price": cost.cost,
        "unpriced": unpriced(prices),
        "triggers": chosen.count_by("trigger"),
        "states": chosen.count_by("state"),
    }


def unpriced(prices: Mapping[str, Prices]) -> list[str]:
    """Accounts of which nobody knows what a segment costs."""
    return [account for account, known in prices.items() if known.sms.amount is None]


def describe(connection: Connection, chosen: Chosen, facts: Mapping[str, object]) -> str:
    """Its summary as a sentence: `3 000 texts of acme, made 2026-11-30 09:00 to 09:05 Europe/Kyiv, 2 850 UAH`."""
    if not chosen.groups:
        return _("nothing")
    several = ngettext("{count} account", "{count} accounts", len(chosen.accounts))
    whose = chosen.accounts[0] if len(chosen.accounts) == 1 else several
    texts = ngettext("{count} text", "{count} texts", len(chosen))
    made = span(connection, chosen)
    return _("{texts} of {whose}, made {when}, {price}", texts=texts, whose=whose, when=made, price=price(facts))


def span(connection: Connection, chosen: Chosen) -> str:
    zone = zone_of(connection, chosen.accounts[0] if len(chosen.accounts) == 1 else None)
    first, last = (localized(moment, zone) for moment in (chosen.oldest, chosen.newest) if moment)
    if f"{first:%Y-%m-%d %H:%M}" == f"{last:%Y-%m-%d %H:%M}":
        return f"{first:%Y-%m-%d %H:%M} {zone_name(first)}"
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return _("{first} to {last}", first=f"{first:%Y-%m-%d %H:%M}", last=f"{until} {zone_name(first)}")


def price(facts: Mapping[str, object]) -> str:
    segments, cost = facts["segments"], facts["price"]
    if facts["unpriced"] or not isinstance(cost, Decimal):
        return _("segments: {segments}, at a price that nobody knows", segments=segments)
    return _("segments: {segments}, {price} UAH at most", segments=segments, price=format_price(cost))


def sample(connection: Connection, chosen: Chosen) -> list[str]:
    """How many of which triggers, and the words of a first few, so that a wrong choice is seen."""
    triggers = ", ".join(f"{count} {trigger}" for trigger, count in chosen.count_by("trigger").items())
    return [triggers, *(shortened(text) for text in some_texts(connection, chosen))] if chosen.groups else []
