"""A private RabbitMQ: own ports, port mapper, node name, cookie, configuration, data and log."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.services.programs import RabbitMqPrograms
from deploy.services.server import Launch, Server, answers_amqp, answers_tcp, free_ports

USER = "sms"
#: The URL names the first; at the others tests run beside those of the first.
VIRTUAL_HOSTS = ("/", "beside", "aside")
#: After which the nodes of a cluster do without one that is frozen; RabbitMQ's own 60 s stop everything so long.
TICK_S = 15


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes that know each other by their cookie and Erlang's port mapper, which starts first and outlives them."""

    port_mapper: Server
    nodes: tuple[Server, ...]
    urls: tuple[str, ...]


def private_cluster(folder: Path, programs: RabbitMqPrograms, names: Sequence[str] = (USER,)) -> Cluster:
    """Write the configuration of nodes of these names into new folders inside this one; start nothing.

    Every file the server would look for elsewhere is named: see https://www.rabbitmq.com/docs/relocate.
    """
    mapper, *ports = free_ports(1 + 2 * len(names))
    password, cookie = secrets.token_hex(16), secrets.token_hex(16)
    (folder / "epmd").mkdir()
    nodes: list[Server] = []
    for name, amqp, distribution in zip(names, ports[::2], ports[1::2], strict=True):
        home = folder / ("rabbitmq" if len(names) == 1 else name)
        home.mkdir(mode=0o700)
        _write_configuration(home, amqp, password, cookie, names)
        environment = _environment(home, programs, name, distribution, mapper)
        launch = Launch(programs.machine.arguments(programs.server), environment)
        nodes.append(Server("RabbitMQ", programs.version, home, launch, partial(answers_amqp, "127.0.0.1", amqp)))
    epmd = (*programs.machine.arguments(programs.epmd), "-address", "127.0.0.1", "-port", str(mapper))
    launch = Launch(epmd, nodes[0].launch.environment)
    return Cluster(
        Server("epmd", "", folder / "epmd", launch, lambda: answers_tcp(mapper)),
        tuple(nodes),
        tuple(f"amqp://{USER}:{password}@127.0.0.1:{amqp}/%2F" for amqp in ports[::2]),
    )


def _write_configuration(home: Path, port: int, password: str, cookie_text: str, names: Sequence[str]) -> None:
    definitions = home / "definitions.json"
    definitions.touch(mode=0o600)
    definitions.write_text(json.dumps(_definitions(password)))
    lines = [f"listeners.tcp.local = 127.0.0.1:{port}", f"load_definitions = {definitions}"]
    if len(names) > 1:
        lines += ["cluster_partition_handling = pause_minority", f"net_ticktime = {TICK_S}"]
        lines.append("cluster_formation.peer_discovery_backend = classic_config")
        nodes = [f"{name}@localhost" for name in names]
        lines += [f"cluster_formation.classic_config.nodes.{number} = {node}" for number, node in enumerate(nodes, 1)]
    (home / "rabbitmq.conf").write_text("".join(f"{line}\n" for line in lines))
    (home / "enabled_plugins").write_text("[].\n")
    (home / "env.conf").touch()
    cookie = home / ".erlang.cookie"
    cookie.write_text(cookie_text)
    cookie.chmod(0o400)


def _definitions(password: str) -> Mapping[str, object]:
    """See https://www.rabbitmq.com/docs/definitions; with them RabbitMQ makes no user and no host by default."""
    everything = {"user": USER, "configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": USER, "password": password, "tags": "administrator"}],
        "vhosts": [{"name": name} for name in VIRTUAL_HOSTS],
        "permissions": [{"vhost": name, **everything} for name in VIRTUAL_HOSTS],
    }


def _environment(
    home: Path, programs: RabbitMqPrograms, name: str, distribution: int, mapper: int
) -> Mapping[str, str]:
    return {
        "PATH": programs.machine.path,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(mapper),
        "ERL_CRASH_DUMP_SECONDS": "0",
        "RABBITMQ_NODENAME": f"{name}@localhost",
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_CONF_ENV_FILE": str(home / "env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_PLUGINS_EXPAND_DIR": str(home / "plugins"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_MNESIA_DIR": str(home / "mnesia" / name),
        "RABBITMQ_LOG_BASE": str(home),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(home / "pid"),
        # Makes the start script become the Erlang machine, without a shell between us and it.
        "RABBITMQ_ALLOW_INPUT": "1",
        "RABBITMQ_SCHEDULER_BIND_TYPE": "u",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
    }
