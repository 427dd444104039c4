"""Words in the body of an event, which may write them as JSON escapes or be no text at all."""

import re
from collections.abc import Iterable

ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def mentions(bodies: Iterable[bytes], text: str) -> bool:
    """Whether one of these holds a text, in whatever case and however JSON writes its letters."""
    wanted = text.casefold()
    return any(wanted in words(body).casefold() for body in bodies)


def words(body: bytes) -> str:
    """A body as people read it; what is no UTF-8 is one sign each."""
    text = body.decode(errors="replace")
    if "\\" not in text:
        return text
    return ESCAPED.sub(unescaped, text).encode("utf-16", "surrogatepass").decode("utf-16", errors="replace")


def unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else CONTROLS.get(match[2], match[2])
