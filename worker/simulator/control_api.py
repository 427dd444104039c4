"""The control addresses under `/_simulator/`: what the provider remembers, and how a test bends it."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any, Literal

import orjson
from pydantic import NonNegativeInt, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from worker.simulator.app import Simulator
from worker.simulator.delivery_reports import Report, ReportFault
from worker.simulator.fates import Fate
from worker.simulator.faults import Fault
from worker.simulator.http_request import as_object
from worker.simulator.inbox.page import show_inbox
from worker.simulator.ledger import Account, Pinned, account_of, pin, settle_refunds
from worker.simulator.messages import Mailing, Message
from worker.simulator.report_sender import announce_report, status_label
from worker.simulator.scripts import Armed, Script
from worker.simulator.settings import NotEmpty, Phone, Strict, Switches
from worker.simulator.status_queries import costs, newest_channel

Given = dict[str, object]
Act = Callable[[Simulator, Request, Given], object]


class _Page(Strict):
    recipient: Phone | None = None
    sequence_id: str | None = None
    after: NonNegativeInt = 0
    limit: NonNegativeInt | None = None


class _Pin(Strict):
    """A status by hand; any word, known or not. By default of the channel that the message is on."""

    status: NotEmpty
    channel: Literal["sms", "viber"] | None = None
    rejected_status: str = ""


class _ByHand(Strict):
    """A report by hand, with the status as it shall go out."""

    message_id: NotEmpty
    status: NotEmpty = "DELIVRD"
    event_id: NotEmpty | None = None
    forged: bool = False


class _Advance(Strict):
    advance_s: float


class _Stop(Strict):
    recipient: Phone


def control_routes(simulator: Simulator) -> list[BaseRoute]:
    """The routes, relative to `/_simulator`."""
    acts: list[tuple[str, str, Act]] = [
        ("GET", "/messages", _messages),
        ("PATCH", "/messages/{message_id}", _pin),
        ("GET", "/callbacks", _reports),
        ("POST", "/callbacks", _report_by_hand),
        ("GET", "/state", _state),
        ("POST", "/reset", _reset),
        ("GET", "/settings", _switches),
        ("PATCH", "/settings", _switches),
        ("POST", "/clock", _advance_clock),
        ("GET", "/stoplist", _stopped),
        ("POST", "/stoplist", _stop),
        ("DELETE", "/stoplist", _let_go),
        ("POST", "/accounts", _set_account),
    ]
    for path, script in (("/faults", Fault), ("/fates", Fate), ("/callback-faults", ReportFault)):
        acts += [(verb, path, partial(_scripts, script, verb)) for verb in ("GET", "POST", "DELETE")]
    inbox = Route("/inbox", partial(show_inbox, simulator), methods=["GET"])
    return [inbox, *(Route(path, _endpoint(simulator, act), methods=[verb]) for verb, path, act in acts)]


def _endpoint(simulator: Simulator, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            given = as_object(orjson.loads(await request.body() or b"{}"))
            if given is None:
                return _json({"error": "the body must be a JSON object"}, 400)
            result = act(simulator, request, given)
            simulator.courier.nudge()
            return _json(result)
        except orjson.JSONDecodeError:
            return _json({"error": "the body must be JSON"}, 400)
        except LookupError as error:
            return _json({"error": str(error.args[0])}, 404)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            return _json({"error": "; ".join(faults)}, 400)
        except ValueError as error:
            return _json({"error": str(error)}, 400)

    return answer


def _json(value: object, status: int = 200) -> Response:
    """Money is a number in it."""
    return Response(orjson.dumps(value, default=float), status, media_type="application/json")


def _scripts(kind: type[Script], verb: str, simulator: Simulator, _request: Request, given: Given) -> object:
    """The scripts of a kind, with one more, or none any more."""
    world = simulator.world
    by_kind: dict[type[Script], list[Armed[Any]]] = {
        Fault: world.faults,
        Fate: world.fates,
        ReportFault: world.report_faults,
    }
    scripts = by_kind[kind]
    if verb == "DELETE":
        scripts.clear()
    if verb == "POST":
        scripts.append(Armed(kind.model_validate(given)))
    return [armed.to_json() for armed in scripts]


def _reports(simulator: Simulator, _request: Request, _: Given) -> object:
    """Every delivery report, with what each try met."""
    return [_report_row(report) for report in simulator.world.outbox.log]


def _report_row(report: Report) -> object:
    fields = asdict(report)
    del fields["token"], fields["echoes"]
    return fields


def _report_by_hand(simulator: Simulator, _request: Request, given: Given) -> object:
    asked = _ByHand.model_validate(given)
    world, message = simulator.world, _message_of(simulator, asked.message_id)
    token = account_of(world, message).token
    report = announce_report(world, token, message, status=asked.status, now=simulator.now())
    report.is_forged = asked.forged
    report.event_id = asked.event_id or report.event_id
    return _report_row(report)


def _pin(simulator: Simulator, request: Request, given: Given) -> object:
    """Give a message a status, and report it if its account wants reports."""
    world, message = simulator.world, _message_of(simulator, request.path_params["message_id"])
    asked, now = _Pin.model_validate(given), simulator.now()
    channel = asked.channel or newest_channel(message, now).channel
    pin(world, message, channel, Pinned(asked.status, now, asked.rejected_status))
    account = account_of(world, message)
    if account.callback_url:
        announce_report(world, account.token, message, status=status_label(asked.status, world.switches), now=now)
    return _message_row(simulator, message)


def _message_of(simulator: Simulator, message_id: str) -> Message:
    message = simulator.world.by_id.get(message_id)
    if message is None:
        raise LookupError("no such message")
    return message


def _messages(simulator: Simulator, request: Request, _: Given) -> object:
    page = _Page.model_validate(dict(request.query_params))
    messages = (
        message
        for message in simulator.world.messages[page.after :]
        if page.recipient in {None, message.recipient} and page.sequence_id in {None, message.mailing.sequence_id}
    )
    return [_message_row(simulator, message) for message in islice(messages, page.limit)]


def _message_row(simulator: Simulator, message: Message) -> dict[str, object]:
    # asdict copies deeply: slow for thousands.
    own = {name: getattr(message, name) for name in Message.__slots__ if name != "mailing"}
    asked = {name: getattr(message.mailing, name) for name in Mailing.__slots__}
    channels = costs(simulator.world, message, simulator.now())
    return own | asked | {"status": channels[-1]["status"], "channels": channels}


def _state(simulator: Simulator, _request: Request, _: Given) -> object:
    world, counts, outbox = simulator.world, simulator.world.counts, simulator.world.outbox
    settle_refunds(world, simulator.now())
    states = Counter(report.state for report in outbox.log)
    return {
        "requests": dict(counts.requests),
        "posts": counts.requests["message/send"] + counts.requests["message/sendmulti"],
        "created": len(world.messages),
        "repeats": counts.repeats,
        "refused_requests": {str(code): times for code, times in counts.refused_requests.items()},
        "refused_rows": {str(code): times for code, times in counts.refused_rows.items()},
        "callbacks": dict(states),
        "callbacks_in_flight": states["waiting"] - len(outbox.waiting) - len(outbox.held),
        "callback_due_at": outbox.waiting[0][0] if outbox.waiting else None,
        "balances": {account.name: account.balance for account in world.accounts.values()},
        "in_flight": counts.in_flight,
        "in_flight_max": counts.in_flight_max,
        "now": simulator.now(),
    }


def _reset(simulator: Simulator, request: Request, given: Given) -> object:
    simulator.reset()
    return _state(simulator, request, given)


def _switches(simulator: Simulator, _request: Request, given: Given) -> object:
    """All switches, those given changed."""
    simulator.world.switches = Switches.model_validate(simulator.world.switches.model_dump() | given)
    return simulator.world.switches.model_dump()


def _advance_clock(simulator: Simulator, _request: Request, given: Given) -> object:
    simulator.ahead_s += _Advance.model_validate(given).advance_s
    return {"now": simulator.now()}


def _stopped(simulator: Simulator, _request: Request, _: Given) -> object:
    return sorted(simulator.world.stoplist)


def _stop(simulator: Simulator, _request: Request, given: Given) -> object:
    simulator.world.stoplist.add(_Stop.model_validate(given).recipient)
    return {"stopped": len(simulator.world.stoplist)}


def _let_go(simulator: Simulator, _request: Request, given: Given) -> object:
    simulator.world.stoplist.discard(_Stop.model_validate(given).recipient)
    return {"stopped": len(simulator.world.stoplist)}


def _set_account(simulator: Simulator, _request: Request, given: Given) -> object:
    """Open an account, or change the named fields of the one with this token."""
    accounts = simulator.world.accounts
    known = accounts.get(str(given.get("token")))
    start = {"name": f"account-{len(accounts) + 1}", "senders": ()} if known is None else known.model_dump()
    account = Account.model_validate(start | given)
    if any(other.name == account.name and other.token != account.token for other in accounts.values()):
        raise ValueError("name: another account has it; choose a new one")
    accounts[account.token] = account
    senders = {name: sorted(getattr(account, name)) for name in ("senders", "viber_senders")}
    return {"name": account.name, "balance": account.balance, **senders, "callback_url": account.callback_url}
