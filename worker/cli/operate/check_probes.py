"""What `check` looks at, one probe for each thing a worker needs; none of them writes to anybody."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as NotInTime
from datetime import datetime
from urllib.parse import urlsplit

import psycopg

from worker.amqp.connection import CONNECTION_ERRORS, describe, fix
from worker.amqp.publisher import Publisher
from worker.amqp.queue_loads import queue_loads
from worker.cli.connections import connected
from worker.cli.operate import secret_key
from worker.cli.operate.check_work import work
from worker.cli.operate.finding import Finding
from worker.cli.terminal import format_price
from worker.language import _, ngettext, of_pair
from worker.settings.environment import SECRET_KEY, TURBOSMS_URL, Settings
from worker.steps.accounts.credentials import TokenCheck, check_token
from worker.store.accounts import sealed_values
from worker.store.accounts.sealed_values import Kept
from worker.store.accounts.secrets import Seal
from worker.store.db.error_messages import explain
from worker.store.db.installation import Site, site
from worker.store.db.pooler import asked
from worker.store.db.postgres import Connection, clock
from worker.store.db.session import WORK, UnfitError
from worker.store.db.write_check import obstacle
from worker.store.ingest import unrecognized_values
from worker.store.ingest.unrecognized_values import MisreadField
from worker.store.monitoring import stalled_work, task_status
from worker.turbosms.client import NoReply, TurboSms

DATABASE = "PostgreSQL"
#: At most so many are listed.
FIELDS_SHOWN, TABLES_SHOWN = 50, 5
RABBITMQ_S = TURBOSMS_S = 10.0
#: TurboSMS answers anybody, if only with a refusal.
NOBODYS_TOKEN = "check"  # noqa: S105


def misread(connection: Connection) -> list[Finding]:
    recent = unrecognized_values.recent(connection, limit=FIELDS_SHOWN)
    return [Finding(_("events of {account}", account=item.account), "note", describe_field(item)) for item in recent]


def describe_field(item: MisreadField) -> str:
    times = ngettext(
        "data.{field}, {count} time, within a week",
        "data.{field}, {count} times, the last within a week",
        item.events,
        field=item.field,
    )
    if item.field.endswith(".status") and item.last_value:
        return _(
            "{times}: {last_value} is no status that is known, so it forbids no text. See event validate",
            times=times,
            last_value=repr(item.last_value),
        )
    if item.last_value:
        return _(
            "{times}: {last_value} is what programs write for no date, so nobody is greeted by it",
            times=times,
            last_value=item.last_value,
        )
    return _("{times}: could not be read and was done without. See event validate", times=times)


def site_findings(site: Site, *, is_pooled: bool) -> Iterator[Finding]:
    wrong = list(wrongs(site))
    yield from (Finding(DATABASE, "wrong", problem) for problem in wrong)
    if not wrong:
        pooled = _(", through a pooler of sessions") if is_pooled else ""
        address = _(
            "{version}, database {database} in UTF8, schema {lies_in}, role {role}{pooled}",
            version=site.version,
            database=site.database,
            lies_in=site.lies_in,
            role=site.role,
            pooled=pooled,
        )
        yield Finding(DATABASE, "ok", _("{address}; migrated, takes writes", address=address))
    if site.others:
        yield Finding(
            DATABASE, "note", _("another installation lies in the schema {others}", others=", ".join(site.others))
        )
    if site.is_owner:
        text = _("the role {role} serves all: it owns the tables, so it may change the audit too", role=site.role)
        yield Finding(DATABASE, "note", _("{text}. Roles of their own: perfectum-sms migrate --grants", text=text))
    if not site.may_keep_partitions:
        text = _("the role {role} cannot make the partitions of months to come", role=site.role)
        yield Finding(
            DATABASE, "note", _("{text}: let the tables' owner run perfectum-sms migrate every month", text=text)
        )
    if site.unawaited:
        text = _("a standby that lags behind when it takes over loses texts and sends some twice")
        yield Finding(
            DATABASE, "note", _("{text}: set synchronous_standby_names, so that commits wait for it", text=text)
        )


def wrongs(site: Site) -> Iterator[str]:
    if site.schema is None:
        yield _("the search_path names no schema that exists: fix options or the role's search_path")
    elif site.schema != site.lies_in:
        text = _(
            "the tables lie in the schema {lies_in}, new ones would go to {schema}",
            lies_in=site.lies_in,
            schema=site.schema,
        )
        yield _(
            "{text}: put {lies_in} first in the search_path (SMS_DATABASE_URL?options=-csearch_path%3D…)",
            text=text,
            lies_in=site.lies_in,
        )
    if site.closed:
        rest = len(site.closed) - TABLES_SHOWN
        more = ngettext(" and {count} more", " and {count} more", rest) if rest > 0 else ""
        tables = ", ".join(site.closed[:TABLES_SHOWN])
        yield _(
            "the role {role} may not read and write {tables}{more}: see perfectum-sms migrate --grants",
            role=site.role,
            tables=tables,
            more=more,
        )


def probes(settings: Settings, *, asks_tokens: bool) -> Iterator[Finding]:
    """Look at everything; what builds on a thing that is away is left out."""
    broker = rabbitmq(settings.amqp_url)
    yield broker
    if broker.state == "ok":
        yield consumers(queue_loads(settings.amqp_url, name="perfectum-sms check"))
    database = list(postgresql(settings.database_url))
    yield from database
    tokens: dict[str, str] = {}
    if all(finding.state in ("ok", "note") for finding in database):
        opened, tokens = opened_secrets(settings)
        yield from opened
        with connected(settings.database_url, WORK) as connection:
            yield scheduled(connection)
            yield from work(connection)
            yield from misread(connection)
    yield from turbosms(settings.turbosms_url, tokens if asks_tokens else {})


def rabbitmq(url: str) -> Finding:
    """Connect, and declare what we need, as every worker does."""
    publisher = Publisher(url, name="perfectum-sms check")
    try:
        publisher.publish([], patience_s=RABBITMQ_S).result(RABBITMQ_S)
        shut = publisher.declare_outcomes().result(RABBITMQ_S)
    except (*CONNECTION_ERRORS, NotInTime) as error:
        return Finding("RabbitMQ", "away", f"{describe(error)}. {fix(error)}")
    finally:
        publisher.close()
    if publisher.refused or shut:
        refused = "; ".join([*publisher.refused.values(), *([describe(shut)] if shut else [])])
        return Finding(
            "RabbitMQ", "wrong", _("{refused}. Delete what is declared otherwise, once it is empty.", refused=refused)
        )
    return Finding("RabbitMQ", "ok", _("connected; exchanges and queues are declared"))


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
    unopened = [item for item in kept if not seal.opens(item.sealed, item.place)]
    findings = [key_finding(seal, kept, unopened)]
    is_lost = any(item.sealed_kind == "salt" for item in unopened)
    findings += [
        Finding(str(item), "wrong", _("none of the keys opens it either") if is_lost else secret_key.hint([item]))
        for item in unopened
        if item.sealed_kind != "salt"
    ]
    lost = _("was lost: perfectum-sms account token")
    findings += [Finding(_("token of {account}", account=account), "wrong", f"{lost} {account}") for account in empty]
    opened = [item for item in kept if item.sealed_kind == "token" and item not in unopened]
    return findings, {item.account or "": seal.open(item.sealed, item.place) for item in opened}


def key_finding(seal: Seal, kept: Sequence[Kept], unopened: Sequence[Kept]) -> Finding:
    salt = [item for item in unopened if item.sealed_kind == "salt"]
    if salt:
        return Finding(SECRET_KEY, "wrong", secret_key.hint(salt))
    if older := sum(bool(seal.opener(item.sealed, item.place)) for item in kept):
        text = _(
            "need an older key: {older} of {all}; once every process has both, perfectum-sms key rotate",
            older=older,
            all=len(kept),
        )
        return Finding(SECRET_KEY, "note", text)
    return Finding(SECRET_KEY, "ok", _("opens what the database keeps sealed"))


def turbosms(url: str, tokens: dict[str, str]) -> Iterator[Finding]:
    provider = TurboSms(url, deadline_s=TURBOSMS_S)
    try:
        ping = provider.ping(token=NOBODYS_TOKEN)
        address = urlsplit(url).hostname
        if isinstance(ping, NoReply):
            yield Finding(
                "TurboSMS",
                "away",
                _("{address} does not answer ({reason}): see SMS_TURBOSMS_URL.", address=address, reason=ping.reason),
            )
            return
        if url == TURBOSMS_URL:
            yield Finding("TurboSMS", "ok", _("{address} answers", address=address))
        else:
            yield Finding("TurboSMS", "note", _("{address} answers; it is not the real TurboSMS", address=address))
        for account, token in tokens.items():
            yield judged(account, check_token(provider, token))
    finally:
        provider.close()


def judged(account: str, check: TokenCheck) -> Finding:
    what, code = _("token of {account}", account=account), check.code
    if check.state == "taken":
        money = _("; {balance} UAH left", balance=format_price(check.balance)) if check.balance is not None else ""
        return Finding(what, "ok", _("TurboSMS takes it{money}", money=money))
    if code is None:
        if check.reason.startswith("HTTP"):
            return Finding(what, "away", _("what answers is not TurboSMS ({reason})", reason=check.reason))
        return Finding(what, "away", _("TurboSMS does not answer ({reason})", reason=check.reason))
    if check.state == "refused":
        hint = _("Replace it: perfectum-sms account token {account}", account=account)
        return Finding(what, "wrong", f"{of_pair(code)} ({code.number}). {hint}")
    return Finding(what, "note", _("TurboSMS answers: {meaning} ({number})", meaning=of_pair(code), number=code.number))


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def consumers(loads: Mapping[str, tuple[int, int]]) -> Finding:
    left = [f"{queue} ({messages})" for queue, (messages, count) in loads.items() if messages and not count]
    if left:
        return Finding(
            "workers", "wrong", _("nobody consumes {left}: start perfectum-sms worker", left=", ".join(left))
        )
    deaf = [queue for queue, (_, count) in loads.items() if not count]
    if len(deaf) == len(loads):
        return Finding("workers", "note", _("none runs; nothing waits for one"))
    if deaf:
        return Finding("workers", "note", _("nobody consumes {deaf}; nothing lies there", deaf=", ".join(deaf)))
    return Finding("workers", "ok", _("every queue is consumed"))


def scheduled(connection: Connection) -> Finding:
    now = clock(connection)
    living = {run.runner for run in task_status.list_runs(connection) if task_status.lives(run, now=now)}
    if living:
        return Finding("schedulers", "ok", ngettext("{count} runs", "{count} run", len(living)))
    late = stalled_work.late_since(connection, now=now)
    if late:
        text = _("none runs, and something is due since {late}: start perfectum-sms scheduler", late=moment(late))
        return Finding("schedulers", "wrong", text)
    return Finding("schedulers", "note", _("none runs: reminders and what is postponed will wait for one"))
