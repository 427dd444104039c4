"""Hides what a stranger's sentence may carry: phones, tokens, passwords. Ours never carry them to begin with."""

import re

HIDDEN = "***"

# An IP address is no phone (its numbers begin with no zero), nor is a date or a decimal fraction.
_ADDRESS = r"(?!(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}(?![\d.]))"
_DATE = r"(?!\d{4}-\d\d-\d\d)"
_DECIMAL = r"(?!\d+\.\d+(?!\d|[ .()\-]*\d))"
_RUN = re.compile(rf"(?<![\w.])\+?{_ADDRESS}{_DATE}{_DECIMAL}\(?\d(?:[ \t\u00a0().\-]{{0,3}}\d){{8,14}}(?!\w)")
#: The shapes in which Ukrainian numbers are stored: too strict to hit an id of ours.
STORED = re.compile(r"(?<![\w-])\+?(?:380\d{9}|80\d{9}|0\d{9})(?![\w-])")
# Every repetition is bounded or begins at a fixed sign: a long sentence costs its length, not its square.
_SECRETS = (
    (re.compile(r"(?i)\b(bearer|basic)\s{1,9}[^\s\"',;]+"), r"\1 " + HIDDEN),
    (
        re.compile(
            r"(?i)((?:token|secret|password|passwd|api[_-]?key)[\"']?\s{0,9}[=:]\s{0,9})(?!\*)[\"']?[^\s\"',;&]+"
        ),
        r"\1" + HIDDEN,
    ),
    (re.compile(r"(://)[^\s/@]{1,500}@"), r"\1" + HIDDEN + "@"),
    (re.compile(r"(?<![\w/.%+-])[\w.%+-]{1,100}:[^\s:/@]{1,500}@(?=[\w\[])"), HIDDEN + "@"),
)
#: What each of these patterns needs somewhere, or a stored phone; nearly all that we log has none of it.
_SUSPICIOUS = re.compile(rf"[\s=:]|{STORED.pattern}")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def mask(text: str) -> str:
    """Mask phone-like digit runs and secrets in a foreign sentence."""
    return _RUN.sub(HIDDEN, mask_secrets(text))


def mask_phones(text: str) -> str:
    """Mask phones alone, for an operator who must see the rest."""
    return _RUN.sub(HIDDEN, text)


def mask_own(text: str) -> str:
    """Mask only what is exactly a stored phone, and secrets; ids stay."""
    if not _SUSPICIOUS.search(text):
        return text
    return STORED.sub(HIDDEN, mask_secrets(text))


def mask_secrets(text: str) -> str:
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def visible(text: str) -> str:
    """Text that cannot move a terminal's cursor, change its colours or turn its direction."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
