"""The states of a notification and the moves between them; .github/CONTRIBUTING.md draws them.

`skipped` rows begin finished, and so do `failed` ones whose template does not forgive a missing value. A cancelled,
expired or failed row that was never sent may be planned anew; an unconfirmed one only by a person, who prefers twice to
never. An acceptance that comes late, from a worker that was frozen, is true whatever was believed meanwhile; so is a
receipt. Receipts come in any order: `undelivered` is believed until another channel or message arrives after all, or a
better reason comes.
"""

from collections.abc import Mapping

_ARRIVALS = frozenset({"sent", "delivered", "read"})
_RECEIPTS = _ARRIVALS | {"undelivered"}
_LATE = _RECEIPTS | {"accepted"}
_FROM_WAITING = frozenset({"sending", "expired", "cancelled", "failed", "accepted"}) | _ARRIVALS

MOVES: Mapping[str, frozenset[str]] = {
    "planned": _FROM_WAITING | {"postponed"},
    "postponed": _FROM_WAITING | {"planned", "postponed"},
    "sending": frozenset({"accepted", "postponed", "refused", "unconfirmed"}),
    "accepted": _RECEIPTS,
    "sent": frozenset({"delivered", "read", "undelivered"}),
    "undelivered": frozenset({"undelivered", "delivered", "read"}),
    "delivered": frozenset({"read"}),
    "unconfirmed": _LATE | {"planned"},
    "failed": _LATE | {"planned", "postponed"},
    "expired": _LATE | {"planned", "postponed"},
    "cancelled": _LATE | {"planned", "postponed"},
    "refused": _LATE,
    "read": frozenset(),
    "skipped": frozenset(),
}

#: States of rows that were taken back before anybody was sent anything: the same fact may plan them anew.
WITHDRAWN = ("cancelled", "expired")


def may_move(before: str, after: str) -> bool:
    return after in MOVES[before]


def states_before(after: str) -> list[str]:
    return sorted(before for before in MOVES if may_move(before, after))


#: States of rows that nobody has claimed, and that may still be.
WAITING = tuple(states_before("sending"))
#: Those of rows that are to be sent or are being sent.
TO_SEND = (*WAITING, "sending")
#: Those of rows that TurboSMS has taken, whatever came of them there.
WENT = tuple(sorted(_LATE))
#: States that a text which goes well does not pass: an operator looks for them among all that did.
ENDED_OTHERWISE = MOVES.keys() - {*TO_SEND, "accepted", "sent", "delivered"}
#: States in which a text is handed over, or over; whatever else it goes through is on its way there.
ENDS = frozenset(
    {
        *("accepted", "delivered", "read", "undelivered", "refused", "unconfirmed"),
        *("failed", "expired", "cancelled", "skipped"),
    }
)
