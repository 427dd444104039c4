"""The stop-list: phones that are not written to, at all or with advertising."""

#: Nothing goes to such a phone, be it a client's or a colleague's, urgent or not.
ALL = "all"
#: Advertising does not; what the person asked for or must know still does.
MARKETING = "marketing"
SCOPES = (ALL, MARKETING)
SUPPRESSED = "suppressed"


def stops(scope: str | None, message_class: str) -> bool:
    return scope == ALL or (scope == MARKETING and message_class == "marketing")
