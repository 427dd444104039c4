"""An account's money at TurboSMS (`user/balance.json`, https://turbosms.ua/api.html)."""

from decimal import Decimal, InvalidOperation

import orjson

from worker.turbosms.client import NoReply, Reply


def balance_of(reply: Reply | NoReply) -> Decimal | str:
    if isinstance(reply, NoReply):
        return reply.reason
    try:
        body: object = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return f"HTTP {reply.status}"
    match body:
        case {"response_result": {"balance": int() | float() | str() as balance}}:
            return money(balance)
        case {"response_code": int() as code}:
            return f"code {code}"
        case _:
            return "unreadable"


def money(written: float | str) -> Decimal | str:
    try:
        amount = Decimal(str(written))
    except InvalidOperation:
        return "unreadable"
    return amount if amount.is_finite() else "unreadable"
