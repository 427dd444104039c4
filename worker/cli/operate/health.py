"""`perfectum-sms health`: does a worker, a scheduler or a console really do its work?"""

import threading
from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.connections import settings_for
from worker.cli.terminal import AsJson, Exit, echo, emit, stop
from worker.health.report import Report
from worker.language import _
from worker.settings.environment import LISTEN, Address, Settings
from worker.store.db.installation import Installation, installation_at

#: Where a worker listens unless SMS_LISTEN says otherwise.
WORKER = Address("127.0.0.1", 9464)
#: Addresses to listen at that are none to connect to.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (nobody listens here)
ANSWER_S = 5.0
#: How long PostgreSQL may take to show whose database ours is; it is not what is asked for.
COMPARE_S = 3.0


def health(
    *,
    url: Annotated[str, typer.Option(help="Where it listens; else `SMS_LISTEN`, or a worker's default address.")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask a process of ours whether it really does its work: consumes, publishes, writes; and if not, why.

    Fit for a container's or a supervisor's health check. A worker listens at 127.0.0.1:9464, a scheduler at
    127.0.0.1:9465 and a console at 127.0.0.1:9466, unless `SMS_LISTEN` says otherwise; where that is taken
    the log (`http.listening`) has the address instead.

    - `perfectum-sms health`
    - `perfectum-sms health --url http://127.0.0.1:9465` asks the scheduler

    Exits 0 if it is ready, 1 if it is not, with the reasons, or if it works for another database than
    `SMS_DATABASE_URL` (where that is set and answers), and 4 if nothing answers.
    """
    settings = settings_for(())
    at = (url or here(settings)).rstrip("/")
    report = ask(at)
    doubt = doubt_of(report, ours(settings))
    if as_json:
        emit({**asdict(report), "doubt": doubt})
    else:
        show(at, report, doubt)
    if doubt or not report.ok:
        raise typer.Exit(Exit.FAILED)


def show(at: str, report: Report, doubt: str | None) -> None:
    whose = _(", database {database}", database=report.database) if report.database else ""
    who = _(
        "The {role} at {at} (pid {pid} on {host}{whose})",
        role=report.role,
        at=at,
        pid=report.pid,
        host=report.host,
        whose=whose,
    )
    echo(_("{who} is ready.", who=who) if report.ok else _("{who} is not ready:", who=who))
    for fault in report.faults:
        echo(f"- {fault}")
    if doubt:
        echo(doubt)


def ours(settings: Settings) -> Installation | None:
    """Which installation our own settings speak of; None where they do not, or PostgreSQL does not answer soon."""
    installations = list[Installation | None]()
    # A pooler lets one wait for minutes; whoever asks for our health does not.
    asking = threading.Thread(target=lambda: installations.append(installation_at(settings.database_url)), daemon=True)
    if settings.database_url:
        asking.start()
        asking.join(COMPARE_S)
    return installations[0] if installations else None


def doubt_of(report: Report, ours: Installation | None) -> str | None:
    """Why whoever answered is none of ours; None where nothing speaks against it."""
    if ours is None or not report.installation or report.installation == ours.id:
        return None
    return _(
        "It is another installation's: its database is {database} ({installation}), ours is "
        "{name} ({id}). Give the address of ours by --url; see http.listening in its log.",
        database=report.database,
        installation=report.installation,
        name=ours.name,
        id=ours.id,
    )


def here(settings: Settings) -> str:
    address = settings.listens_at(WORKER)
    if address is None:
        raise stop(_("{listen} is off: nobody listens.", listen=LISTEN))
    if not address.port:
        raise stop(
            _("{listen} takes a free port: write what the log says (http.listening) to --url.", listen=LISTEN),
            Exit.USAGE,
        )
    return f"http://{Address(EVERYWHERE.get(address.host, address.host), address.port)}"


def ask(at: str) -> Report:
    import httpx  # noqa: PLC0415 (help must be quick)

    from worker.turbosms.transport import ssl_context  # noqa: PLC0415 (likewise)

    try:
        answer = httpx.get(f"{at}/readyz", timeout=ANSWER_S, trust_env=False, verify=ssl_context())
        report = Report.from_json(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL):
        hint = _("Start it, or give its address by --url; see http.listening in its log, and {listen}.", listen=LISTEN)
        raise stop(_("Nothing answers at {at}. {hint}", at=at, hint=hint), Exit.AWAY) from None
    if report is None:
        raise stop(_("What answers at {at} is no worker, scheduler or console of ours.", at=at), Exit.AWAY)
    return report
