"""An account's triggers as admins set them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal

import orjson

from worker.store.db.postgres import Connection

LIST = """
SELECT trigger, switched_on, channel, if_unconfirmed, settings, daily_budget, daily_segments, over_budget FROM triggers
WHERE account = %(account)s
ORDER BY trigger
"""

SAVE = """
INSERT INTO triggers (
    account, trigger, switched_on, channel, if_unconfirmed, settings, daily_budget, daily_segments, over_budget
)
VALUES (
    %(account)s, %(trigger)s, %(switched_on)s, %(channel)s, %(if_unconfirmed)s, %(settings)s::jsonb, %(daily_budget)s,
    %(daily_segments)s, %(over_budget)s
)
ON CONFLICT (account, trigger) DO UPDATE
SET
    switched_on = excluded.switched_on, channel = excluded.channel, if_unconfirmed = excluded.if_unconfirmed,
    settings = excluded.settings, daily_budget = excluded.daily_budget, daily_segments = excluded.daily_segments,
    over_budget = excluded.over_budget
"""


@dataclass(frozen=True, slots=True)
class TriggerSettings:
    """How an account uses a trigger; an unknown one is off.

    Attributes:
        if_unconfirmed: `keep` or `resend`.
        settings: what only some triggers need, by name.
        daily_budget: in hryvnias; None is no limit, as of `daily_segments`.
        over_budget: `stop` or `alert`.
    """

    switched_on: bool = False
    channel: str = "sms"
    if_unconfirmed: str = "keep"
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    daily_budget: Decimal | None = None
    daily_segments: int | None = None
    over_budget: str = "stop"


def list_trigger_settings(connection: Connection, account: str) -> dict[str, TriggerSettings]:
    return {row[0]: TriggerSettings(*row[1:]) for row in connection.execute(LIST, {"account": account})}


def save(connection: Connection, account: str, trigger: str, wanted: TriggerSettings) -> None:
    """Write settings; workers read them at their next look.

    Raises:
        psycopg.errors.CheckViolation: the schema does not allow a value.
    """
    settings = orjson.dumps(dict(wanted.settings)).decode()
    connection.execute(SAVE, {**asdict(wanted), "account": account, "trigger": trigger, "settings": settings})
