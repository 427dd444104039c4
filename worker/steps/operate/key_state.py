"""Whether SMS_SECRET_KEY opens what this database keeps sealed: a state of the process, never a row's fault."""

from collections.abc import Callable, Sequence

from worker.steps.sending.post import OnAlert
from worker.store.accounts import sealed_values
from worker.store.accounts.sealed_values import Extent, Kept
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Asked, Connection, Pool, is_caused_by_input, transaction

NAMED_MAX = 3
UNOPENED = "secret_key.unopened"


class KeyState:
    """Whether the key opens what is sealed: checked by one thread, read by any; each change is reported once."""

    def __init__(
        self, pool: Pool, seal: Seal, on_alert: OnAlert, back: Callable[[], None], *, of: Extent = "everything"
    ) -> None:
        self._of: Extent = of
        self._pool = pool
        self._seal = seal
        self._on_unopened, self._back = on_alert, back
        self._mark: Asked | None = None
        self._opened = frozenset[Kept]()
        self._unopened: tuple[Kept, ...] = ()
        #: Whether no token at all opens, so that nothing can be sent from here.
        self.is_shut = False

    @property
    def unopened(self) -> int:
        return len(self._unopened)

    def look(self) -> str | None:
        """Describe what does not open; while PostgreSQL is away, as it was before."""
        try:
            with transaction(self._pool) as connection:
                sealed = self._read_if_changed(connection)
        except Exception as error:
            if is_caused_by_input(error):
                raise
            sealed = None
        if sealed is not None:
            self._judge(sealed)
        return describe_unopened(self._unopened) if self._unopened else None

    def _read_if_changed(self, connection: Connection) -> list[Kept] | None:
        mark = sealed_values.mark(connection, self._of)
        if mark == self._mark:
            return None
        sealed = sealed_values.load(connection, self._of)
        self._mark = mark
        return sealed

    def _judge(self, sealed: Sequence[Kept]) -> None:
        unopened = tuple(
            item for item in sealed if item not in self._opened and not self._seal.opens(item.sealed, item.place)
        )
        before, self._unopened = self._unopened, unopened
        self._opened = frozenset(sealed) - frozenset(unopened)
        tokens = [item for item in sealed if item.sealed_kind == "token"]
        self.is_shut = bool(tokens) and all(token in unopened for token in tokens)
        if {str(item) for item in unopened} - {str(item) for item in before}:
            self._on_unopened(UNOPENED, {"reason": describe_unopened(unopened)})
        elif before and not unopened:
            self._back()


def describe_unopened(unopened: Sequence[Kept]) -> str:
    named = ", ".join(map(str, unopened[:NAMED_MAX]))
    more = f" and {len(unopened) - NAMED_MAX} more" if len(unopened) > NAMED_MAX else ""
    return f"does not open {named}{more}. Give every process the newest key and the old one; see perfectum-sms key"
