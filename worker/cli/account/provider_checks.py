"""Whether TurboSMS takes a sender and a token, asked before they are saved."""

from contextlib import closing
from typing import Annotated

import typer

from worker.cli.connections import settings_for
from worker.cli.terminal import echo, stop
from worker.core.accounts.sender_name import why_unfit
from worker.language import _, marked
from worker.settings.environment import DATABASE, SECRET_KEY

Unchecked = Annotated[bool, typer.Option("--unchecked", help="Save what TurboSMS would refuse, or without asking it.")]
INSIST = marked("nothing was saved; --unchecked saves it all the same.")


def insist_on_sender(sender: str | None, *, is_unchecked: bool) -> None:
    problem = why_unfit(sender) if sender is not None and not is_unchecked else None
    if problem:
        raise stop(_("The sender {sender} {problem}: {insist}", sender=sender, problem=problem, insist=_(INSIST)))


def insist_on_token(token: str, *, is_unchecked: bool) -> None:
    """Ask TurboSMS for the balance with this token; the end of the command where it refuses it."""
    if is_unchecked:
        return
    from worker.cli.operate.check_probes import TURBOSMS_S, judged  # noqa: PLC0415 (help must be quick)
    from worker.steps.accounts.credentials import check_token  # noqa: PLC0415 (help must be quick)
    from worker.turbosms.client import TurboSms  # noqa: PLC0415 (help must be quick)

    settings = settings_for((DATABASE, SECRET_KEY))
    with closing(TurboSms(settings.turbosms_url, deadline_s=TURBOSMS_S)) as provider:
        finding = judged("it", check_token(provider, token))
    match finding.state:
        case "ok":
            echo(_("TurboSMS takes the token."))
        case "wrong":
            raise stop(
                _(
                    "TurboSMS refuses the token: {problem}; {insist}",
                    problem=finding.detail.partition(". Replace")[0],
                    insist=_(INSIST),
                )
            )
        case _:
            echo(_("The token could not be tried: {detail}. Try it later: perfectum-sms check", detail=finding.detail))
