"""A text written by hand, as its writer meant it: without HTML, and with `{{code}}` read as `{code}`."""

import re
from functools import lru_cache
from html import unescape
from html.entities import html5

#: The final semicolon is asked for: without it `&region=5` in a link would become `®ion=5`. Repeated escaping
#: (`&amp;amp;#039;`) goes at once, so that a hostile chain costs one pass.
ENTITY = re.compile(r"&(?:(?:amp|#0*38|#[xX]0*26);)*(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
TAG = re.compile(r"<!--.*?-->|</?([a-zA-Z][a-zA-Z0-9:-]*)(?:\s[^<>]*|/)?>", re.DOTALL)
#: As Mustache, Twig and Blade write a shortcode.
DOUBLED = re.compile(r"\{{2,3}\s*([a-z][a-z0-9_]*(?::[a-z]+)?(?:\|[^{}]*)?)\s*\}{2,3}")
INLINE = frozenset(
    "a abbr b bdi bdo big code del em font i img ins mark s small span strong sub sup tt u wbr".split()  # noqa: SIM905
)
_CELL = frozenset(["td", "th"])
#: Where a block of HTML begins or ends; in a text written by hand it is a line break anyway.
_BREAK = "\v"


def as_meant(text: str) -> str:
    """The text of an admin or of `sms.send_requested`, before its shortcodes are looked for."""
    return _meant(text) if "<" in text or "&" in text or "{{" in text else text


def entity(match: re.Match[str]) -> str:
    """What an entity of HTML stands for, however often it was escaped; one that HTML does not know stays."""
    if match[1].startswith("#"):
        return unescape(f"&{match[1]};").replace("\ufffd", "")
    return html5.get(f"{match[1]};", f"&{match[1]};")


@lru_cache(maxsize=1024)
def _meant(text: str) -> str:
    blocks = TAG.sub(_tag, ENTITY.sub(entity, text)).split(_BREAK)
    return DOUBLED.sub(r"{\1}", "\n".join(filter(None, map(str.strip, blocks))))


def _tag(match: re.Match[str]) -> str:
    """What replaces a tag: paragraphs and list items become lines, words keep together."""
    name = (match[1] or "").lower()
    return "" if not name or name in INLINE else " " if name in _CELL else _BREAK
