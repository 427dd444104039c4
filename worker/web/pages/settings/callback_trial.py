"""A report as TurboSMS posts one, sent to the address that it was given: does it arrive?"""

import secrets
from http import HTTPStatus

import httpx

from worker.language import _
from worker.turbosms.callback import signed

#: A page waits so long for our own door.
DOOR_S = 5.0
#: By this try a report of nobody's message is answered as taken.
LAST_TRY = 9
#: What the door says of it.
NOT_OURS = "This message is not ours."


def try_callback(address: str, key: str) -> str | None:
    """Post a report of a message that nobody sent; None: it has arrived, or else what happened and what to do."""
    body = signed(f"trial-{secrets.token_hex(8)}", key, message_id=f"trial-{secrets.token_hex(8)}", nth=LAST_TRY)
    try:
        with httpx.Client(timeout=DOOR_S, trust_env=False) as client:
            response = client.post(address, content=body, headers={"Content-Type": "application/json"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        return _("Nothing answers at {address} ({reason}): ask the operator.", address=address, reason=reason)
    if response.status_code == HTTPStatus.OK and NOT_OURS in response.text:
        return None
    if response.status_code == HTTPStatus.FORBIDDEN:
        return _("The door does not know this key yet: try again in a minute.")
    return _(
        "Something else answers at {address}, with HTTP {status}: ask the operator where it leads.",
        address=address,
        status=response.status_code,
    )
