"""The TurboSMS simulator as tests drive it: what it got, and what it shall do wrong."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.support.crm import TOKEN
from tests.support.http_client import http
from worker.simulator.ledger import Account
from worker.simulator.server import running

#: What is active in Viber; an SMS is from another sender.
VIBER_SENDERS = frozenset({"Demo Viber"})


class Provider:
    """The simulator, by its control door."""

    def __init__(self, url: str) -> None:
        self.url = url

    def messages(self) -> list[dict[str, Any]]:
        return http.get(f"{self.url}/_simulator/messages").json()

    def state(self) -> dict[str, Any]:
        return http.get(f"{self.url}/_simulator/state").json()

    def fault(self, name: str, **more: object) -> None:
        http.post(f"{self.url}/_simulator/faults", json={"fault": name, **more}).raise_for_status()

    def settings(self, **more: object) -> None:
        http.patch(f"{self.url}/_simulator/settings", json=more).raise_for_status()

    def account(self, **more: object) -> None:
        http.post(f"{self.url}/_simulator/accounts", json={"token": TOKEN, **more}).raise_for_status()

    def advance(self, by: timedelta) -> None:
        http.post(f"{self.url}/_simulator/clock", json={"advance_s": by.total_seconds()}).raise_for_status()

    def fate(self, **fate: object) -> None:
        http.post(f"{self.url}/_simulator/fates", json=fate).raise_for_status()

    def stop(self, recipient: str) -> None:
        http.post(f"{self.url}/_simulator/stoplist", json={"recipient": recipient}).raise_for_status()


@contextmanager
def simulated_provider() -> Generator[Provider]:
    account = Account(
        token=TOKEN,
        name="acme",
        senders=frozenset({"DemoShop"}),
        viber_senders=VIBER_SENDERS,
        balance=Decimal(1_000_000),
    )
    with running(accounts=(account,)) as simulator:
        yield Provider(simulator.url)
