"""A private RabbitMQ: own ports, port mapper, node name, cookie, configuration, data and log."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.services.ports import free_ports
from deploy.services.programs import RabbitMqPrograms
from deploy.services.readiness import answers_amqp, answers_tcp
from deploy.services.server import Launch, Server

USER = "sms"
#: The URL names the first; at the others tests run beside those of the first.
VIRTUAL_HOSTS = ("/", "beside", "aside")


@dataclass(frozen=True, slots=True)
class PrivateRabbitMq:
    """The broker and Erlang's port mapper, which has to run first and outlives the broker's deaths."""

    port_mapper: Server
    broker: Server
    url: str


def private_rabbitmq(folder: Path, programs: RabbitMqPrograms) -> PrivateRabbitMq:
    """Writes the configuration into new folders inside this one; starts nothing.

    Every file the server would look for elsewhere is named: see https://www.rabbitmq.com/docs/relocate.
    """
    amqp, distribution, mapper = free_ports(3)
    password = secrets.token_hex(16)
    home = folder / "rabbitmq"
    (folder / "epmd").mkdir()
    home.mkdir(mode=0o700)
    _write_configuration(home, amqp, password)
    environment = _environment(home, programs, distribution, mapper)
    epmd = (str(programs.epmd), "-address", "127.0.0.1", "-port", str(mapper))
    server = (str(programs.server),)
    return PrivateRabbitMq(
        Server("epmd", "", folder / "epmd", Launch(epmd, environment), lambda: answers_tcp(mapper)),
        Server(
            "RabbitMQ", programs.version, home, Launch(server, environment), lambda: answers_amqp("127.0.0.1", amqp)
        ),
        f"amqp://{USER}:{password}@127.0.0.1:{amqp}/%2F",
    )


def _write_configuration(home: Path, port: int, password: str) -> None:
    definitions = home / "definitions.json"
    definitions.touch(mode=0o600)
    definitions.write_text(json.dumps(_definitions(password)))
    (home / "rabbitmq.conf").write_text(f"listeners.tcp.local = 127.0.0.1:{port}\nload_definitions = {definitions}\n")
    (home / "enabled_plugins").write_text("[].\n")
    (home / "env.conf").touch()
    cookie = home / ".erlang.cookie"
    cookie.write_text(secrets.token_hex(16))
    cookie.chmod(0o400)


def _definitions(password: str) -> Mapping[str, object]:
    """See https://www.rabbitmq.com/docs/definitions; with them RabbitMQ makes no user and no host by default."""
    everything = {"user": USER, "configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": USER, "password": password, "tags": "administrator"}],
        "vhosts": [{"name": name} for name in VIRTUAL_HOSTS],
        "permissions": [{"vhost": name, **everything} for name in VIRTUAL_HOSTS],
    }


def _environment(home: Path, programs: RabbitMqPrograms, distribution: int, mapper: int) -> Mapping[str, str]:
    return {
        "PATH": programs.path,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(mapper),
        "ERL_CRASH_DUMP_SECONDS": "0",
        "RABBITMQ_NODENAME": "sms@localhost",
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_CONF_ENV_FILE": str(home / "env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_PLUGINS_EXPAND_DIR": str(home / "plugins"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_MNESIA_DIR": str(home / "mnesia" / "sms"),
        "RABBITMQ_LOG_BASE": str(home),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(home / "pid"),
        # Makes the start script become the Erlang machine, without a shell between us and it.
        "RABBITMQ_ALLOW_INPUT": "1",
        "RABBITMQ_SCHEDULER_BIND_TYPE": "u",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
    }
