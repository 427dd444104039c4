"""What `check` looks at, one probe for each thing a worker needs; none of them writes to anybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import TimeoutError as NotInTime
from decimal import Decimal
from urllib.parse import urlsplit

import orjson
import psycopg

from worker.amqp.connection import CONNECTION_ERRORS, describe, fix
from worker.amqp.publisher import Publisher
from worker.cli.connections import connected
from worker.cli.money import format_price
from worker.cli.operate import secret_key
from worker.cli.operate.check_findings import DATABASE, Finding, misread, site_findings
from worker.cli.operate.check_stalled import consumed, scheduled, stopped
from worker.settings.environment import SECRET_KEY, TURBOSMS_URL, Settings
from worker.store.accounts import sealed_values
from worker.store.accounts.sealed_values import Kept
from worker.store.accounts.secrets import Seal
from worker.store.db.error_messages import explain
from worker.store.db.installation import site
from worker.store.db.pooler import asked
from worker.store.db.session import WORK, UnfitError
from worker.store.db.write_check import obstacle
from worker.turbosms.balance import balance_of
from worker.turbosms.client import NoReply, Reply, TurboSms
from worker.turbosms.codes import Code, CodeClass, code_in

RABBITMQ_S = 10.0
TURBOSMS_S = 10.0
#: TurboSMS answers anybody, if only with a refusal.
NOBODYS_TOKEN = "check"  # noqa: S105


def probes(settings: Settings, *, asks_tokens: bool) -> Iterator[Finding]:
    """Look at everything; what builds on a thing that is away is left out."""
    broker = rabbitmq(settings.amqp_url)
    yield broker
    if broker.state == "ok":
        yield consumed(settings.amqp_url)
    database = list(postgresql(settings.database_url))
    yield from database
    tokens: dict[str, str] = {}
    if all(finding.state in ("ok", "note") for finding in database):
        opened, tokens = opened_secrets(settings)
        yield from opened
        with connected(settings.database_url, WORK) as connection:
            yield scheduled(connection)
            yield from stopped(connection)
            yield from misread(connection)
    yield from turbosms(settings.turbosms_url, tokens if asks_tokens else {})


def rabbitmq(url: str) -> Finding:
    """Connect, and declare what we need, as every worker does."""
    publisher = Publisher(url, name="perfectum-sms check")
    try:
        publisher.publish([], patience_s=RABBITMQ_S).result(RABBITMQ_S)
    except (*CONNECTION_ERRORS, NotInTime) as error:
        return Finding("RabbitMQ", "away", f"{describe(error)}. {fix(error)}")
    finally:
        publisher.close()
    if publisher.refused:
        refused = "; ".join(publisher.refused.values())
        return Finding("RabbitMQ", "wrong", f"{refused}. Delete what stands there otherwise, once it is empty.")
    return Finding("RabbitMQ", "ok", "connected; exchanges and queues are declared")


def postgresql(url: str) -> Iterator[Finding]:
    """Connect, look around, and write as every worker does."""
    try:
        with connected(url, WORK) as connection:
            is_pooled, this_site = connection.info.backend_pid != asked(connection), site(connection)
    except UnfitError as error:
        yield Finding(DATABASE, "wrong", str(error))
        return
    except psycopg.Error as error:
        yield Finding(DATABASE, "away", explain(error))
        return
    closed = obstacle(url)
    looked = list(site_findings(this_site, is_pooled=is_pooled)) if this_site else []
    if closed and all(finding.state != "wrong" for finding in looked):
        yield Finding(DATABASE, "wrong", closed)
        return
    yield from looked


def opened_secrets(settings: Settings) -> tuple[list[Finding], dict[str, str]]:
    """Open everything sealed, and leave it as it was; also every account's token."""
    seal = Seal(settings.secret_keys)
    with connected(settings.database_url, WORK) as connection:
        kept, empty = sealed_values.load(connection), sealed_values.without_token(connection)
    unopened = [kept_secret for kept_secret in kept if not seal.opens(kept_secret.sealed)]
    findings = [key_finding(seal, kept, unopened)]
    is_lost = any(kept_secret.sealed_kind == "salt" for kept_secret in unopened)
    findings += [
        Finding(
            str(kept_secret), "wrong", "none of the keys opens it either" if is_lost else secret_key.hint([kept_secret])
        )
        for kept_secret in unopened
        if kept_secret.sealed_kind != "salt"
    ]
    findings += [
        Finding(f"token of {account}", "wrong", f"was lost: perfectum-sms account token {account}") for account in empty
    ]
    tokens = {
        kept_secret.account or "": seal.open(kept_secret.sealed)
        for kept_secret in kept
        if kept_secret.sealed_kind == "token" and kept_secret not in unopened
    }
    return findings, tokens


def key_finding(seal: Seal, kept: Sequence[Kept], unopened: Sequence[Kept]) -> Finding:
    salt = [kept_secret for kept_secret in unopened if kept_secret.sealed_kind == "salt"]
    if salt:
        return Finding(SECRET_KEY, "wrong", secret_key.hint(salt))
    if older := sum(bool(seal.opener(kept_secret.sealed)) for kept_secret in kept):
        text = f"{older} of {len(kept)} sealed things need an older key: once every process has both, key rotate"
        return Finding(SECRET_KEY, "note", text)
    return Finding(SECRET_KEY, "ok", "opens what the database keeps sealed")


def turbosms(url: str, tokens: dict[str, str]) -> Iterator[Finding]:
    provider = TurboSms(url, deadline_s=TURBOSMS_S)
    try:
        ping = provider.ping(token=NOBODYS_TOKEN)
        address = urlsplit(url).hostname
        if isinstance(ping, NoReply):
            yield Finding("TurboSMS", "away", f"{address} does not answer ({ping.reason}): see SMS_TURBOSMS_URL.")
            return
        is_real = url == TURBOSMS_URL
        yield (
            Finding("TurboSMS", "ok", f"{address} answers")
            if is_real
            else Finding("TurboSMS", "note", f"{address} answers; it is not the real TurboSMS")
        )
        for account, token in tokens.items():
            yield judged(account, provider.balance(token=token))
    finally:
        provider.close()


def judged(account: str, reply: Reply | NoReply) -> Finding:
    what = f"token of {account}"
    if isinstance(reply, NoReply):
        return Finding(what, "away", f"TurboSMS does not answer ({reply.reason})")
    code = code_of_body(reply.body)
    if code is None:
        return Finding(what, "away", f"what answers is not TurboSMS (HTTP {reply.status})")
    match code.code_class:
        case CodeClass.OK:
            balance = balance_of(reply)
            money = f"; {format_price(balance)} UAH left" if isinstance(balance, Decimal) else ""
            return Finding(what, "ok", f"TurboSMS takes it{money}")
        case CodeClass.TOKEN:
            return Finding(
                what, "wrong", f"{code.en} ({code.number}). Replace it: perfectum-sms account token {account}"
            )
        case _:
            return Finding(what, "note", f"TurboSMS says: {code.en} ({code.number})")


def code_of_body(body: bytes) -> Code | None:
    try:
        return code_in(orjson.loads(body))
    except orjson.JSONDecodeError:
        return None
