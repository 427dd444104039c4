"""`perfectum-sms template rename`: a custom template under another name, with everything that it ever said."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.template.context import AccountId, Name, desk
from worker.cli.terminal import Exit, say, stop
from worker.core.authoring.template_scope import why_no_name
from worker.store.accounts import templates


def rename(
    account: AccountId,
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="What people shall call it.")],
) -> None:
    """Call a custom template otherwise, in all its languages; its versions and their authors stay.

    The CRM names it in `sms.send_requested`: events with the old name find nothing any more.

    - `perfectum-sms template rename acme "Знижка" "Знижка до свята"`
    """
    if reason := why_no_name(new):
        raise stop(f"NEW {new} {reason}.", Exit.USAGE)
    with ledger() as connection:
        found = desk(connection, account, to_edit=True)
        if found.subject(name).trigger:
            raise stop(f"{name} is a trigger: its name is the catalogue's.", Exit.USAGE)
        if new != name and any(one.name == new for one in found.kept):
            raise stop(f"{new} is there already: nothing was renamed.")
        templates.rename(connection, account, name, new)
    say(f"{name} is called {new} now. The CRM must name it so in sms.send_requested.")
