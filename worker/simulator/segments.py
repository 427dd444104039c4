"""How many SMS segments a text takes; the simulated provider's own count, made without asking the worker."""

from __future__ import annotations

_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_PAIRS = frozenset("\f^{}\\[~]|€")
_GSM_7_ALL = _GSM_7 | _GSM_7_PAIRS

_LONGEST_GSM_7 = 1521
_LONGEST_UCS_2 = 661


def segments_of(text: str) -> int:
    """Segments billed: 160 or 153 septets, 70 or 67 16-bit units each (3GPP TS 23.038 and 23.040)."""
    units = _units(text)
    single, joined = (160, 153) if _is_gsm_7(text) else (70, 67)
    return 1 if units <= single else -(-units // joined)


def is_too_long(text: str) -> bool:
    """Whether TurboSMS would refuse the text with 413."""
    return _units(text) > (_LONGEST_GSM_7 if _is_gsm_7(text) else _LONGEST_UCS_2)


def _is_gsm_7(text: str) -> bool:
    return _GSM_7_ALL.issuperset(text)


def _units(text: str) -> int:
    if _is_gsm_7(text):
        return len(text) + sum(map(text.count, _GSM_7_PAIRS))
    return len(text.encode("utf-16-le")) // 2
