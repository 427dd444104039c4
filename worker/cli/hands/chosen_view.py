"""What a command is about to act on, as a person reads it before they agree."""

from collections.abc import Mapping

from worker.cli.hands.moment_option import zone_of_account
from worker.cli.moments import localized, zone_name
from worker.cli.terminal import echo, format_price
from worker.core.accounts.price import Prices
from worker.core.hands.chosen import Chosen
from worker.store.db.postgres import Connection
from worker.store.hands.chosen import prices_of


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
        "states": {state: chosen.count_in(state) for state in sorted({group.state for group in chosen.groups})},
    }


def unpriced(prices: Mapping[str, Prices]) -> list[str]:
    """Accounts of which nobody knows what a segment costs."""
    return [account for account, known in prices.items() if known.sms.amount is None]


def describe(connection: Connection, chosen: Chosen) -> str:
    """`3 000 texts of acme, made 2026-11-30 09:00 to 09:05 Europe/Kyiv, 2 850 UAH`."""
    if not chosen.groups:
        return "nothing"
    facts = summary(connection, chosen)
    whose = chosen.accounts[0] if len(chosen.accounts) == 1 else f"{len(chosen.accounts)} accounts"
    texts = "1 text" if len(chosen) == 1 else f"{len(chosen)} texts"
    return f"{texts} of {whose}, made {span(connection, chosen)}, {price(facts)}"


def span(connection: Connection, chosen: Chosen) -> str:
    zone = zone_of_account(connection, chosen.accounts[0] if len(chosen.accounts) == 1 else None)
    first, last = (localized(moment, zone) for moment in (chosen.oldest, chosen.newest) if moment)
    if f"{first:%Y-%m-%d %H:%M}" == f"{last:%Y-%m-%d %H:%M}":
        return f"{first:%Y-%m-%d %H:%M} {zone_name(first)}"
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M} to {until} {zone_name(first)}"


def price(facts: Mapping[str, object]) -> str:
    segments = f"{facts['segments']} segments"
    if facts["unpriced"]:
        return f"{segments} (what they cost is not known: perfectum-sms account set --segment-price)"
    return f"{segments}, {format_price(facts['price'])} UAH at most"  # pyright: ignore[reportArgumentType] a Decimal


def announce(connection: Connection, chosen: Chosen, beginning: str) -> None:
    echo(f"{beginning}: {describe(connection, chosen)}.")
