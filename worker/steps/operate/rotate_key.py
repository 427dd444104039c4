"""The newest key takes the place of older ones: everything sealed is sealed anew, and read again to be sure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from worker.store.accounts import sealed_values
from worker.store.accounts.sealed_values import Kept, SealedKind
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Connection


@dataclass(frozen=True, slots=True)
class Rotated:
    resealed: Mapping[SealedKind, int]
    unopened: Sequence[Kept]


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """Sealed values of one kind under one of the keys: the newest is 1; None opens none of it."""

    kind: SealedKind
    key: int | None
    count: int
    accounts: Sequence[str]


def rotate_key(connection: Connection, seal: Seal) -> Rotated:
    """Seal everything with the newest key; what none of the keys opens stays as it is.

    Raises:
        ArithmeticError: something is still sealed with an older key; nothing was changed.
    """
    sealed_values.hold(connection)
    sealed = sealed_values.load(connection)
    older = [item for item in sealed if seal.opener(item.sealed, item.place)]
    sealed_values.replace(connection, [replace(item, sealed=seal.renew(item.sealed, item.place)) for item in older])
    after = sealed_values.load(connection)
    if any(seal.opener(item.sealed, item.place) for item in after):
        raise ArithmeticError("something is still sealed with an older key")
    unopened = [item for item in after if seal.opener(item.sealed, item.place) is None]
    return Rotated(Counter(item.sealed_kind for item in older), unopened)


def key_usage(sealed: Iterable[Kept], seal: Seal) -> list[KeyUsage]:
    groups: dict[tuple[SealedKind, int | None], list[str]] = {}
    for item in sealed:
        nth = seal.opener(item.sealed, item.place)
        groups.setdefault((item.sealed_kind, None if nth is None else nth + 1), []).append(item.account or "")
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or len(groups) + 1))
    return [
        KeyUsage(sealed_kind, key, len(names), [name for name in names if name])
        for (sealed_kind, key), names in ordered
    ]
