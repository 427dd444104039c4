"""What connects an account with TurboSMS: its token, tried before it is kept, and the key that signs callbacks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

import orjson

from worker.core.sending.pause import ACCOUNT, NO_TOKEN
from worker.store.accounts import accounts, callback_keys
from worker.store.accounts.sealed_places import callback_key_of, token_of
from worker.store.accounts.secrets import Seal, current
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection
from worker.store.sending import pauses
from worker.turbosms.balance import balance_of
from worker.turbosms.client import NoReply, Reply, TurboSms
from worker.turbosms.codes import Code, CodeClass, code_in
from worker.turbosms.senders import QUESTION, KnownSender, senders_of

#: What an Authorization header may hold.
SECRET = re.compile(r"[!-~]{1,500}")


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """What TurboSMS says of a token.

    Attributes:
        state: `taken`, `refused`, `unclear` where it answers something else, `away` where nothing answers for it.
        balance: hryvnias, where it was told.
        reason: why nothing answered.
    """

    state: Literal["taken", "refused", "unclear", "away"]
    balance: Decimal | None = None
    code: Code | None = None
    reason: str = ""


def check_token(provider: TurboSms, token: str) -> TokenCheck:
    """Ask TurboSMS for the balance with this token."""
    return checked(provider.balance(token=token))


def checked(reply: Reply | NoReply) -> TokenCheck:
    if isinstance(reply, NoReply):
        return TokenCheck("away", reason=reply.reason)
    code = code_of_body(reply.body)
    if code is None:
        return TokenCheck("away", reason=f"HTTP {reply.status}")
    if code.code_class == CodeClass.TOKEN:
        return TokenCheck("refused", code=code)
    if code.code_class != CodeClass.OK:
        return TokenCheck("unclear", code=code)
    balance = balance_of(reply)
    return TokenCheck("taken", balance if isinstance(balance, Decimal) else None, code)


def senders_known(provider: TurboSms, token: str) -> Sequence[KnownSender] | str:
    """Which senders TurboSMS has for a token, or why that is not known."""
    return senders_of(provider.senders(QUESTION, token=token))


def code_of_body(body: bytes) -> Code | None:
    try:
        return code_in(orjson.loads(body))
    except orjson.JSONDecodeError:
        return None


def set_token(connection: Connection, seal: Seal, account: str, token: str, *, by: str) -> bool | None:
    """Keep another token; whether a pause for want of one ended, or None: there is no such account."""
    if not accounts.replace_token(
        connection, account, current(connection, seal).close(token.encode(), token_of(account))
    ):
        return None
    note(connection, by, "token", account, account=account)
    return pauses.end(connection, account, ACCOUNT, NO_TOKEN)


def set_callback_key(connection: Connection, seal: Seal, account: str, key: str | None, *, by: str) -> bool:
    """Keep another security key of callbacks; None: they are refused from now on. False: there is no such account."""
    place = callback_key_of(account)
    sealed = None if key is None else current(connection, seal).close(key.encode(), place)
    if not callback_keys.replace(connection, account, sealed):
        return False
    note(connection, by, "token", f"{account}, key of callbacks", account=account)
    return True


def callback_key(connection: Connection, seal: Seal, account: str) -> str | None:
    """The key of callbacks; None: there is none, or ours does not open it."""
    sealed = callback_keys.sealed_of(connection, account)
    return seal.opened_or_none(sealed, callback_key_of(account)) if sealed else None


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """How far an account is connected; `token_end` are the last four signs, None where there is none that opens."""

    token_end: str | None
    has_callback_key: bool
    last_callback: datetime | None


def state_of(connection: Connection, seal: Seal, account: str) -> ConnectionState:
    sealed = accounts.sealed_tokens(connection).get(account)
    token = seal.opened_or_none(sealed, token_of(account)) if sealed else None
    return ConnectionState(
        token[-4:] if token else None,
        callback_keys.is_set(connection, account),
        callback_keys.last_callback(connection, account),
    )
