from concurrent.futures import ThreadPoolExecutor

from worker.core.access.api_key import ApiKey, Scope
from worker.web.key_rates import FORGET_S, REMEMBERED, KeyRates


def key(number: int, rate: int = 10) -> ApiKey:
    return ApiKey(number, "acme", "CRM", frozenset[Scope]({"read"}), sees_phones=False, rate=rate)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_busy_key_waits_and_delays_no_other() -> None:
    clock = Clock()
    rates = KeyRates(clock)

    waits = [rates.wait(key(1)) for _ in range(21)]

    assert (waits[:20], waits[20]) == ([0.0] * 20, 0.1)
    assert rates.wait(key(2)) == 0
    clock.now += 0.11
    assert (rates.wait(key(1)), rates.wait(key(1)) > 0) == (0, True)


def test_a_key_has_its_own_rate() -> None:
    rates = KeyRates(Clock())

    assert [rates.wait(key(1, rate=1)) for _ in range(3)] == [0, 0, 1.0]


def test_threads_together_take_no_more_than_there_is() -> None:
    rates = KeyRates(Clock())

    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(rates.wait, [key(1, rate=50)] * 400))

    assert sum(wait == 0 for wait in waits) == 100


def test_keys_that_rest_are_forgotten_and_busy_ones_are_not() -> None:
    clock = Clock()
    rates = KeyRates(clock)
    for number in range(REMEMBERED):
        rates.wait(key(number))
    clock.now += 0.2
    for _ in range(20):
        rates.wait(key(REMEMBERED))

    assert rates.wait(key(REMEMBERED)) > 0
    assert rates.wait(key(0)) == 0


def test_keys_that_rest_are_sought_once_a_second_at_most() -> None:
    clock = Clock()
    rates = KeyRates(clock)
    for number in range(REMEMBERED + 1):
        rates.wait(key(number))
    clock.now += FORGET_S / 2
    rates.wait(key(REMEMBERED + 1))
    between = len(rates)
    clock.now += FORGET_S / 2
    rates.wait(key(REMEMBERED + 2))

    assert (between, len(rates)) == (REMEMBERED + 2, 1)
