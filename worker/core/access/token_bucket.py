"""How often a key may call: a bucket that fills at its rate and holds two seconds of it."""

from typing import NamedTuple

BURST_S = 2


class Bucket(NamedTuple):
    """How many requests may go at once, as of a moment."""

    tokens: float
    at: float


def taken(bucket: Bucket | None, rate: int, *, now: float) -> tuple[Bucket, float]:
    """Take a token; the seconds to wait where there is none, which then is not taken."""
    most = float(rate * BURST_S)
    tokens = most if bucket is None else min(most, bucket.tokens + max(0.0, now - bucket.at) * rate)
    if tokens >= 1:
        return Bucket(tokens - 1, now), 0.0
    return Bucket(tokens, now), (1 - tokens) / rate


def is_full(bucket: Bucket, rate: int, *, now: float) -> bool:
    """Whether it is as new, so that it need not be remembered."""
    return bucket.tokens + (now - bucket.at) * rate >= rate * BURST_S
