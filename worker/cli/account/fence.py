"""The rights of an account's CRM in RabbitMQ, as the commands that give them."""

import os
import shlex
from urllib.parse import unquote, urlsplit

from worker.settings.environment import AMQP, from_files

#: What a CRM's RabbitMQ user may hold at once: enough for one connection a PHP process.
CONNECTIONS_MAX, CHANNELS_MAX = 100, 200
#: Bytes that may wait in a queue: a million of events, or of outcomes.
WAITING_MAX = 1 << 30
LIMITS = f'{{"max-connections": {CONNECTIONS_MAX}, "max-channels": {CHANNELS_MAX}}}'


def fence(account: str) -> list[str]:
    """The commands that let one RabbitMQ user publish this account's events, another hear its outcomes; and no more.

    Topic permissions: https://www.rabbitmq.com/docs/access-control#topic-authorisation. There are two users because of
    what RabbitMQ asks nobody for: a user who may write to `crm.events` and declare a queue or an exchange can let it
    dead-letter, or pass on, to `crm.events` under any routing key.
    """
    url = os.environ.get(AMQP) or from_files(os.environ)[0].get(AMQP, "")
    vhost = shlex.quote(unquote(urlsplit(url).path[1:]) or "/")
    return [*publishing(account, vhost), *hearing(account, vhost)]


def publishing(account: str, vhost: str) -> list[str]:
    """A user who publishes events and fills nothing.

    They may not declare the exchange: a CRM that does must stop doing so, or declare it passively. RabbitMQ bounds the
    connections and channels of a user, but bytes of a queue alone: beyond them it refuses events, instead of refusing
    everything to everybody once its disk is full.
    """
    user = f"crm-{account}"
    bound = f'{{"max-length-bytes": {WAITING_MAX}}}'
    return [
        f"rabbitmqctl add_user {user}",
        f"rabbitmqctl set_permissions -p {vhost} {user} '^$' '^crm\\.events$' '^$'",
        f"rabbitmqctl set_topic_permissions -p {vhost} {user} crm.events '^{account}\\..*' '^$'",
        f"rabbitmqctl set_user_limits {user} '{LIMITS}'",
        f"rabbitmqctl set_policy -p {vhost} sms-events '^crm\\.events' '{bound}' --apply-to queues",
    ]


def hearing(account: str, vhost: str) -> list[str]:
    """A user who declares one queue, of their own name, and binds it to their outcomes.

    A queue that nobody reads refuses outcomes once it is full, and they wait in our database, so long as they may. What
    comes back to it stays, however it was declared: RabbitMQ's own limit would drop it.
    """
    from worker.amqp.topology import NO_LIMIT  # noqa: PLC0415 (help must be quick)

    user = f"crm-{account}.outcomes"
    own = f"^crm-{account}\\.outcomes$"
    read = f"^(crm-{account}\\.outcomes|sms\\.outcomes)$"
    bound = f'{{"max-length-bytes": {WAITING_MAX}, "overflow": "reject-publish", "delivery-limit": {NO_LIMIT}}}'
    return [
        f"rabbitmqctl add_user {user}",
        f"rabbitmqctl set_permissions -p {vhost} {user} '{own}' '{own}' '{read}'",
        f"rabbitmqctl set_topic_permissions -p {vhost} {user} sms.outcomes '^$' '^{account}\\..*'",
        f"rabbitmqctl set_user_limits {user} '{LIMITS}'",
        f"rabbitmqctl set_policy -p {vhost} sms-outcomes '^crm-.*\\.outcomes$' '{bound}' --apply-to queues",
    ]
