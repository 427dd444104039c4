"""Phones as they are shown to whoever may not see them whole."""


def masked(e164: str) -> str:
    """A number fit for display: `+38067***4567`; at least three digits are always hidden."""
    if len(e164) >= len("+380671234567"):
        return f"{e164[:6]}***{e164[-4:]}"
    return f"{e164[:4]}***{e164[-2:]}" if len(e164) > len("+4850123") else "***"
