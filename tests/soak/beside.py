"""Who works beside: people who look at pages of the console, and exports of a client's history."""

import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from statistics import quantiles

import httpx

from tests.bench.console.part import SPENT
from tests.support.crm import SECRET, delivery, execute
from tests.support.waiting import PATIENCE_S, repeated
from tests.web.pages.addresses import addresses
from tests.web.pages.conftest import signed_in
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.access.users import NewUser
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction

ACCOUNT, CLIENT = "bench-0", "16"
USERS = ("olena", "petro", "iryna")
#: Between two pages of a person, and between two exports.
THINKS_S, EXPORTS_S = 1.0, 15.0


@dataclass(slots=True)
class Visits:
    """How long pages and exports took, in seconds, and what did not come."""

    pages: list[float] = field(default_factory=list[float])
    exports: list[float] = field(default_factory=list[float])
    faults: Counter[str] = field(default_factory=Counter[str])

    def get(self, client: httpx.Client, name: str, path: str, into: list[float]) -> None:
        began = time.monotonic()
        try:
            response = client.get(path, follow_redirects=True)
        except httpx.HTTPError as error:
            self.faults[f"{name}: {type(error).__name__}"] += 1
            return
        into.append(time.monotonic() - began)
        if not response.is_success:
            self.faults[f"{name}: {response.status_code}"] += 1


def p95_ms(seconds: Sequence[float]) -> float:
    return round(quantiles(seconds, n=20)[18] * 1000, 1) if len(seconds) > 1 else 0.0


@contextmanager
def visited(pool: Pool, url: str) -> Generator[Visits]:
    """People look at every page in turn, and somebody exports, until the block ends."""
    visits = Visits()
    letter_and_money(pool)
    known = addresses(pool, ACCOUNT, client=CLIENT)
    with ExitStack() as stack:
        for nth, name in enumerate(USERS):
            client = stack.enter_context(browser(pool, url, name))
            stack.enter_context(repeated(looking(visits, client, known, nth), every_s=THINKS_S, name=name))
        client = stack.enter_context(browser(pool, url, "exporter"))
        path = f"/a/{ACCOUNT}/clients/{CLIENT}/sms/export"
        export = lambda: visits.get(client, "export", path, visits.exports)  # noqa: E731
        stack.enter_context(repeated(export, every_s=EXPORTS_S, name="exporter"))
        yield visits


def letter_and_money(pool: Pool) -> None:
    """What pages show besides events and texts."""
    with transaction(pool) as connection:
        salt = secrets.salt(connection, Seal([SECRET]))
    accept(Intake(pool, ConfigurationCache(), salt), [delivery(b"{", key=f"{ACCOUNT}.order.created")])
    execute(pool, f"{SPENT} ON CONFLICT DO NOTHING", ACCOUNT)


def browser(pool: Pool, url: str, name: str) -> httpx.Client:
    """Of somebody whom nothing is hidden from."""
    user = NewUser(name, "admin", ACCOUNT, sees_phones=True, spends=True, sees_prices=True)
    _user, session = signed_in(pool, user)
    return httpx.Client(base_url=url, cookies={"session": session}, trust_env=False, timeout=PATIENCE_S)


def looking(visits: Visits, client: httpx.Client, known: Mapping[str, str], first: int) -> Callable[[], None]:
    """A person who goes from page to page."""
    names = list(known)
    turn = count(first * len(names) // len(USERS))

    def look() -> None:
        name = names[next(turn) % len(names)]
        visits.get(client, name, known[name], visits.pages)

    return look
