"""`perfectum-sms demo`, loaded when it is asked for."""

import typer

from worker.cli.connections import answering, settings_for
from worker.cli.terminal import Exit, console, stop
from worker.language import _
from worker.settings.environment import AMQP, DATABASE


def demo() -> None:
    """Publish a realistic set of CRM events, wait for the end of each, and show what became of it.

    Exits 0 only if everything ends as expected and the CRMs have heard of it. Needs `SMS_AMQP_URL` and
    `SMS_DATABASE_URL`; `make demo` finds both. Nobody is written to: the provider is the simulator. It plays in a
    database of its own, or in a schema of its own where the role may not make databases, and leaves nothing behind.
    """
    settings = settings_for((AMQP, DATABASE))
    from worker.amqp.connection import CONNECTION_ERRORS, describe, fix  # noqa: PLC0415
    from worker.cli.demo.demo import demo as play  # noqa: PLC0415 (help must be quick)
    from worker.cli.demo.environment import DemoError  # noqa: PLC0415
    from worker.store.db.temporary_database import ScratchError  # noqa: PLC0415

    try:
        with answering():
            code = play(settings, console())
    except (DemoError, ScratchError) as error:
        raise stop(str(error)) from None
    except CONNECTION_ERRORS as error:
        raise stop(
            _("RabbitMQ does not let us in: {error}. {fix}", error=describe(error), fix=fix(error)), Exit.AWAY
        ) from None
    raise typer.Exit(code)
