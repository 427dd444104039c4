"""Both servers as Docker containers, when a daemon answers; testcontainers' reaper removes them after SIGKILL too."""

import secrets
import time
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager

from docker.errors import DockerException
from requests import RequestException
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient, get_docker_host
from testcontainers.core.exceptions import ContainerConnectException, ContainerStartException

from deploy.services.environment import Services
from deploy.services.errors import ServicesError, echo
from deploy.services.postgresql import DATABASE, MAX_CONNECTIONS, NOT_DURABLE
from deploy.services.processes import undisturbed
from deploy.services.server import answers_amqp, answers_sql, answers_unix, wait_for

RABBITMQ, POSTGRESQL = "rabbitmq:3.13", "postgres:16"
USER = "sms"
USUAL_HOST = "unix:///var/run/docker.sock"
PING_PATIENCE, START_PATIENCE = 3, 120.0


def docker_answers() -> bool:
    """Whether a Docker daemon answers a ping; a docker program on PATH proves nothing."""
    host = get_docker_host() or USUAL_HOST
    # Asked first, because the client does not close a socket that nobody answers.
    if host.startswith("unix://") and not answers_unix(host.removeprefix("unix://")):
        return False
    try:
        with closing(DockerClient(timeout=PING_PATIENCE).client) as client:
            return client.ping()  # pyright: ignore[reportUnknownMemberType] - docker has no types
    except (DockerException, RequestException, OSError, ValueError):
        return False


@contextmanager
def containers(*, durable: bool) -> Generator[Services]:
    """Both containers on free ports for as long as the context lasts.

    Raises ServicesError when one of them does not answer in two minutes.
    """
    began, password = time.monotonic(), secrets.token_hex(16)
    echo(f"starting Docker containers {RABBITMQ} and {POSTGRESQL} (the first time this downloads them)")
    stack = ExitStack()
    try:
        urls = _started(stack, password, durable=durable)
        echo(f"Docker containers {RABBITMQ} and {POSTGRESQL} (ready in {time.monotonic() - began:.1f} s)")
        yield urls
    finally:
        with undisturbed():
            stack.close()


def _started(stack: ExitStack, password: str, *, durable: bool) -> Services:
    try:
        rabbitmq = stack.enter_context(_rabbitmq(password))
        postgresql = stack.enter_context(_postgresql(password, durable=durable))
        return _ready(rabbitmq, postgresql, password)
    except (DockerException, RequestException, OSError, ContainerConnectException, ContainerStartException) as error:
        raise ServicesError(f"Docker answers, but could not start {RABBITMQ} and {POSTGRESQL}: {error}") from error


def _rabbitmq(password: str) -> DockerContainer:
    container = DockerContainer(RABBITMQ).with_exposed_ports(5672)
    return container.with_envs(RABBITMQ_DEFAULT_USER=USER, RABBITMQ_DEFAULT_PASS=password)


def _postgresql(password: str, *, durable: bool) -> DockerContainer:
    settings = (f"max_connections={MAX_CONNECTIONS}", *(() if durable else NOT_DURABLE))
    command = ["postgres", *(text for setting in settings for text in ("-c", setting))]
    container = DockerContainer(POSTGRESQL).with_exposed_ports(5432).with_command(command)
    return container.with_envs(POSTGRES_USER=USER, POSTGRES_PASSWORD=password, POSTGRES_DB=DATABASE)


def _ready(rabbitmq: DockerContainer, postgresql: DockerContainer, password: str) -> Services:
    host, port = rabbitmq.get_container_host_ip(), rabbitmq.get_exposed_port(5672)
    amqp = f"amqp://{USER}:{password}@{host}:{port}/%2F"
    address = f"{postgresql.get_container_host_ip()}:{postgresql.get_exposed_port(5432)}"
    database = f"postgresql://{USER}:{password}@{address}/{DATABASE}"
    if not wait_for(lambda: answers_amqp(host, port), within=START_PATIENCE):
        raise ServicesError(f"{RABBITMQ} does not answer. The end of its log:\n{_end_of_log(rabbitmq)}")
    if not wait_for(lambda: answers_sql(database), within=START_PATIENCE):
        raise ServicesError(f"{POSTGRESQL} does not answer. The end of its log:\n{_end_of_log(postgresql)}")
    return Services(amqp, database)


def _end_of_log(container: DockerContainer) -> str:
    return b"".join(container.get_logs()).decode(errors="replace")[-2_000:].strip()
