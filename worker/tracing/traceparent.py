"""W3C Trace Context, https://www.w3.org/TR/trace-context/: which trace an event or a message belongs to."""

import re

ATTRIBUTES = frozenset({"traceparent", "tracestate"})
#: A newer version may carry more behind the flags; of the only one that there is nothing follows.
_FORM = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-[!-~]{0,200})?")
_FIRST = "00"


def traceparent_of(written: object) -> str | None:
    """What somebody wrote as `traceparent`, in the form of the first version; None where it is no such thing."""
    if isinstance(written, bytes):
        written = written.decode(errors="replace")
    found = _FORM.fullmatch(written) if isinstance(written, str) else None
    if found is None or (found[1] == _FIRST and found[5]):
        return None
    return f"{_FIRST}-{found[2]}-{found[3]}-{found[4]}"
