"""The control addresses of a simulated TurboSMS, as commands ask them."""

from typing import Annotated, Any

import typer

from worker.cli.terminal import Exit, stop
from worker.language import _
from worker.settings.environment import TURBOSMS

HOST, PORT = "127.0.0.1", 8770
URL = f"http://{HOST}:{PORT}"
LOOK_S = 5.0
NOT_KNOWN, WRONG = 404, 400

Url = Annotated[str, typer.Option("--url", envvar=TURBOSMS, help="Where the simulator answers.")]


def ask(url: str, verb: str, path: str, given: object = None) -> Any:  # noqa: ANN401 (JSON)
    """Its answer; the end of the command where it refuses, or nobody is there."""
    import httpx  # noqa: PLC0415 (help must be quick)

    from worker.turbosms.transport import ssl_context  # noqa: PLC0415 (likewise)

    address = f"{url.rstrip('/')}/_simulator/{path}"
    try:
        answer = httpx.request(verb, address, json=given, timeout=LOOK_S, trust_env=False, verify=ssl_context())
        if answer.status_code in {NOT_KNOWN, WRONG}:
            code = Exit.NOT_FOUND if answer.status_code == NOT_KNOWN else Exit.USAGE
            raise stop(_("The simulator refuses it: {error}.", error=answer.json()["error"]), code)
        answer.raise_for_status()
        return answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        hint = _("Start it with perfectum-sms simulator, or with perfectum-sms up --simulator.")
        raise stop(_("No simulator answers at {url}. {hint}", url=url, hint=hint), Exit.AWAY) from None
