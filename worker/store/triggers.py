"""An account's triggers as admins set them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from worker.store.postgres import Connection

LISTED = """
SELECT trigger, switched_on, channel, in_doubt, settings FROM triggers
WHERE account = %(account)s
ORDER BY trigger
"""

SAVE = """
INSERT INTO triggers (account, trigger, switched_on, channel, in_doubt, settings)
VALUES (%(account)s, %(trigger)s, %(switched_on)s, %(channel)s, %(in_doubt)s, %(settings)s::jsonb)
ON CONFLICT (account, trigger) DO UPDATE
SET
    switched_on = excluded.switched_on, channel = excluded.channel, in_doubt = excluded.in_doubt,
    settings = excluded.settings
"""


@dataclass(frozen=True, slots=True)
class TriggerSettings:
    """How an account uses a trigger; one that it never heard of is off.

    Attributes:
        in_doubt: `lose` or `repeat`.
        settings: what only some triggers ask for, by name.
    """

    switched_on: bool = False
    channel: str = "sms"
    in_doubt: str = "lose"
    settings: Mapping[str, object] = field(default_factory=dict[str, object])


def listed(connection: Connection, account: str) -> dict[str, TriggerSettings]:
    """What an account set of its triggers, by trigger."""
    return {row[0]: TriggerSettings(*row[1:]) for row in connection.execute(LISTED, {"account": account})}


def save(connection: Connection, account: str, trigger: str, wanted: TriggerSettings) -> None:
    """Write it down; workers read it at their next look.

    Raises:
        psycopg.errors.CheckViolation: a word of it is none that the schema knows.
    """
    values = {
        "account": account,
        "trigger": trigger,
        "switched_on": wanted.switched_on,
        "channel": wanted.channel,
        "in_doubt": wanted.in_doubt,
        "settings": orjson.dumps(dict(wanted.settings)).decode(),
    }
    connection.execute(SAVE, values)
